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
  /** How large a segment may become. */
  readonly segmentBytes: number
  /** Oldest first; none is left out between them. */
  cleanableSegments(): readonly Segment[]
  /** Whether a batch of a transaction belongs to one that was aborted. Those before the last segment have all ended. */
  isAborted(producerId: number, offset: number): boolean
  /** False once the segment or the log is gone: then nothing may be put in its place. */
  has(segment: Segment): boolean
  /** A new file that will hold what is kept of the segment, and perhaps of those behind it. */
  newFile(segment: Segment): LogFile
  /** In the place of one segment, or of several that follow each other. */
  replace(segments: readonly Segment[], file: LogFile, latest: LatestTime): void
}

export interface CompactionDeps {
  now: () => number
  log: Logger
  /** How many keys one pass keeps in memory. */
  mostKeys?: number
}

const readBytes = 1_048_576
const sliceMs = 10
/** Kafka's index has four bytes for an offset within its segment. */
const longestSegment = 0x7fffffff

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
  const end = await noteKeys(segments, log, newest, {
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
  const looked = segments.filter(({ baseOffset }) => baseOffset < end)
  const bytesBefore = bytesOf(looked)
  const groups = grouped(looked, log.segmentBytes)
  let after = 0
  let isChanged = false
  for (const group of groups) {
    const isThere = () => group.every((segment) => log.has(segment))
    const made = isThere() ? await rewritten(group, log, thin, slices) : null
    after += made?.file.size ?? bytesOf(group)
    if (made === null) continue
    if (!isThere()) {
      made.file.remove()
      continue
    }
    log.replace(group, made.file, made.latest)
    isChanged = true
  }
  if (unreadable.size > 0) {
    const offsets = [...unreadable].slice(0, 10).join(', ')
    logger.warn(
      `The records of ${unreadable.size} batches of ${log.name} (at ${offsets}) cannot be read: they stay.`,
    )
  }
  log.cleanings.add(end, now(), now() - settings.deleteRetentionMs)
  if (isChanged) {
    logger.info(
      `Compacted ${log.name} up to offset ${end}: ${bytesBefore} bytes in ${looked.length} segments became ${after} in ` +
        `${groups.length}.`,
    )
  }
  return isChanged
}

/** The segments to look at, or none while too little is new. */
function due(log: CompactableLog, settings: CompactionSettings, now: number): readonly Segment[] {
  const { minCleanableDirtyRatio, minCompactionLagMs, maxCompactionLagMs } = settings
  const all = log.cleanableSegments()
  // Without a lag no time counts, also one that has not come yet.
  const tooYoung =
    minCompactionLagMs > 0 ? all.findIndex((segment) => now - timeOf(segment) < minCompactionLagMs) : -1
  const segments = tooYoung < 0 ? all : all.slice(0, tooYoung)
  const dirty = segments.filter((segment) => segment.nextOffset > log.cleanings.firstDirtyOffset)
  if (dirty.length === 0) return []
  const isOverdue = now - dirty[0]!.createdAt > maxCompactionLagMs
  return isOverdue || bytesOf(dirty) >= minCleanableDirtyRatio * bytesOf(segments) ? segments : []
}

/** Notes the newest offset of each key in the new part; gives the offset up to which it came. */
async function noteKeys(
  segments: readonly Segment[],
  log: CompactableLog,
  newest: KeyOffsets,
  {
    slices,
    isDropped,
    unreadable,
  }: { slices: Slices; isDropped: (batch: Buffer) => boolean; unreadable: Set<number> },
): Promise<number> {
  const from = log.cleanings.firstDirtyOffset
  let end = from
  for (const segment of segments) {
    if (segment.nextOffset <= from) continue
    for await (const batch of batchesOf(segment, log)) {
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

/** Segments that follow each other and fit into one together: each group becomes one, as in Kafka. */
function grouped(segments: readonly Segment[], segmentBytes: number): Segment[][] {
  const groups: Segment[][] = []
  for (const segment of segments) {
    const group = groups.at(-1)
    const fits =
      group !== undefined &&
      bytesOf(group) + segment.size <= segmentBytes &&
      segment.nextOffset - group[0]!.baseOffset <= longestSegment
    if (fits) group.push(segment)
    else groups.push([segment])
  }
  return groups
}

/** The segments without what is not kept, in one file of their own; null where it would be the one that is there. */
async function rewritten(
  segments: readonly Segment[],
  log: CompactableLog,
  thin: (batch: Buffer) => Promise<Buffer | null>,
  slices: Slices,
): Promise<{ readonly file: LogFile; readonly latest: LatestTime } | null> {
  const file = log.newFile(segments[0]!)
  let isNew = segments.length > 1
  let latest: LatestTime = { maxTimestamp: -1, maxTimestampOffset: -1 }
  try {
    for await (const batch of batchesOfAll(segments, log)) {
      const kept = await thin(batch)
      isNew ||= kept !== batch
      if (kept !== null) {
        file.append(kept)
        const maxTimestamp = maxTimestampOf(kept, 0)
        if (maxTimestamp > latest.maxTimestamp)
          latest = { maxTimestamp, maxTimestampOffset: baseOffsetOf(kept, 0) }
      }
      await slices.end()
    }
    if (isNew) await file.sync()
  } catch (error) {
    file.remove()
    throw error
  }
  if (isNew) return { file, latest }
  file.remove()
  return null
}

async function* batchesOfAll(segments: readonly Segment[], log: CompactableLog): AsyncGenerator<Buffer> {
  for (const segment of segments) yield* batchesOf(segment, log)
}

/** Ends early where the segment goes away: its file must not be touched then. */
async function* batchesOf(segment: Segment, log: CompactableLog): AsyncGenerator<Buffer> {
  const { file } = segment
  const length = file.size
  for (let position = 0; position + batchHeaderBytes <= length && log.has(segment);) {
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

function bytesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0)
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
