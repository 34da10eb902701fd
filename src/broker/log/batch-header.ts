/**
 * The fixed header of a record batch (magic 2) where it lies in a buffer. The checksum starts at the attributes,
 * so that base offset and leader epoch can be set in place without touching what the producer sent.
 */
export const batchHeaderBytes = 61

/** Base offset and length field: what stands before the bytes that the length counts. */
export const batchOverheadBytes = 12

const smallestBatchLength = batchHeaderBytes - batchOverheadBytes
const timestampTypeBit = 0x08
const transactionalBit = 0x10
const controlBit = 0x20

export const baseOffsetOf = (bytes: Buffer, at: number): number => readInt64(bytes, at)
export const magicOf = (bytes: Buffer, at: number): number => bytes.readInt8(at + 16)
export const crcOf = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + 17)
export const attributesOf = (bytes: Buffer, at: number): number => bytes.readInt16BE(at + 21)
export const lastOffsetDeltaOf = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 23)
export const baseTimestampOf = (bytes: Buffer, at: number): number => readInt64(bytes, at + 27)
export const maxTimestampOf = (bytes: Buffer, at: number): number => readInt64(bytes, at + 35)
export const producerIdOf = (bytes: Buffer, at: number): number => readInt64(bytes, at + 43)
export const producerEpochOf = (bytes: Buffer, at: number): number => bytes.readInt16BE(at + 51)
export const baseSequenceOf = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 53)
export const recordCountOf = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 57)

export const compressionOf = (attributes: number): number => attributes & 0x07
export const isLogAppendTime = (attributes: number): boolean => (attributes & timestampTypeBit) !== 0
export const isTransactional = (attributes: number): boolean => (attributes & transactionalBit) !== 0
export const isControl = (attributes: number): boolean => (attributes & controlBit) !== 0

/** The whole size of the batch at `at`, or 0 where its length field cannot be right. */
export function batchSizeAt(bytes: Buffer, at: number): number {
  const length = bytes.readInt32BE(at + 8)
  return length < smallestBatchLength ? 0 : length + batchOverheadBytes
}

/** The offset after the last one of the batch: never counted from decoded records, which compaction thins out. */
export function nextOffsetOf(bytes: Buffer, at: number): number {
  return baseOffsetOf(bytes, at) + lastOffsetDeltaOf(bytes, at) + 1
}

export function setBaseOffset(bytes: Buffer, at: number, offset: number): void {
  const high = Math.floor(offset / 4294967296)
  bytes.writeInt32BE(high, at)
  bytes.writeUInt32BE(offset - high * 4294967296, at + 4)
}

export function setLeaderEpoch(bytes: Buffer, at: number, epoch: number): void {
  bytes.writeInt32BE(epoch, at + 12)
}

/** Marks the batch as stamped by the broker. The checksum has to be written again afterwards. */
export function setLogAppendTime(bytes: Buffer, at: number, timestamp: number): void {
  bytes.writeInt16BE(attributesOf(bytes, at) | timestampTypeBit, at + 21)
  setBaseOffset(bytes, at + 35, timestamp)
}

/** The checksum has to be written again afterwards. */
export function clearTransactional(bytes: Buffer, at: number): void {
  bytes.writeInt16BE(attributesOf(bytes, at) & ~transactionalBit, at + 21)
}

export function setCrc(bytes: Buffer, at: number, crc: number): void {
  bytes.writeUInt32BE(crc, at + 17)
}

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4)
}
