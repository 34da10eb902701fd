import { ApiError, ErrorCode } from '../error-codes.ts'
import { WireError, WireReader } from '../../protocol/wire-reader.ts'
import { attributesOf, batchHeaderBytes, batchSizeAt, compressionOf, recordCountOf } from './batch-header.ts'

/**
 * Throws ApiError where a record for a compacted topic has no key, or is none. Compressed batches are not looked into: what
 * has no key there goes with the first compaction.
 */
export function refuseKeyless(records: Buffer, positions: readonly number[], partition: string): void {
  try {
    findKeyless(records, positions, partition)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new ApiError(
      ErrorCode.INVALID_RECORD,
      `A record for ${partition} cannot be read: ${error.message}.`,
    )
  }
}

function findKeyless(records: Buffer, positions: readonly number[], partition: string): void {
  let index = 0
  for (const at of positions) {
    if (compressionOf(attributesOf(records, at)) !== 0) continue
    const reader = new WireReader(records.subarray(at + batchHeaderBytes, at + batchSizeAt(records, at)))
    for (let left = recordCountOf(records, at); left > 0; left--, index++) {
      const end = reader.varint() + reader.position
      reader.int8()
      reader.varlong()
      reader.varint()
      if (reader.varint() < 0) {
        throw new ApiError(
          ErrorCode.INVALID_RECORD,
          `Compacted topic cannot accept message without key in topic partition ${partition} (record ${index} of the request).`,
        )
      }
      reader.raw(end - reader.position)
    }
  }
}
