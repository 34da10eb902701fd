import type { IncomingMessage } from 'node:http'
import { RestError } from './errors.ts'

/** More than any settings need. */
const maxBytes = 10 * 1024 * 1024

/**
 * Reads the body as text. Throws RestError 413 for one that is too long, without reading it, and 415 for one
 * that is not JSON.
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const length = request.headers['content-length']
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  if (!hasBody) return ''
  if (Number(length) > maxBytes) throw tooLong()
  const type = request.headers['content-type']
  if (type !== undefined && !/^application\/(?:json|\*)\s*(?:;|$)/i.test(type)) {
    throw new RestError(415, 'HTTP 415 Unsupported Media Type')
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLong(): RestError {
  return new RestError(413, `The request is longer than ${maxBytes} bytes.`)
}
