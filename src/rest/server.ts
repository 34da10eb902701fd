import { lookup } from 'node:dns/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError, toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { within } from '../util/within.ts'
import { errorAnswer, RestError } from './errors.ts'
import { isLoopbackHost, type Listener } from './listener.ts'
import { acceptsJson } from './media-types.ts'
import { readBody } from './request-body.ts'
import type { RestAnswer, Router } from './router.ts'

/** How long running requests may go on after a stop. */
const drainMs = 1000
/** How long a request may take, as in Kafka Connect. */
const answerTimeoutMs = 90_000

/**
 * Serves the REST API on its listeners. They are open before there is anything to serve: until `serve` is
 * called every path answers 404, as in Kafka Connect.
 */
export class RestServer {
  readonly #log: Logger
  readonly #servers: Server[] = []
  #router: Router | null = null

  /** Throws ConfigError when an address cannot be listened on. */
  static async open(listeners: readonly Listener[], log: Logger): Promise<RestServer> {
    const rest = new RestServer(log)
    try {
      for (const listener of listeners) await rest.#listen(listener)
    } catch (error) {
      await rest.close()
      throw error
    }
    return rest
  }

  private constructor(log: Logger) {
    this.#log = log.named('org.apache.kafka.connect.runtime.rest.RestServer')
  }

  /** The port of the first listener: the one chosen, where 0 was asked for. */
  get port(): number {
    return (this.#servers[0]!.address() as AddressInfo).port
  }

  serve(router: Router): void {
    this.#router = router
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeIdleConnections()
            setTimeout(() => server.closeAllConnections(), drainMs).unref()
          }),
      ),
    )
  }

  async #listen(listener: Listener): Promise<void> {
    if (!listener.isLoopback) {
      this.#log.warn(
        `The REST API listens on ${listener.text} without authentication: whoever reaches it can run connectors.`,
      )
    }
    const [first, ...others] = await addresses(listener)
    const port = await this.#bind(listener, first, listener.port)
    for (const address of others) {
      // The name has a second address; a machine without IPv6 does not.
      await this.#bind(listener, address, port).catch((error: Error) => this.#log.debug(error.message))
    }
    this.#log.info(`REST API listens on ${listener.text}`)
  }

  async #bind(listener: Listener, address: string | undefined, port: number): Promise<number> {
    const server = createServer(
      { headersTimeout: 20_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 },
      (request, response) => void this.#handle(listener, request, response),
    )
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(listener, error)))
      server.listen({ port, ...(address === undefined ? {} : { host: address }) }, resolve)
    })
    this.#servers.push(server)
    return (server.address() as AddressInfo).port
  }

  async #handle(listener: Listener, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now()
    let answer: RestAnswer
    try {
      answer = await this.#answer(listener, request)
    } catch (thrown) {
      answer = errorAnswer(thrown)
      if (answer.status >= 500)
        this.#log.error(`Uncaught exception in REST call to ${request.url}`, toError(thrown))
    }
    // What was not read of a refused body must not be taken for the next request.
    if (!request.complete) response.setHeader('Connection', 'close')
    send(response, answer, request.method === 'HEAD')
    if (!request.complete) request.resume()
    this.#log.debug(
      `${request.socket.remoteAddress} "${request.method} ${request.url}" ${answer.status} ${Math.round(performance.now() - started)}`,
    )
  }

  async #answer(listener: Listener, request: IncomingMessage): Promise<RestAnswer> {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    if (listener.isLoopback && host !== '' && !isLoopbackHost(host)) {
      // A page in a browser may reach this port under a name of its own (DNS rebinding).
      throw new RestError(
        403,
        `This worker listens on ${listener.text} only; the host ${host} is not served.`,
      )
    }
    if (this.#router === null) {
      request.resume()
      throw new RestError(404, 'HTTP 404 Not Found')
    }
    const body = await readBody(request)
    if (!acceptsJson(request.headers.accept)) throw new RestError(406, 'HTTP 406 Not Acceptable')
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s)
    const { method = 'GET' } = request
    const base = `http://${request.headers.host ?? `${listener.host}:${listener.port}`}`
    const answer = this.#router.answer({ method, path, query: new URLSearchParams(query), base, body })
    if (await within(answerTimeoutMs, answer)) return answer
    throw new RestError(500, 'Request timed out')
  }
}

async function addresses({ host }: Listener): Promise<(string | undefined)[]> {
  if (host === '') return [undefined]
  if (host.toLowerCase() !== 'localhost') return [host]
  const found = await lookup(host, { all: true }).catch(() => [])
  // Most clients try 127.0.0.1 first, so it is the one that must work.
  return [...new Set(['127.0.0.1', ...found.map(({ address }) => address)])]
}

function cannotListen(listener: Listener, error: NodeJS.ErrnoException): ConfigError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'the port is in use, perhaps by another worker. Stop it or choose another port'
      : error.code === 'EACCES'
        ? 'the port may not be used by this user'
        : error.message
  return new ConfigError(`Unable to listen on ${listener.text}: ${why}.`, { key: 'listeners', cause: error })
}

function send(response: ServerResponse, { status, body, headers = {} }: RestAnswer, isHead: boolean): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (body === undefined) {
    response.end()
    return
  }
  const bytes = Buffer.from(JSON.stringify(body))
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Content-Length', bytes.length)
  response.end(isHead ? undefined : bytes)
}
