import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RestAnswer } from './router.ts'

/** How long what is left of a refused request is taken in and thrown away. */
const lingerMs = 1000

/** Sends the answer; the body as JSON, unless it is `text`. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: RestAnswer): void {
  const { status, body, text, headers = {} } = answer
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  // What was not read of a refused request must not be taken for the next one.
  if (!request.complete) response.setHeader('Connection', 'close')
  let bytes: Buffer | undefined
  if (text !== undefined || body !== undefined) {
    bytes = Buffer.from(text ?? JSON.stringify(body))
    response.setHeader('Content-Type', text === undefined ? 'application/json' : 'text/plain;charset=utf-8')
    response.setHeader('Content-Length', bytes.length)
  }
  if (request.method === 'HEAD') bytes = undefined
  if (request.complete) {
    response.end(bytes)
    return
  }
  // A client in the middle of a long body would see its connection break instead of the answer.
  if (bytes === undefined) response.flushHeaders()
  else response.write(bytes)
  const end = () => response.end()
  const timer = setTimeout(end, lingerMs)
  response.once('close', () => clearTimeout(timer))
  request.once('end', end).once('error', end)
  request.resume()
}
