import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib'
import { KafkaError } from '../errors.ts'
import type { CodecName } from '../protocol/record-batch.ts'

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

/** Up to this size the detour through another thread costs more than the work. */
const smallBytes = 32 * 1024

export function compress(codec: CodecName, bytes: Buffer, level: number | null): Buffer | Promise<Buffer> {
  const options = level === null ? {} : { level }
  if (codec === 'gzip')
    return bytes.length <= smallBytes ? gzipSync(bytes, options) : gzipAsync(bytes, options)
  throw new KafkaError(`Codec ${codec} is not implemented.`)
}

export function decompress(codec: number, bytes: Buffer, maxBytes: number): Buffer | Promise<Buffer> {
  const options = { maxOutputLength: maxBytes }
  if (codec === 1)
    return bytes.length <= smallBytes ? gunzipSync(bytes, options) : gunzipAsync(bytes, options)
  throw new KafkaError(`Codec ${codec} is not implemented.`)
}
