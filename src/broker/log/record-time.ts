import { gunzipSync } from 'node:zlib'
import { WireError, WireReader } from '../../protocol/wire-reader.ts'
import {
  attributesOf,
  baseOffsetOf,
  baseTimestampOf,
  batchHeaderBytes,
  compressionOf,
  isLogAppendTime,
  maxTimestampOf,
  recordCountOf,
} from './batch-header.ts'

export interface RecordAt {
  offset: number
  timestamp: number
}

const gzip = 1
const largestUnpacked = 67_108_864

/**
 * The first record of the batch that is at or after the time; null where none is. In a batch that this broker
 * cannot unpack it is the first one: nothing that was asked for is left out then.
 */
export function findRecordSince(batch: Buffer, timestamp: number): RecordAt | null {
  if (maxTimestampOf(batch, 0) < timestamp) return null
  const attributes = attributesOf(batch, 0)
  const first = { offset: baseOffsetOf(batch, 0), timestamp: maxTimestampOf(batch, 0) }
  if (isLogAppendTime(attributes)) return first
  try {
    const records = unpacked(batch, compressionOf(attributes))
    return records === null ? first : (walk(batch, records, timestamp) ?? first)
  } catch {
    return first
  }
}

function unpacked(batch: Buffer, compression: number): Buffer | null {
  const records = batch.subarray(batchHeaderBytes)
  if (compression === 0) return records
  return compression === gzip ? gunzipSync(records, { maxOutputLength: largestUnpacked }) : null
}

function walk(batch: Buffer, records: Buffer, timestamp: number): RecordAt | null {
  const reader = new WireReader(records)
  const base = baseTimestampOf(batch, 0)
  for (let count = recordCountOf(batch, 0); count > 0; count--) {
    const end = reader.varint() + reader.position
    reader.int8()
    const recordTimestamp = base + reader.varlong()
    if (!Number.isSafeInteger(recordTimestamp)) throw new WireError('a time that no number holds')
    const offset = baseOffsetOf(batch, 0) + reader.varint()
    if (recordTimestamp >= timestamp) return { offset, timestamp: recordTimestamp }
    reader.raw(end - reader.position)
  }
  return null
}
