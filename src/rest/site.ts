import type { IncomingMessage } from 'node:http'
import { toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { within } from '../util/within.ts'
import type { Cors } from './cors.ts'
import { errorAnswer, RestError } from './errors.ts'
import type { Exchange } from './http-port.ts'
import type { Listener } from './listener.ts'
import { acceptsJson } from './media-types.ts'
import { readBody, RequestAborted } from './request-body.ts'
import type { HeaderWriter } from './response-headers.ts'
import type { RestAnswer, Router } from './router.ts'
import { sendAnswer } from './send-answer.ts'
import { guardLoopback, readTarget } from './target.ts'
import { Turnstile } from './turnstile.ts'

/** Whether a request may be answered. Throws for a header that makes no sense. */
export type Authenticate = (request: IncomingMessage) => boolean

export interface SiteOptions {
  readonly cors?: Cors | null
  readonly writeHeaders?: HeaderWriter
  readonly authenticate?: Authenticate | null
  /** The name by which others know this worker. */
  readonly knownHost?: string | null
  /** How long a request may take. */
  readonly answerTimeoutMs?: number
}

/** All sites together: records share the thread with all of them. */
const turnstile = new Turnstile(4)

/** As in Kafka Connect. */
const answerTimeoutMs = 90_000

/** What a group of listeners serves, and on which conditions. Until it has a router every path answers 404. */
export class Site {
  router: Router | null = null
  /** What keeps the worker waiting, as a sentence for requests that time out. */
  stage: () => string | null = () => null
  readonly #options: SiteOptions
  readonly #log: Logger

  constructor(options: SiteOptions, log: Logger) {
    this.#options = options
    this.#log = log
  }

  get isOpenToAll(): boolean {
    return this.#options.authenticate == null
  }

  async serve(listener: Listener, exchange: Exchange): Promise<void> {
    const { request, response } = exchange
    const started = performance.now()
    let answer: RestAnswer
    try {
      answer = await this.#answer(listener, exchange)
    } catch (thrown) {
      if (thrown instanceof RequestAborted) {
        this.#log.debug(`${request.method} ${request.url}: ${thrown.message}`)
        return
      }
      answer = errorAnswer(thrown)
      if (answer.status >= 500)
        this.#log.error(`Uncaught exception in REST call to ${request.url}`, toError(thrown))
    }
    if (response.destroyed) return
    sendAnswer(request, response, answer)
    this.#log.debug(
      `${request.socket.remoteAddress} "${request.method} ${request.url}" ${answer.status} ${Math.round(performance.now() - started)}`,
    )
  }

  async #answer(listener: Listener, { request, response, received, wanted }: Exchange): Promise<RestAnswer> {
    const { cors = null, writeHeaders, authenticate, knownHost = null } = this.#options
    writeHeaders?.(response)
    const target = readTarget(request)
    guardLoopback(listener, knownHost, request, target, (origin) => cors?.isAllowed(origin) ?? false)
    const isPreflight = cors?.writeHeaders(request, response) ?? false
    if (this.router === null) throw new RestError(404, 'HTTP 404 Not Found')
    // Browsers send no credentials with a preflight request.
    if (!isPreflight && authenticate?.(request) === false) {
      return { status: 401, text: 'User cannot access the resource.' }
    }
    const { method = 'GET' } = request
    const handle = this.router.find(method, target.path)
    const body = await readBody(request, wanted)
    received()
    await turnstile.enter()
    if (!acceptsJson(request.headers.accept)) throw new RestError(406, 'HTTP 406 Not Acceptable')
    const base = `${listener.protocol}://${target.host || `${listener.host}:${request.socket.localPort}`}`
    const query = new URLSearchParams(target.query)
    const answer = Promise.resolve(handle({ method, path: target.path, query, base, body }))
    if (await within(this.#options.answerTimeoutMs ?? answerTimeoutMs, answer)) return answer
    const stage = this.stage()
    throw new RestError(500, stage === null ? 'Request timed out' : `Request timed out. ${stage}`)
  }
}
