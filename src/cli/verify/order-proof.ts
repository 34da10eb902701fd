import type { Line } from './line.ts'
import type { Occurrences } from './occurrences.ts'

/**
 * Proves that every partition's lines stand in the other side's order, whatever texts repeat: that each is a subsequence,
 * found by taking the earliest place that fits. Together with equal sums nothing is wrong then, even where the search for
 * the place of every single line took equal lines for each other. No proof is no disproof: what has left the window
 * cannot be looked at again.
 */
export class OrderProof {
  #isOpen = true
  /** Partitions of what is found: behind the place of the last line of each. */
  readonly #next = new Map<number, number>()
  /** Partitions of the reference: the digests that each still waits for. */
  readonly #waiting = new Map<number, { digests: number[]; start: number }>()

  expect({ partition, digest }: Line): void {
    if (!this.#isOpen || partition < 0) return
    const waiting = this.#waiting.get(partition)
    if (waiting === undefined) this.#waiting.set(partition, { digests: [digest], start: 0 })
    else waiting.digests.push(digest)
  }

  /** `base`: where the window of the reference begins. */
  found({ partition, digest }: Line, places: Occurrences, base: number): void {
    if (!this.#isOpen) return
    if (this.#waiting.size > 0) {
      for (const waiting of this.#waiting.values()) {
        if (waiting.digests[waiting.start] === digest) waiting.start++
        if (waiting.start < 10_000) continue
        waiting.digests = waiting.digests.slice(waiting.start)
        waiting.start = 0
      }
      return
    }
    const next = this.#next.get(partition) ?? 0
    const place = places.first(digest, next, () => true)
    if (place < 0 || next < base) this.#giveUp()
    else this.#next.set(partition, place + 1)
  }

  /** Called at the end, and now and then: a partition that waits too long will wait for ever. */
  isProved(isAtEnd: boolean): boolean {
    if (!this.#isOpen) return false
    const left = [...this.#waiting.values()].map(({ digests, start }) => digests.length - start)
    if (left.some((count) => count > (isAtEnd ? 0 : mostWaiting))) this.#giveUp()
    return this.#isOpen
  }

  #giveUp(): void {
    this.#isOpen = false
    this.#waiting.clear()
    this.#next.clear()
  }
}

const mostWaiting = 500_000
