import { baseOffsetOf, batchHeaderBytes, batchSizeAt, maxTimestampOf, nextOffsetOf } from './batch-header.ts'
import type { LogFile } from './log-file.ts'
import { SparseIndex } from './sparse-index.ts'

const scanBytes = 65_536
const rememberedPositions = 8
const nothing = Buffer.alloc(0)

export interface SegmentSummary {
  size: number
  nextOffset: number
  maxTimestamp: number
  /** The base offset of the batch that has `maxTimestamp`. */
  maxTimestampOffset: number
  createdAt: number
}

/** A batch met on the way: `at` is where it starts in `bytes`. */
export interface FoundBatch {
  bytes: Buffer
  at: number
}

/** One file of a partition's log with whole batches from `baseOffset` on. */
export class Segment {
  readonly baseOffset: number
  readonly file: LogFile
  readonly #loadIndex: () => SparseIndex | null
  #index: SparseIndex | null = null
  createdAt: number
  nextOffset: number
  maxTimestamp = -1
  maxTimestampOffset = -1
  /** Offsets where readers stopped and their positions: the next read of each starts there without a search. */
  readonly #rememberedOffsets: number[] = []
  readonly #rememberedAt: number[] = []
  #nextRemembered = 0

  constructor(
    baseOffset: number,
    file: LogFile,
    { createdAt, loadIndex = () => null }: { createdAt: number; loadIndex?: () => SparseIndex | null },
  ) {
    this.baseOffset = baseOffset
    this.nextOffset = baseOffset
    this.file = file
    this.createdAt = createdAt
    this.#loadIndex = loadIndex
  }

  get size(): number {
    return this.file.size
  }

  get summary(): SegmentSummary {
    const { size, nextOffset, maxTimestamp, maxTimestampOffset, createdAt } = this
    return { size, nextOffset, maxTimestamp, maxTimestampOffset, createdAt }
  }

  /** Takes over what a checkpoint says about the first `size` bytes; the index is loaded when it is needed. */
  restore({ nextOffset, maxTimestamp, maxTimestampOffset, createdAt }: SegmentSummary): void {
    this.nextOffset = nextOffset
    this.maxTimestamp = maxTimestamp
    this.maxTimestampOffset = maxTimestampOffset
    this.createdAt = createdAt
  }

  get index(): SparseIndex {
    this.#index ??= this.#loadIndex() ?? this.#buildIndex()
    return this.#index
  }

  /** Lets go of an index that can be loaded again. */
  dropIndex(): void {
    this.#index = null
  }

  /** Called for every batch that is stored at `position`, in order. */
  note(bytes: Buffer, at: number, position: number): void {
    this.index.note(baseOffsetOf(bytes, at), position, this.maxTimestamp)
    this.nextOffset = nextOffsetOf(bytes, at)
    const timestamp = maxTimestampOf(bytes, at)
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp
      this.maxTimestampOffset = baseOffsetOf(bytes, at)
    }
  }

  /**
   * Whole batches from the one on that contains the offset, of at most `maxBytes`; with `atLeastOne` the first
   * one is given however large it is. null: no batch contains or follows the offset.
   */
  read(offset: number, maxBytes: number, atLeastOne: boolean): Buffer | null {
    const position = this.#locate(offset)
    const available = this.size - position
    if (available <= 0) return null
    const bytes = this.#readAt(position, Math.min(available, Math.max(maxBytes, 0)))
    let end = 0
    let last = -1
    while (end + batchHeaderBytes <= bytes.length) {
      const size = batchSizeAt(bytes, end)
      if (size === 0 || end + size > bytes.length) break
      last = end
      end += size
    }
    if (last >= 0) {
      this.#remember(nextOffsetOf(bytes, last), position + end)
      return bytes.subarray(0, end)
    }
    if (!atLeastOne) return nothing
    const header = this.#readAt(position, batchHeaderBytes)
    const size = batchSizeAt(header, 0)
    this.#remember(nextOffsetOf(header, 0), position + size)
    return this.#readAt(position, size)
  }

  /** The first batch that has a record at or after the time, whole, or null. */
  firstBatchSince(timestamp: number): Buffer | null {
    if (this.maxTimestamp < timestamp) return null
    const from = this.index.positionBeforeTime(timestamp)
    return this.#wholeBatch(this.#find(from, ({ bytes, at }) => maxTimestampOf(bytes, at) >= timestamp))
  }

  /** The batch that contains the offset, whole, or null. */
  batchAt(offset: number): Buffer | null {
    const position = this.#locate(offset)
    return this.#wholeBatch(position < this.size ? position : null)
  }

  #wholeBatch(position: number | null): Buffer | null {
    if (position === null) return null
    return this.#readAt(position, batchSizeAt(this.#readAt(position, batchHeaderBytes), 0))
  }

  /** The position of the batch that contains the offset, or follows it. */
  #locate(offset: number): number {
    const remembered = this.#rememberedOffsets.indexOf(offset)
    if (remembered >= 0) return this.#rememberedAt[remembered]!
    const from = this.index.positionBefore(offset)
    return this.#find(from, ({ bytes, at }) => nextOffsetOf(bytes, at) > offset) ?? this.size
  }

  #remember(offset: number, position: number): void {
    if (this.#rememberedOffsets.includes(offset)) return
    this.#rememberedOffsets[this.#nextRemembered] = offset
    this.#rememberedAt[this.#nextRemembered] = position
    this.#nextRemembered = (this.#nextRemembered + 1) % rememberedPositions
  }

  /** Forgets positions behind a cut. */
  forgetPositions(): void {
    this.#rememberedOffsets.length = 0
    this.#rememberedAt.length = 0
    this.#nextRemembered = 0
  }

  /** Walks the headers from a batch's position on; gives the position of the first batch wanted, or null. */
  #find(from: number, wanted: (batch: FoundBatch) => boolean): number | null {
    let position = from
    while (position + batchHeaderBytes <= this.size) {
      const bytes = this.#readAt(position, Math.min(scanBytes, this.size - position))
      let at = 0
      while (at + batchHeaderBytes <= bytes.length) {
        if (wanted({ bytes, at })) return position + at
        const size = batchSizeAt(bytes, at)
        if (size === 0) return null
        at += size
      }
      position += at
    }
    return null
  }

  #buildIndex(): SparseIndex {
    const index = new SparseIndex()
    let maxTimestamp = -1
    let position = 0
    this.#find(0, ({ bytes, at }) => {
      index.note(baseOffsetOf(bytes, at), position, maxTimestamp)
      maxTimestamp = Math.max(maxTimestamp, maxTimestampOf(bytes, at))
      position += batchSizeAt(bytes, at)
      return false
    })
    return index
  }

  #readAt(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    const read = this.file.read(position, bytes)
    return read === length ? bytes : bytes.subarray(0, read)
  }
}
