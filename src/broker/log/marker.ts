import { crc32c } from '../../protocol/crc32c.ts'
import { WireReader } from '../../protocol/wire-reader.ts'
import { batchHeaderBytes, batchOverheadBytes, setBaseOffset, setCrc } from './batch-header.ts'

const transactionalControl = 0x30
/** Lengths, deltas, key (version and type) and value (version and coordinator epoch) of the one record. */
const recordBytes = 17
const coordinatorEpoch = 0

/** The control batch that ends a transaction in one partition; its offset is still to be set. */
export function markerBatch(
  { producerId, epoch }: { producerId: number; epoch: number },
  isCommit: boolean,
  timestamp: number,
): Buffer {
  const batch = Buffer.alloc(batchHeaderBytes + recordBytes)
  batch.writeInt32BE(batch.length - batchOverheadBytes, 8)
  batch.writeInt8(2, 16)
  batch.writeInt16BE(transactionalControl, 21)
  setBaseOffset(batch, 27, timestamp)
  setBaseOffset(batch, 35, timestamp)
  setBaseOffset(batch, 43, producerId)
  batch.writeInt16BE(epoch, 51)
  batch.writeInt32BE(-1, 53)
  batch.writeInt32BE(1, 57)
  // Numbers of the record are zigzag: 32 is 16, 8 is 4, 12 is 6.
  const record = [32, 0, 0, 0, 8, 0, 0, 0, isCommit ? 1 : 0, 12, 0, 0, 0, 0, 0, coordinatorEpoch, 0]
  Buffer.from(record).copy(batch, batchHeaderBytes)
  setCrc(batch, 0, crc32c(batch, 21, batch.length))
  return batch
}

/** Whether a control batch commits; null where it is of another kind. */
export function isCommitMarker(bytes: Buffer, at: number): boolean | null {
  const reader = new WireReader(bytes.subarray(at + batchHeaderBytes, at + batchHeaderBytes + recordBytes))
  reader.varint()
  reader.int8()
  reader.varlong()
  reader.varint()
  if (reader.varint() < 4) return null
  reader.int16()
  const type = reader.int16()
  return type === 0 ? false : type === 1 ? true : null
}
