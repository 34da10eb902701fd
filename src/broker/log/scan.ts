import { crc32c } from '../../protocol/crc32c.ts'
import {
  baseOffsetOf,
  batchHeaderBytes,
  batchSizeAt,
  crcOf,
  lastOffsetDeltaOf,
  magicOf,
} from './batch-header.ts'
import type { LogFile } from './log-file.ts'

const chunkBytes = 1_048_576

export interface ScanResult {
  /** Where the first byte lies that does not belong to a whole, intact batch. */
  end: number
  /** What was wrong there, or null where the file simply ends. */
  damage: string | null
}

/**
 * Reads a segment from `from` on, checks every batch and hands it to `onBatch`. `nextOffset` is the lowest offset
 * that the first of them may have.
 */
export function scanBatches(
  file: LogFile,
  { from, nextOffset }: { from: number; nextOffset: number },
  onBatch: (bytes: Buffer, at: number, position: number) => void,
): ScanResult {
  const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(chunkBytes, file.size - from)))
  let position = from
  let lowest = nextOffset
  while (position < file.size) {
    let bytes = chunk.subarray(0, file.read(position, chunk))
    const first = bytes.length < batchHeaderBytes ? 0 : batchSizeAt(bytes, 0)
    if (first > bytes.length && first <= file.size - position) {
      bytes = Buffer.allocUnsafe(first)
      file.read(position, bytes)
    }
    let at = 0
    while (at < bytes.length) {
      const damage = damageAt(bytes, at, lowest, file.size - position - at)
      if (damage !== null) return { end: position + at, damage }
      const size = batchSizeAt(bytes, at)
      if (size > bytes.length - at) break
      const crc = crc32c(bytes, at + 21, at + size)
      if (crc !== crcOf(bytes, at)) return { end: position + at, damage: 'its checksum is wrong' }
      onBatch(bytes, at, position + at)
      lowest = baseOffsetOf(bytes, at) + lastOffsetDeltaOf(bytes, at) + 1
      at += size
      // The header of the next batch may be cut by the end of the chunk.
      if (bytes.length - at < batchHeaderBytes && position + bytes.length < file.size) break
    }
    position += at
  }
  return { end: position, damage: null }
}

function damageAt(bytes: Buffer, at: number, lowest: number, left: number): string | null {
  if (left < batchHeaderBytes) return 'it is cut off in its header'
  const size = batchSizeAt(bytes, at)
  if (size === 0) return 'its length is impossible'
  if (size > left) return 'it is cut off'
  if (magicOf(bytes, at) !== 2) return `its format ${magicOf(bytes, at)} is unknown`
  if (baseOffsetOf(bytes, at) < lowest)
    return `its offset ${baseOffsetOf(bytes, at)} comes after ${lowest - 1}`
  return null
}
