import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib'
import { KafkaError } from '../errors.ts'
import { codecIds } from './record-batch.ts'
import type { CodecName } from './record-batch.ts'
import { lz4Compress, lz4Decompress } from './codecs/lz4.ts'
import { snappyCompress, snappyDecompress } from './codecs/snappy.ts'
import { zstdCompress, zstdDecompress } from './codecs/zstd.ts'

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

/** Up to this size the detour through another thread costs more than the work. */
const smallBytes = 8 * 1024

const defaultZstdLevel = 3

/** The records of a batch, compressed; `level` is null for the codec's own default. */
export function compress(codec: CodecName, bytes: Buffer, level: number | null): Buffer | Promise<Buffer> {
  switch (codec) {
    case 'none':
      return bytes
    case 'gzip': {
      const options = level === null ? {} : { level }
      return bytes.length <= smallBytes ? gzipSync(bytes, options) : gzipAsync(bytes, options)
    }
    case 'snappy':
      return snappyCompress(bytes)
    case 'lz4':
      return lz4Compress(bytes)
    case 'zstd':
      return zstdCompress(bytes, level ?? defaultZstdLevel)
  }
}

/** The records of a batch by the number of its codec. Throws where they would be more than `maxBytes`. */
export function decompress(codec: number, bytes: Buffer, maxBytes: number): Buffer | Promise<Buffer> {
  switch (codec) {
    case codecIds.none:
      return bytes
    case codecIds.gzip: {
      const options = { maxOutputLength: maxBytes }
      return bytes.length <= smallBytes ? gunzipSync(bytes, options) : gunzipAsync(bytes, options)
    }
    case codecIds.snappy:
      return snappyDecompress(bytes, maxBytes)
    case codecIds.lz4:
      return lz4Decompress(bytes, maxBytes)
    case codecIds.zstd:
      return zstdDecompress(bytes, maxBytes)
    default:
      throw new KafkaError(
        `Record batches with compression codec ${codec} cannot be read: Kafka defines 0 to 4.`,
        {
          code: 'UNSUPPORTED_COMPRESSION_TYPE',
        },
      )
  }
}
