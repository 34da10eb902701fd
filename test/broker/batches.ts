import { crc32c } from '../../src/protocol/crc32c.ts'
import { WireWriter } from '../../src/protocol/wire-writer.ts'

export interface BatchOptions {
  values?: string[]
  /** The time of the first record; each of the others is a millisecond later. */
  timestamp?: number
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  attributes?: number
  lastOffsetDelta?: number
  count?: number
  magic?: number
  /** Stands in the place of the records, for what only looks like them. */
  payload?: Buffer
}

/** A record batch as a producer sends it, uncompressed unless `attributes` and `payload` say otherwise. */
export function batchOf({
  values = ['a'],
  timestamp = 1_700_000_000_000,
  producerId = -1,
  producerEpoch = -1,
  baseSequence = -1,
  attributes = 0,
  count = values.length,
  lastOffsetDelta = count - 1,
  magic = 2,
  payload = recordsOf(values),
}: BatchOptions = {}): Buffer {
  const writer = new WireWriter({ capacity: 1024 })
  writer.int64(0).int32(0).int32(-1).int8(magic).uint32(0)
  writer.int16(attributes).int32(lastOffsetDelta)
  writer.int64(timestamp).int64(timestamp + values.length - 1)
  writer.int64(producerId).int16(producerEpoch).int32(baseSequence)
  writer.int32(count).raw(payload)
  const batch = Buffer.from(writer.view())
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

function recordsOf(values: readonly string[]): Buffer {
  const records = new WireWriter({ capacity: 1024 })
  for (const [at, value] of values.entries()) {
    const record = new WireWriter()
    record
      .int8(0)
      .varlong(at)
      .varint(at)
      .varint(-1)
      .varint(Buffer.byteLength(value))
      .raw(Buffer.from(value))
      .varint(0)
    records.varint(record.length).raw(record.view())
  }
  return Buffer.from(records.view())
}

/** The base offsets of the batches that follow each other in `bytes`, each with its last offset. */
export function offsetsIn(bytes: Buffer): [number, number][] {
  const offsets: [number, number][] = []
  for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
    const base = Number(bytes.readBigInt64BE(at))
    offsets.push([base, base + bytes.readInt32BE(at + 23)])
  }
  return offsets
}
