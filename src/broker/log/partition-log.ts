import { crc32c } from '../../protocol/crc32c.ts'
import { describeError, type Logger } from '../../util/logger.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import { SharedSync } from '../shared-sync.ts'
import {
  baseOffsetOf,
  baseSequenceOf,
  batchSizeAt,
  lastOffsetDeltaOf,
  maxTimestampOf,
  isControl,
  isTransactional,
  isLogAppendTime,
  attributesOf,
  producerEpochOf,
  producerIdOf,
  setBaseOffset,
  setCrc,
  setLeaderEpoch,
  setLogAppendTime,
} from './batch-header.ts'
import { Cleanings } from './cleanings.ts'
import { compact, type CompactableLog, type CompactionSettings } from './compaction.ts'
import type { OpenFiles } from './disk-file.ts'
import type { LogFile } from './log-file.ts'
import { type AbortedTransaction, LogTransactions } from './log-transactions.ts'
import { markerBatch } from './marker.ts'
import { addSequence, ProducerState, type ProducedBatch } from './producer-state.ts'
import { findRecordSince, type RecordAt } from './record-time.ts'
import { recoverSegment } from './recover-segment.ts'
import { type LatestTime, type LogState, SegmentFiles } from './segment-files.ts'
import type { Segment } from './segment.ts'
import { lastIndex } from './sparse-index.ts'
import { refuseKeyless } from './refuse-keyless.ts'
import { validateBatches } from './validate-batches.ts'

/** A single node never loses its leadership, so that its epoch never changes. */
export const leaderEpoch = 0

const producerExpirationMs = 86_400_000
const loadedIndexes = 4
const nothing = Buffer.alloc(0)

/** What a topic's configuration says about its logs. */
export interface LogSettings {
  segmentBytes: number
  segmentMs: number
  retentionBytes: number
  retentionMs: number
  maxMessageBytes: number
  isLogAppendTime: boolean
  /** Whether retention removes old segments. */
  isDeleted: boolean
  /** How compaction goes about its work; null where the log is not compacted. */
  compaction: CompactionSettings | null
}

export interface PartitionLogDeps {
  /** The topic and partition, for messages: `orders-0`. */
  name: string
  /** Where the segments are; null keeps them in memory. */
  directory: string | null
  settings: () => LogSettings
  /** No offset below is given out: where DeleteRecords put the start. */
  startOffset: number
  files: OpenFiles
  now: () => number
  log: Logger
  /** Called after so many bytes were appended, which a flush would bring to the disk. */
  onDirty: (log: PartitionLog, bytes: number) => void
}

/** Why a batch of a transaction may not be written; null: it may. */
export type RefusalOfTransaction = (producer: { producerId: number; epoch: number }) => ApiError | null

const noTransactions: RefusalOfTransaction = () =>
  new ApiError(ErrorCode.INVALID_TXN_STATE, 'There is no transaction that this batch could be in.')

export interface Appended {
  baseOffset: number
  /** -1 where the producer's timestamps count. */
  logAppendTime: number
}

/**
 * The log of one partition: segments in the order of their offsets, the last of which grows. What was
 * appended may be read at once; `flush` brings it to the disk.
 */
export class PartitionLog {
  readonly #deps: PartitionLogDeps
  readonly #files: SegmentFiles
  readonly #producers = new ProducerState()
  readonly #transactions = new LogTransactions()
  readonly #listeners = new Set<(bytes: number) => void>()
  /** Full segments that have no checkpoint yet, with the state at their end. */
  readonly #sealed = new Map<Segment, LogState>()
  #segments: Segment[] = []
  #withIndex: Segment[] = []
  #startOffset: number
  #unsynced = new Set<Segment>()
  readonly #syncs = new SharedSync(() => this.#sync())
  #failure: Error | null = null
  /** Up to where the growing segment is covered by its checkpoint. */
  #checkpointedSize = -1
  #isClosed = false
  #cleanings: Cleanings | null = null
  #isCompacting = false

  private constructor(deps: PartitionLogDeps) {
    this.#deps = deps
    this.#files = new SegmentFiles(deps.directory, deps.files)
    this.#startOffset = deps.startOffset
  }

  /** Reads what is on the disk behind the last checkpoint; a torn tail is cut off with a message. */
  static open(deps: PartitionLogDeps): PartitionLog {
    const log = new PartitionLog(deps)
    log.#recover()
    return log
  }

  get startOffset(): number {
    return this.#startOffset
  }

  get endOffset(): number {
    return this.#active.nextOffset
  }

  /** Up to where a read-committed consumer may read: the first record of an open transaction, or the end. */
  get lastStableOffset(): number {
    const firstOpen = this.#transactions.firstOpenOffset
    return firstOpen === null ? this.endOffset : Math.max(firstOpen, this.#startOffset)
  }

  /** Producers with a transaction open here. */
  get openProducers(): readonly number[] {
    return this.#transactions.openProducers
  }

  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0)
  }

  get segmentCount(): number {
    return this.#segments.length
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** `listener` is told the bytes of each append, and 0 on close, until the function given back is called. */
  subscribe(listener: (bytes: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Stores the batches of one produce request under the next offsets, which are written into `records` itself.
   * All of them are stored or none. Throws ApiError.
   */
  append(records: Buffer, refusalOfTransaction: RefusalOfTransaction = noTransactions): Appended {
    this.#mustBeUsable()
    const settings = this.#deps.settings()
    const positions = validateBatches(records, settings.maxMessageBytes)
    if (settings.compaction !== null) refuseKeyless(records, positions, this.#deps.name)
    if (isTransactional(attributesOf(records, positions[0]!))) {
      const refusal = refusalOfTransaction({
        producerId: producerIdOf(records, positions[0]!),
        epoch: producerEpochOf(records, positions[0]!),
      })
      if (refusal !== null) throw refusal
    }
    const earlier = this.#earlierCopy(records, positions[0]!)
    if (earlier !== null) return earlier
    const now = this.#deps.now()
    const baseOffset = this.endOffset
    const segment = this.#segmentFor(records.length, settings, now)
    let offset = baseOffset
    for (const at of positions) {
      setBaseOffset(records, at, offset)
      setLeaderEpoch(records, at, leaderEpoch)
      if (settings.isLogAppendTime) {
        setLogAppendTime(records, at, now)
        setCrc(records, at, crc32c(records, at + 21, at + batchSizeAt(records, at)))
      }
      offset += lastOffsetDeltaOf(records, at) + 1
    }
    this.#store(segment, records, positions, now)
    return { baseOffset, logAppendTime: settings.isLogAppendTime ? now : -1 }
  }

  /** Ends a producer's transaction by a marker, which takes one offset; also where it has written nothing here. */
  endTransaction(producer: { producerId: number; epoch: number }, isCommit: boolean): void {
    this.#mustBeUsable()
    const now = this.#deps.now()
    const marker = markerBatch(producer, isCommit, now)
    const offset = this.endOffset
    const segment = this.#segmentFor(marker.length, this.#deps.settings(), now)
    setBaseOffset(marker, 0, offset)
    setLeaderEpoch(marker, 0, leaderEpoch)
    this.#store(segment, marker, [0], now)
  }

  /** Transactions that readers of committed records have to leave out from the offset on. */
  abortedSince(offset: number): readonly AbortedTransaction[] {
    return this.#transactions.abortedSince(offset)
  }

  /** Whole batches from the offset on, which has to be within the log; see Segment.read. */
  read(offset: number, maxBytes: number, atLeastOne: boolean): Buffer {
    this.#mustBeUsable()
    // Compaction leaves gaps, and segments that end before their next offset.
    for (let at = this.#indexWith(offset); at < this.#segments.length; at++) {
      const bytes = this.#loaded(this.#segments[at]!).read(offset, maxBytes, atLeastOne)
      if (bytes !== null) return bytes
    }
    return nothing
  }

  /** The same, of what is committed or aborted for good. */
  readStable(offset: number, maxBytes: number, atLeastOne: boolean): Buffer {
    const end = this.lastStableOffset
    if (offset >= end) return nothing
    const bytes = this.read(offset, maxBytes, atLeastOne)
    if (end === this.endOffset) return bytes
    let at = 0
    while (at < bytes.length && baseOffsetOf(bytes, at) < end) at += batchSizeAt(bytes, at)
    return bytes.subarray(0, at)
  }

  /** The first record at or after the time, or null. */
  findSince(timestamp: number): RecordAt | null {
    for (const segment of this.#segments) {
      if (segment.maxTimestamp < timestamp || segment.nextOffset <= this.#startOffset) continue
      const batch = this.#loaded(segment).firstBatchSince(timestamp)
      const record = batch === null ? null : findRecordSince(batch, timestamp)
      if (record !== null && record.offset >= this.#startOffset) return record
    }
    return null
  }

  /** The record with the highest timestamp, or null in an empty log. */
  findLatest(): RecordAt | null {
    let latest: Segment | null = null
    for (const segment of this.#segments) {
      if (segment.maxTimestampOffset >= 0 && segment.maxTimestamp > (latest?.maxTimestamp ?? -1))
        latest = segment
    }
    if (latest === null) return null
    const batch = this.#loaded(latest).batchAt(latest.maxTimestampOffset)
    return batch === null ? null : findRecordSince(batch, latest.maxTimestamp)
  }

  /** Moves the start of the log; segments that lie wholly before it go away. Gives the new start. */
  deleteBefore(offset: number): number {
    this.#mustBeUsable()
    if (offset > this.#startOffset) this.#startOffset = offset
    if (this.#active.nextOffset <= this.#startOffset && this.#active.size > 0) this.#roll(this.#deps.now())
    this.#removeSegments((segment) => segment.nextOffset <= this.#startOffset)
    return this.#startOffset
  }

  /** Removes what the topic's retention no longer keeps, a whole segment at a time. */
  retain(): void {
    if (this.#isClosed || this.#failure !== null) return
    const { retentionMs, retentionBytes, segmentMs, isDeleted, compaction } = this.#deps.settings()
    const now = this.#deps.now()
    const isExpired = (segment: Segment) =>
      isDeleted && retentionMs >= 0 && segment.size > 0 && now - lastTimeOf(segment) > retentionMs
    const active = this.#active
    const longestMs = Math.min(segmentMs, compaction?.maxCompactionLagMs ?? Number.POSITIVE_INFINITY)
    if (active.size > 0 && (isExpired(active) || now - active.createdAt > longestMs)) this.#roll(now)
    this.#removeSegments(isExpired)
    let excess = !isDeleted || retentionBytes < 0 ? 0 : this.size - retentionBytes
    this.#removeSegments((segment) => {
      excess -= segment.size
      return isDeleted && excess >= 0
    })
    this.#producers.expire(now - producerExpirationMs)
  }

  /** Removes records that a newer one of the same key has taken the place of, where the topic wants that. */
  async compact(): Promise<void> {
    const { compaction } = this.#deps.settings()
    if (compaction === null || this.#isCompacting || this.#isClosed || this.#failure !== null) return
    this.#isCompacting = true
    try {
      await compact(this.#compactable(), compaction, this.#deps)
      this.#forgetTransactions()
    } finally {
      this.#isCompacting = false
    }
  }

  /** Removes the oldest full segment; false where only the growing one is left. For brokers without a disk. */
  removeOldest(): boolean {
    let isFirst = true
    const before = this.#segments.length
    this.#removeSegments(() => {
      const remove = isFirst
      isFirst = false
      return remove
    })
    return this.#segments.length < before
  }

  /** Ends the growing segment, so that it can be removed. */
  roll(): void {
    if (this.#active.size > 0) this.#roll(this.#deps.now())
  }

  /**
   * Resolves when all that was appended before the call is on the disk. One sync runs at a time; calls
   * that come meanwhile share the next one.
   */
  flush(): Promise<void> {
    return this.#unsynced.size === 0 ? this.#syncs.idle() : this.#syncs.request()
  }

  /** Flushes, writes the checkpoint and closes the files. Readers that wait are woken. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    try {
      await this.flush()
      if (this.#failure === null && this.#active.size !== this.#checkpointedSize)
        this.#writeCheckpoint(this.#active)
    } catch (error) {
      this.#deps.log.error(`The log ${this.#deps.name} was not brought to the disk completely.`, error)
    }
    this.#shut()
  }

  /** Closes and removes everything. Readers that wait are woken. */
  remove(): void {
    this.#shut()
    for (const segment of this.#segments) segment.file.remove()
    this.#files.removeFolder()
  }

  #compactable(): CompactableLog {
    this.#cleanings ??= new Cleanings(this.#files.cleaningsPath)
    const has = (segment: Segment) => !this.#isClosed && this.#segments.includes(segment)
    return {
      name: this.#deps.name,
      cleanings: this.#cleanings,
      segmentBytes: this.#deps.settings().segmentBytes,
      cleanableSegments: () => {
        const full = this.#segments.slice(0, -1)
        const isReady = (segment: Segment) =>
          !this.#unsynced.has(segment) &&
          !this.#sealed.has(segment) &&
          segment.nextOffset <= this.lastStableOffset
        const end = full.findIndex((segment) => !isReady(segment))
        return end < 0 ? full : full.slice(0, end)
      },
      isAborted: (producerId, offset) => this.#transactions.isAborted(producerId, offset),
      has,
      newFile: (segment) => this.#files.newFile(segment),
      replace: (segments, file, latest) => this.#replace(segments, file, latest),
    }
  }

  #replace(segments: readonly Segment[], file: LogFile, latest: LatestTime): void {
    const at = this.#segments.indexOf(segments[0]!)
    if (segments.some((segment, i) => this.#segments[at + i] !== segment)) {
      throw new Error(`The segments of ${this.#deps.name} to be replaced do not follow each other.`)
    }
    try {
      this.#segments.splice(at, segments.length, this.#files.replace(segments, file, latest))
    } catch (error) {
      // What is on the disk now is not what this log believes; the next start brings it in order.
      this.#fail(error)
      throw error
    }
    this.#withIndex = this.#withIndex.filter((segment) => !segments.includes(segment))
  }

  get #active(): Segment {
    return this.#segments.at(-1)!
  }

  #shut(): void {
    this.#isClosed = true
    for (const segment of this.#segments) segment.file.close()
    for (const listener of [...this.#listeners]) listener(0)
  }

  #mustBeUsable(): void {
    if (this.#isClosed) {
      throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The log ${this.#deps.name} is closed.`)
    }
    if (this.#failure !== null) throw storageError(this.#deps.name, this.#failure)
  }

  #earlierCopy(records: Buffer, at: number): Appended | null {
    const producerId = producerIdOf(records, at)
    if (producerId < 0) return null
    const { firstSequence, lastSequence } = sequencesOf(records, at)
    const earlier = this.#producers.check(
      producerId,
      producerEpochOf(records, at),
      firstSequence,
      lastSequence,
    )
    return earlier === null ? null : { baseOffset: earlier.baseOffset, logAppendTime: earlier.logAppendTime }
  }

  #store(segment: Segment, records: Buffer, positions: readonly number[], now: number): void {
    const start = segment.size
    this.#write(segment, records)
    for (const at of positions) {
      segment.note(records, at, start + at)
      this.#note(records, at, now)
    }
    this.#unsynced.add(segment)
    this.#deps.onDirty(this, records.length)
    for (const listener of this.#listeners) listener(records.length)
  }

  /** Takes a batch that is in the log into what is known of its producer. */
  #note(records: Buffer, at: number, now: number): void {
    const producerId = producerIdOf(records, at)
    if (producerId < 0) return
    this.#transactions.note(records, at)
    if (isControl(attributesOf(records, at))) {
      this.#producers.ended(producerId, producerEpochOf(records, at), now)
      return
    }
    const batch: ProducedBatch = {
      ...sequencesOf(records, at),
      baseOffset: baseOffsetOf(records, at),
      logAppendTime: isLogAppendTime(attributesOf(records, at)) ? maxTimestampOf(records, at) : -1,
    }
    this.#producers.add(producerId, producerEpochOf(records, at), batch, now)
  }

  #write(segment: Segment, records: Buffer): void {
    try {
      segment.file.append(records)
    } catch (error) {
      this.#deps.log.error(
        `Appending ${records.length} bytes to ${this.#deps.name} failed; nothing of them is kept.`,
        error,
      )
      throw storageError(this.#deps.name, error)
    }
  }

  #segmentFor(bytes: number, { segmentBytes, segmentMs }: LogSettings, now: number): Segment {
    const active = this.#active
    const isFull = active.size > 0 && active.size + bytes > segmentBytes
    const isOld = active.size > 0 && now - active.createdAt > segmentMs
    return isFull || isOld ? this.#roll(now) : active
  }

  #roll(now: number): Segment {
    const full = this.#active
    let segment: Segment
    try {
      segment = this.#files.create(full.nextOffset, now)
    } catch (error) {
      this.#deps.log.error(`A new segment of ${this.#deps.name} could not be made.`, error)
      throw storageError(this.#deps.name, error)
    }
    // The state of this moment belongs to the end of the full segment.
    this.#sealed.set(full, this.#state())
    this.#unsynced.add(full)
    this.#segments.push(segment)
    // A full segment is brought to the disk whatever the flush policy says: at start only the last one is read.
    this.#flushLater('A full segment')
    this.#checkpointedSize = -1
    return segment
  }

  async #sync(): Promise<void> {
    const segments = [...this.#unsynced]
    this.#unsynced.clear()
    try {
      for (const segment of segments) {
        await segment.file.sync()
        if (this.#sealed.has(segment) && !this.#isClosed) this.#writeCheckpoint(segment)
      }
    } catch (error) {
      // After a failed sync the kernel may have dropped the pages: nothing more may be acknowledged on top of them.
      if (!this.#isClosed) this.#fail(error)
      throw storageError(this.#deps.name, error)
    }
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#deps.log.error(
      `The log ${this.#deps.name} cannot be written to its disk and is not served until a restart.`,
      error,
    )
    for (const listener of [...this.#listeners]) listener(0)
  }

  #writeCheckpoint(segment: Segment): void {
    const state = this.#sealed.get(segment) ?? this.#state()
    this.#sealed.delete(segment)
    try {
      this.#files.writeCheckpoint(segment, state)
    } catch (error) {
      // The segment is whole all the same: the next start reads it from its first byte.
      this.#deps.log.warn(`The index of ${this.#deps.name} was not written: ${describeError(error)}`)
    }
  }

  #removeSegments(isUnwanted: (segment: Segment) => boolean): void {
    let count = 0
    while (count < this.#segments.length - 1 && isUnwanted(this.#segments[count]!)) count++
    for (const segment of this.#segments.splice(0, count)) {
      this.#unsynced.delete(segment)
      this.#sealed.delete(segment)
      this.#files.remove(segment)
    }
    this.#startOffset = Math.max(this.#startOffset, this.#segments[0]!.baseOffset)
    this.#forgetTransactions()
  }

  #state(): LogState {
    return { producers: this.#producers.save(), transactions: this.#transactions.save() }
  }

  /** Of aborted transactions nothing is left where the log was removed or compacted. */
  #forgetTransactions(): void {
    if (this.#transactions.isEmpty) return
    this.#cleanings ??= new Cleanings(this.#files.cleaningsPath)
    this.#transactions.forgetBefore(Math.max(this.#startOffset, this.#cleanings.firstDirtyOffset))
  }

  #indexWith(offset: number): number {
    const last = this.#segments.length - 1
    if (offset >= this.#active.baseOffset) return last
    const at = Math.max(
      0,
      lastIndex(this.#segments, (segment) => segment.baseOffset <= offset),
    )
    return offset < this.#segments[at]!.nextOffset ? at : at + 1
  }

  /** Keeps the indexes of a few full segments only: a log of many of them must not fill the memory. */
  #loaded(segment: Segment): Segment {
    if (segment === this.#active || this.#deps.directory === null || this.#withIndex.includes(segment))
      return segment
    this.#withIndex.push(segment)
    if (this.#withIndex.length > loadedIndexes) {
      const dropped = this.#withIndex.shift()!
      if (!this.#sealed.has(dropped)) dropped.dropIndex()
    }
    return segment
  }

  #recover(): void {
    const { name, startOffset, now, log } = this.#deps
    this.#files.recover()
    const baseOffsets = this.#files.baseOffsets()
    for (const [at, baseOffset] of baseOffsets.entries()) {
      const segment = this.#files.open(baseOffset, now())
      const wasRead = recoverSegment(segment, {
        name,
        log,
        files: this.#files,
        load: ({ producers, transactions }) => {
          this.#producers.load(producers)
          this.#transactions.load(transactions)
        },
        note: (bytes, position) => this.#note(bytes, position, now()),
      })
      this.#segments.push(segment)
      if (!wasRead) continue
      this.#unsynced.add(segment)
      if (at < baseOffsets.length - 1) this.#sealed.set(segment, this.#state())
    }
    if (this.#segments.length === 0) this.#segments.push(this.#files.open(startOffset, now()))
    this.#startOffset = Math.min(Math.max(startOffset, this.#segments[0]!.baseOffset), this.endOffset)
    this.#forgetTransactions()
    this.#checkpointedSize = this.#unsynced.has(this.#active) ? -1 : this.#active.size
    this.#flushLater('What was read back at the start')
  }

  #flushLater(what: string): void {
    if (this.#unsynced.size === 0) return
    this.flush().catch((error: unknown) => {
      this.#deps.log.error(`${what} of ${this.#deps.name} was not brought to the disk.`, error)
    })
  }
}

function sequencesOf(records: Buffer, at: number): { firstSequence: number; lastSequence: number } {
  const firstSequence = baseSequenceOf(records, at)
  return { firstSequence, lastSequence: addSequence(firstSequence, lastOffsetDeltaOf(records, at)) }
}

/** Records without a time are as old as their segment. */
function lastTimeOf(segment: Segment): number {
  return segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.createdAt
}

function storageError(name: string, cause: unknown): ApiError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ApiError(ErrorCode.KAFKA_STORAGE_ERROR, `The log ${name} cannot be written: ${reason}`, {
    cause,
  })
}
