import { crc32c } from '../../protocol/crc32c.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import {
  attributesOf,
  baseSequenceOf,
  batchHeaderBytes,
  batchSizeAt,
  compressionOf,
  crcOf,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffsetDeltaOf,
  magicOf,
  maxTimestampOf,
  producerEpochOf,
  producerIdOf,
  recordCountOf,
} from './batch-header.ts'

const highestCompression = 4
const smallestRecordBytes = 7
/** No codec makes less than a byte of so many: a batch that claims more would use up offsets for nothing. */
const highestRatio = 65_536

/**
 * Checks what a producer sent for one partition and gives the positions of its batches. The records
 * themselves are not looked into: their checksum holds, and consumers decode them.
 */
export function validateBatches(records: Buffer, maxMessageBytes: number): number[] {
  const positions: number[] = []
  for (let at = 0; at < records.length;) {
    const left = records.length - at
    if (left < 17) throw corrupt(`${left} bytes left where a record batch should start`)
    const magic = magicOf(records, at)
    if (magic !== 2) {
      if (magic === 0 || magic === 1) {
        throw new ApiError(
          ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
          `Messages of the old format ${magic} are not stored. Use a client that sends record batches.`,
        )
      }
      throw corrupt(`magic ${magic}`)
    }
    if (left < batchHeaderBytes) throw corrupt(`${left} bytes left where a record batch should start`)
    const size = batchSizeAt(records, at)
    if (size === 0 || size > left) throw corrupt(`a batch of ${size} bytes in ${left}`)
    validateBatch(records, at, size, maxMessageBytes)
    positions.push(at)
    at += size
  }
  if (positions.length === 0) throw corrupt('no record batch')
  if (positions.length > 1 && positions.some((at) => producerIdOf(records, at) >= 0)) {
    throw invalid('An idempotent producer sends one batch for a partition at a time.')
  }
  return positions
}

function validateBatch(records: Buffer, at: number, size: number, maxMessageBytes: number): void {
  if (size > maxMessageBytes) {
    throw new ApiError(
      ErrorCode.MESSAGE_TOO_LARGE,
      `The record batch size is ${size} bytes, which exceeds the maximum configured value of ${maxMessageBytes}.`,
    )
  }
  const crc = crc32c(records, at + 21, at + size)
  if (crc !== crcOf(records, at)) throw corrupt(`checksum ${crcOf(records, at)} instead of ${crc}`)
  const count = recordCountOf(records, at)
  if (count <= 0 || lastOffsetDeltaOf(records, at) !== count - 1) {
    throw invalid(`A batch of ${count} records ends at offset delta ${lastOffsetDeltaOf(records, at)}.`)
  }
  const attributes = attributesOf(records, at)
  const recordBytes = (size - batchHeaderBytes) * (compressionOf(attributes) === 0 ? 1 : highestRatio)
  if (count * smallestRecordBytes > recordBytes) {
    throw invalid(`There cannot be ${count} records in a batch of ${size} bytes.`)
  }
  if (compressionOf(attributes) > highestCompression) {
    throw new ApiError(
      ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
      `Compression type ${compressionOf(attributes)} is not known.`,
    )
  }
  if (isControl(attributes)) throw invalid('Control batches are written by the broker alone.')
  if (isTransactional(attributes) && producerIdOf(records, at) < 0) {
    throw invalid('A batch of a transaction needs a producer id.')
  }
  if (isLogAppendTime(attributes)) {
    throw new ApiError(
      ErrorCode.INVALID_TIMESTAMP,
      'Client is not allowed to set timestamp type to LogAppendTime.',
    )
  }
  // Times are kept in a number: what it cannot hold is not a time.
  if (!Number.isSafeInteger(maxTimestampOf(records, at))) {
    throw new ApiError(ErrorCode.INVALID_TIMESTAMP, `${maxTimestampOf(records, at)} is not a timestamp.`)
  }
  if (producerIdOf(records, at) >= 0) {
    if (producerEpochOf(records, at) < 0 || baseSequenceOf(records, at) < 0) {
      throw invalid('An idempotent batch needs an epoch and a sequence.')
    }
  }
}

function corrupt(found: string): ApiError {
  return new ApiError(ErrorCode.CORRUPT_MESSAGE, `The record batch is damaged: ${found}.`)
}

function invalid(message: string): ApiError {
  return new ApiError(ErrorCode.INVALID_RECORD, message)
}
