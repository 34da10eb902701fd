import type { OffsetMap } from '../../api/record.ts'
import { partitionText } from '../offsets/partition-text.ts'

type Entry = [partition: OffsetMap | null, offset: OffsetMap | null]

/** The newest offset of every source partition in a transaction. */
export class TransactionOffsets {
  #entries = new Map<string, Entry>()
  #latest: Entry | null = null

  put(partition: OffsetMap | null, offset: OffsetMap | null): void {
    // Tasks hand in the same object again and again; only a new one is compared by content.
    if (this.#latest !== null && this.#latest[0] === partition) {
      this.#latest[1] = offset
      return
    }
    const key = partitionText(partition)
    this.#latest = [partition, offset]
    this.#entries.set(key, this.#latest)
  }

  /** Gives them all away. */
  take(): readonly Entry[] {
    const entries = [...this.#entries.values()]
    this.#entries = new Map()
    this.#latest = null
    return entries
  }
}
