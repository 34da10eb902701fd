import { crc32c } from '../../protocol/crc32c.ts'
import { codecIds, type CodecName } from '../../protocol/record-batch.ts'
import { compress, decompress } from '../../protocol/codecs.ts'
import { WireError, WireReader } from '../../protocol/wire-reader.ts'
import {
  attributesOf,
  baseOffsetOf,
  baseTimestampOf,
  batchHeaderBytes,
  batchOverheadBytes,
  clearTransactional,
  compressionOf,
  isLogAppendTime,
  isTransactional,
  maxTimestampOf,
  nextOffsetOf,
  recordCountOf,
  setBaseOffset,
  setCrc,
} from './batch-header.ts'

/** What compaction looks at of a record. */
export interface KeyedRecord {
  readonly offset: number
  readonly key: Buffer | null
  readonly isTombstone: boolean
}

const largestUnpacked = 67_108_864

/** The records of a whole batch, in order. Throws where there are none behind its header: nobody looked before. */
export async function keyedRecords(batch: Buffer): Promise<readonly KeyedRecord[]> {
  return readRecords(batch, await unpacked(batch)).map(({ record }) => record)
}

/**
 * The batch without the records that are not to be kept: the batch itself where all are, null where none is.
 * Offsets, first sequence and last offset of the batch stay as they are (LogCleaner, MemoryRecords.filterTo).
 */
export async function thinBatch(
  batch: Buffer,
  isKept: (record: KeyedRecord) => boolean,
): Promise<Buffer | null> {
  const records = await unpacked(batch)
  const all = readRecords(batch, records)
  const kept = all.filter(({ record }) => isKept(record))
  if (kept.length === all.length) return batch
  if (kept.length === 0) return null
  const body = Buffer.concat(kept.map(({ start, end }) => records.subarray(start, end)))
  const codec = compressionOf(attributesOf(batch, 0))
  const packed = await compress(codecName(codec), body, null)
  const thinned = Buffer.allocUnsafe(batchHeaderBytes + packed.length)
  batch.copy(thinned, 0, 0, batchHeaderBytes)
  packed.copy(thinned, batchHeaderBytes)
  thinned.writeInt32BE(thinned.length - batchOverheadBytes, 8)
  thinned.writeInt32BE(kept.length, 57)
  const times = kept.map(({ timestamp }) => timestamp)
  setBaseOffset(
    thinned,
    35,
    isLogAppendTime(attributesOf(batch, 0))
      ? maxTimestampOf(batch, 0)
      : times.reduce((a, b) => Math.max(a, b)),
  )
  setCrc(thinned, 0, crc32c(thinned, 21, thinned.length))
  return thinned
}

/** A batch of a transaction that was committed, as if it had never been in one. */
export function ended(batch: Buffer | null): Buffer | null {
  if (batch === null || !isTransactional(attributesOf(batch, 0))) return batch
  const plain = Buffer.from(batch)
  clearTransactional(plain, 0)
  setCrc(plain, 0, crc32c(plain, 21, plain.length))
  return plain
}

interface PlacedRecord {
  readonly record: KeyedRecord
  readonly timestamp: number
  /** Where it lies among the records, with its length before it. */
  readonly start: number
  readonly end: number
}

function readRecords(batch: Buffer, records: Buffer): PlacedRecord[] {
  const reader = new WireReader(records)
  const [baseOffset, baseTimestamp] = [baseOffsetOf(batch, 0), baseTimestampOf(batch, 0)]
  return Array.from({ length: recordCountOf(batch, 0) }, () => {
    const start = reader.position
    const end = reader.varint() + reader.position
    reader.int8()
    const timestamp = baseTimestamp + reader.varlong()
    const offset = baseOffset + reader.varint()
    if (!Number.isSafeInteger(timestamp) || offset < baseOffset || offset >= nextOffsetOf(batch, 0)) {
      throw new WireError(`a record with offset ${offset} and time ${timestamp}`)
    }
    const keyLength = reader.varint()
    const key = keyLength < 0 ? null : reader.raw(keyLength)
    const isTombstone = reader.varint() < 0
    reader.raw(end - reader.position)
    return { record: { offset, key, isTombstone }, timestamp, start, end }
  })
}

async function unpacked(batch: Buffer): Promise<Buffer> {
  return decompress(compressionOf(attributesOf(batch, 0)), batch.subarray(batchHeaderBytes), largestUnpacked)
}

function codecName(id: number): CodecName {
  return (Object.keys(codecIds) as CodecName[]).find((name) => codecIds[name] === id)!
}
