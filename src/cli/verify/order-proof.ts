import type { Line } from './line.ts'
import type { Occurrences } from './occurrences.ts'

/** A partition of the reference: what it still waits for, and from where on that is looked for. */
interface Waiting {
  digests: number[]
  at: number
}

/**
 * Proves that every partition's lines stand in the other side's order, whatever texts repeat: that each is a subsequence,
 * found by taking the earliest place that fits. Together with equal sums nothing is wrong then, even where the search for
 * the place of every single line took equal lines for each other. No proof is no disproof: what is too far back cannot be
 * looked at again.
 */
export class OrderProof {
  readonly #reach: number
  #isOpen = true
  /** Partitions of what is found: behind the place of the last line of each. */
  readonly #next = new Map<number, number>()
  readonly #waiting = new Map<number, Waiting>()
  /** What was found, from `#base` on: a partition of the reference may be read later than what is found of it. */
  #found: number[] = []
  #base = 0

  /** `reach`: how many lines back are looked at. */
  constructor(reach: number) {
    this.#reach = reach
  }

  expect({ partition, digest }: Line): void {
    if (!this.#isOpen || partition < 0) return
    const waiting = this.#waiting.get(partition)
    if (waiting === undefined) this.#waiting.set(partition, { digests: [digest], at: this.#base })
    else waiting.digests.push(digest)
  }

  /** `base`: where the window of the reference begins. */
  found({ partition, digest }: Line, places: Occurrences, base: number): void {
    if (!this.#isOpen) return
    if (this.#waiting.size > 0) {
      this.#found.push(digest)
      return
    }
    const next = this.#next.get(partition) ?? 0
    const place = places.first(digest, next, () => true)
    if (place < 0 || next < base) this.#giveUp()
    else this.#next.set(partition, place + 1)
  }

  /** Called now and then, so that little has to be kept. */
  advance(): void {
    const end = this.#base + this.#found.length
    const oldest = end - this.#reach
    for (const waiting of this.#waiting.values()) {
      this.#search(waiting)
      waiting.at = Math.max(waiting.at, oldest)
      // A line that was not among so many will not come.
      if (waiting.digests.length > this.#reach) return this.#giveUp()
    }
    if (this.#found.length < 2 * this.#reach) return
    this.#found = this.#found.slice(oldest - this.#base)
    this.#base = oldest
  }

  /** At the end. */
  isProved(): boolean {
    this.advance()
    return this.#isOpen && [...this.#waiting.values()].every(({ digests }) => digests.length === 0)
  }

  #search(waiting: Waiting): void {
    const { digests } = waiting
    const end = this.#base + this.#found.length
    let start = 0
    for (; start < digests.length && waiting.at < end; waiting.at++)
      if (this.#found[waiting.at - this.#base] === digests[start]) start++
    if (start > 0) waiting.digests = digests.slice(start)
  }

  #giveUp(): void {
    this.#isOpen = false
    this.#waiting.clear()
    this.#next.clear()
    this.#found = []
  }
}
