import type { JournalEntry } from './journal-entries.ts'

const blockSize = 1000

/** Gives out producer ids, none twice: a block of them is journaled before the first of it is given. */
export class ProducerIds {
  readonly #journal: (entry: JournalEntry) => void
  #next = 0
  #reserved = 0

  constructor(journal: (entry: JournalEntry) => void) {
    this.#journal = journal
  }

  next(): number {
    if (this.#next >= this.#reserved) {
      this.#journal({ type: 'producer-ids', next: this.#reserved + blockSize })
      this.#reserved += blockSize
    }
    return this.#next++
  }

  restore(entry: JournalEntry): void {
    if (entry.type === 'producer-ids') this.#next = this.#reserved = Math.max(entry.next, this.#reserved)
  }

  snapshot(): JournalEntry[] {
    return [{ type: 'producer-ids', next: this.#reserved }]
  }
}
