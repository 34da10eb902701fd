import type { IncomingMessage } from 'node:http'
import { RestError } from './errors.ts'

/** More than any settings need. */
const maxBytes = 10 * 1024 * 1024

/** The client went away in the middle of its request: there is nobody to answer. */
export class RequestAborted extends Error {
  override name = 'RequestAborted'
}

/**
 * Reads the body as text. Throws RestError 413 for one that is too long, without reading it, 415 for one that is
 * not JSON, and RequestAborted. Calls `onWanted` before reading, if there is something to read.
 */
export async function readBody(request: IncomingMessage, onWanted?: () => void): Promise<string> {
  const length = request.headers['content-length']
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  if (!hasBody) return ''
  if (Number(length) > maxBytes) throw tooLong()
  const type = request.headers['content-type']
  if (type !== undefined && !/^application\/(?:json|\*)\s*(?:;|$)/i.test(type)) {
    throw new RestError(415, 'HTTP 415 Unsupported Media Type')
  }
  onWanted?.()
  const chunks: Buffer[] = []
  let size = 0
  // Destroying a request would take the connection with it, and the answer.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  try {
    for await (const chunk of body) {
      size += chunk.length
      if (size > maxBytes) throw tooLong()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof RestError) throw error
    throw new RequestAborted('The request ended before its body did.', { cause: error })
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLong(): RestError {
  return new RestError(413, `The request is longer than ${maxBytes} bytes.`)
}
