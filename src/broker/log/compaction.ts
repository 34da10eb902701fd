import type { Logger } from '../../util/logger.ts'
import {
  attributesOf,
  baseOffsetOf,
  batchHeaderBytes,
  batchSizeAt,
  isControl,
  isTransactional,
  maxTimestampOf,
  nextOffsetOf,
  producerIdOf,
} from './batch-header.ts'
import type { Cleanings } from './cleanings.ts'
import { KeyOffsets } from './key-offsets.ts'
import type { LogFile } from './log-file.ts'
import type { LatestTime } from './segment-files.ts'
import type { Segment } from './segment.ts'
import { ended, keyedRecords, thinBatch, type KeyedRecord } from './thin-batch.ts'

export interface CompactionSettings {
  minCleanableDirtyRatio: number
  minCompactionLagMs: number
  maxCompactionLagMs: number
  deleteRetentionMs: number
}

/** What compaction needs of the log: full segments that are on the disk, and a way to put another file in their place. */
export interface CompactableLog {
  readonly name: string
  readonly cleanings: Cleanings
  /** Oldest first. */
  cleanableSegments(): readonly Segment[]
  /** Whether a batch of a transaction belongs to one that was aborted. Those before the last segment have all ended. */
  isAborted(producerId: number, offset: number): boolean
  /** False once the segment or the log is gone: then nothing may be put in its place. */
  has(segment: Segment): boolean
  /** A new file that will hold what is kept of the segment. */
  newFile(segment: Segment): LogFile
  replace(segment: Segment, file: LogFile, latest: LatestTime): void
}

export interface CompactionDeps {
  now: () => number
  log: Logger
  /** How many keys one pass keeps in memory. */
  mostKeys?: number
}

const readBytes = 1_048_576
const sliceMs = 10

/**
 * One pass over a log after which no record in the part that was looked at has a newer one of its key behind it
 * (Kafka's LogCleaner). Works in slices: whoever appends or reads meanwhile does not wait. True where a segment
 * was written anew.
 */
export async function compact(
  log: CompactableLog,
  settings: CompactionSettings,
  { now, log: logger, mostKeys = 250_000 }: CompactionDeps,
): Promise<boolean> {
  const segments = due(log, settings, now())
  if (segments.length === 0) return false
  const slices = new Slices()
  const newest = new KeyOffsets(mostKeys)
  const isDropped = (batch: Buffer) => {
    const attributes = attributesOf(batch, 0)
    if (isControl(attributes)) return true
    return isTransactional(attributes) && log.isAborted(producerIdOf(batch, 0), baseOffsetOf(batch, 0))
  }
  const unreadable = new Set<number>()
  const end = await noteKeys(segments, log.cleanings.firstDirtyOffset, newest, {
    slices,
    isDropped,
    unreadable,
  })
  const tombstonesBefore = log.cleanings.cleanAt(now() - settings.deleteRetentionMs)
  const isKept = ({ offset, key, isTombstone }: KeyedRecord) => {
    if (offset >= end) return true
    // Kafka, too, drops records without a key: nothing can ever take their place.
    if (key === null) return false
    if (offset < (newest.get(key) ?? -1)) return false
    return !isTombstone || offset >= tombstonesBefore
  }
  let before = 0
  let after = 0
  let isChanged = false
  for (const segment of segments) {
    if (segment.baseOffset >= end || !log.has(segment)) continue
    before += segment.size
    const thin = async (batch: Buffer) => {
      if (nextOffsetOf(batch, 0) > end) return batch
      // Without the markers nothing may be left that they were about.
      if (isDropped(batch)) return null
      try {
        return ended(await thinBatch(batch, isKept))
      } catch {
        // Its checksum was right, so that this is what a producer sent: it must not keep the rest from being compacted.
        unreadable.add(baseOffsetOf(batch, 0))
        return batch
      }
    }
    const thinned = await rewritten(segment, log, thin, slices)
    after += thinned?.file.size ?? segment.size
    if (thinned === null) continue
    if (!log.has(segment)) {
      thinned.file.remove()
      continue
    }
    log.replace(segment, thinned.file, thinned.latest)
    isChanged = true
  }
  if (unreadable.size > 0) {
    const offsets = [...unreadable].slice(0, 10).join(', ')
    logger.warn(
      `The records of ${unreadable.size} batches of ${log.name} (at ${offsets}) cannot be read: they stay.`,
    )
  }
  log.cleanings.add(end, now(), now() - settings.deleteRetentionMs)
  if (isChanged) logger.info(`Compacted ${log.name} up to offset ${end}: ${before} bytes became ${after}.`)
  return isChanged
}

/** The segments to look at, or none while too little is new. */
function due(log: CompactableLog, settings: CompactionSettings, now: number): readonly Segment[] {
  const { minCleanableDirtyRatio, minCompactionLagMs, maxCompactionLagMs } = settings
  const all = log.cleanableSegments()
  const tooYoung = all.findIndex((segment) => now - timeOf(segment) < minCompactionLagMs)
  const segments = tooYoung < 0 ? all : all.slice(0, tooYoung)
  const dirty = segments.filter((segment) => segment.nextOffset > log.cleanings.firstDirtyOffset)
  if (dirty.length === 0) return []
  const bytes = (some: readonly Segment[]) => some.reduce((sum, { size }) => sum + size, 0)
  const isOverdue = now - dirty[0]!.createdAt > maxCompactionLagMs
  return isOverdue || bytes(dirty) >= minCleanableDirtyRatio * bytes(segments) ? segments : []
}

/** Notes the newest offset of each key in the new part; gives the offset up to which it came. */
async function noteKeys(
  segments: readonly Segment[],
  from: number,
  newest: KeyOffsets,
  {
    slices,
    isDropped,
    unreadable,
  }: { slices: Slices; isDropped: (batch: Buffer) => boolean; unreadable: Set<number> },
): Promise<number> {
  let end = from
  for (const segment of segments) {
    if (segment.nextOffset <= from) continue
    for await (const batch of batchesOf(segment)) {
      const next = nextOffsetOf(batch, 0)
      if (next <= from) continue
      if (newest.isFull) return end
      if (!isDropped(batch)) {
        const records = await keyedRecords(batch).catch(() => {
          unreadable.add(baseOffsetOf(batch, 0))
          return []
        })
        for (const { key, offset } of records) if (key !== null) newest.set(key, offset)
      }
      end = next
      await slices.end()
    }
    end = segment.nextOffset
  }
  return end
}

/** The segment without what is not kept, in a file of its own; null where nothing goes. */
async function rewritten(
  segment: Segment,
  log: CompactableLog,
  thin: (batch: Buffer) => Promise<Buffer | null>,
  slices: Slices,
): Promise<{ readonly file: LogFile; readonly latest: LatestTime } | null> {
  const file = log.newFile(segment)
  let isThinner = false
  let latest: LatestTime = { maxTimestamp: -1, maxTimestampOffset: -1 }
  try {
    for await (const batch of batchesOf(segment)) {
      const kept = await thin(batch)
      isThinner ||= kept !== batch
      if (kept !== null) {
        file.append(kept)
        const maxTimestamp = maxTimestampOf(kept, 0)
        if (maxTimestamp > latest.maxTimestamp)
          latest = { maxTimestamp, maxTimestampOffset: baseOffsetOf(kept, 0) }
      }
      await slices.end()
    }
    if (isThinner) await file.sync()
  } catch (error) {
    file.remove()
    throw error
  }
  if (isThinner) return { file, latest }
  file.remove()
  return null
}

async function* batchesOf(segment: Segment): AsyncGenerator<Buffer> {
  const { file } = segment
  const length = file.size
  for (let position = 0; position + batchHeaderBytes <= length;) {
    let bytes = read(file, position, Math.min(readBytes, length - position))
    const first = batchSizeAt(bytes, 0)
    if (first === 0 || position + first > length) return
    if (first > bytes.length) bytes = read(file, position, first)
    let at = 0
    while (at + batchHeaderBytes <= bytes.length) {
      const size = batchSizeAt(bytes, at)
      if (size === 0 || at + size > bytes.length) break
      yield bytes.subarray(at, at + size)
      at += size
    }
    position += at
  }
}

function read(file: LogFile, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  return bytes.subarray(0, file.read(position, bytes))
}

function timeOf({ maxTimestamp, createdAt }: Segment): number {
  return maxTimestamp >= 0 ? maxTimestamp : createdAt
}

/** Gives way to others when a slice of time is over. */
class Slices {
  #start = performance.now()

  async end(): Promise<void> {
    if (performance.now() - this.#start < sliceMs) return
    await new Promise((resolve) => setImmediate(resolve))
    this.#start = performance.now()
  }
}
