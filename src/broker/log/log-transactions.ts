import {
  attributesOf,
  baseOffsetOf,
  isControl,
  isTransactional,
  lastOffsetDeltaOf,
  producerIdOf,
} from './batch-header.ts'
import { isCommitMarker } from './marker.ts'

/** Offsets of its first record and of its marker. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
}

/** As it stands in a checkpoint: producer and first offset; producer, first and last offset. */
export interface SavedTransactions {
  readonly open: readonly (readonly [number, number])[]
  readonly aborted: readonly (readonly [number, number, number])[]
}

/** The transactions in one partition: which are open, and which were aborted. */
export class LogTransactions {
  readonly #open = new Map<number, number>()
  #aborted: AbortedTransaction[] = []

  /** Nothing from here on may be shown to readers of committed records; null: everything may. */
  get firstOpenOffset(): number | null {
    let first: number | null = null
    // The oldest is not always the first: one may end and begin again.
    for (const offset of this.#open.values()) if (first === null || offset < first) first = offset
    return first
  }

  get openProducers(): number[] {
    return [...this.#open.keys()]
  }

  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#aborted.length === 0
  }

  /** Takes a batch that is in the log. */
  note(bytes: Buffer, at: number): void {
    const attributes = attributesOf(bytes, at)
    if (!isTransactional(attributes)) return
    const producerId = producerIdOf(bytes, at)
    const offset = baseOffsetOf(bytes, at)
    if (!isControl(attributes)) {
      if (!this.#open.has(producerId)) this.#open.set(producerId, offset)
      return
    }
    const isCommit = isCommitMarker(bytes, at)
    const firstOffset = this.#open.get(producerId)
    if (isCommit === null || firstOffset === undefined) return
    this.#open.delete(producerId)
    if (isCommit) return
    this.#aborted.push({ producerId, firstOffset, lastOffset: offset + lastOffsetDeltaOf(bytes, at) })
  }

  /** The aborted transactions that readers have to leave out from the offset on. */
  abortedSince(offset: number): readonly AbortedTransaction[] {
    if (this.#aborted.length === 0) return this.#aborted
    return this.#aborted.filter(({ lastOffset }) => lastOffset >= offset)
  }

  /** Whether a batch is of a transaction that was aborted. */
  isAborted(producerId: number, offset: number): boolean {
    return this.#aborted.some(
      (aborted) =>
        aborted.producerId === producerId && aborted.firstOffset <= offset && offset <= aborted.lastOffset,
    )
  }

  /** Nothing before the offset is in the log any more. */
  forgetBefore(offset: number): void {
    if (this.#aborted.length > 0 && this.#aborted.some(({ lastOffset }) => lastOffset < offset)) {
      this.#aborted = this.#aborted.filter(({ lastOffset }) => lastOffset >= offset)
    }
  }

  save(): SavedTransactions {
    return {
      open: [...this.#open],
      aborted: this.#aborted.map(({ producerId, firstOffset, lastOffset }) => [
        producerId,
        firstOffset,
        lastOffset,
      ]),
    }
  }

  load({ open, aborted }: SavedTransactions): void {
    this.#open.clear()
    for (const [producerId, offset] of open) this.#open.set(producerId, offset)
    this.#aborted = aborted.map(([producerId, firstOffset, lastOffset]) => ({
      producerId,
      firstOffset,
      lastOffset,
    }))
  }
}
