import { lookup } from 'node:dns/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { Connections } from './connections.ts'
import type { Listener } from './listener.ts'
import { answerMalformed } from './malformed.ts'

/** How long running requests may go on after a stop. */
const drainMs = 1000

const limits = {
  headersTimeout: 20_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 30_000,
  // Every request without one gets its answer in our own words.
  requireHostHeader: false,
}
/** Longer than any answer may take: whoever does not read the answer goes. */
const silenceMs = 120_000
const handshakeMs = 10_000

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** To be called when the request is there as a whole. */
  received(): void
  /** To be called before reading a body, by those who want it. */
  wanted(): void
}

/** One listener, open: its server, or two where its name has two addresses. */
export class HttpPort {
  readonly listener: Listener
  readonly #servers: Server[] = []
  readonly #connections = new Connections()
  readonly #serve: (exchange: Exchange) => void
  readonly #log: Logger

  /** Throws ConfigError when the address cannot be listened on. */
  static async open(listener: Listener, serve: (exchange: Exchange) => void, log: Logger): Promise<HttpPort> {
    const opened = new HttpPort(listener, serve, log)
    const [first, ...others] = await addresses(listener)
    await opened.#bind(first, listener.port)
    for (const address of others) {
      // The name has a second address; a machine without IPv6 does not.
      await opened.#bind(address, opened.port).catch((error: Error) => log.debug(error.message))
    }
    return opened
  }

  private constructor(listener: Listener, serve: (exchange: Exchange) => void, log: Logger) {
    this.listener = listener
    this.#serve = serve
    this.#log = log
  }

  /** The one chosen by the system where 0 was asked for. */
  get port(): number {
    return (this.#servers[0]!.address() as AddressInfo).port
  }

  /** As it was asked for, with the port that it has. */
  get text(): string {
    return this.listener.text.replace(/:-?\d+$/, `:${this.port}`)
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

  async #bind(address: string | undefined, port: number): Promise<void> {
    const server = this.#server()
    server.setTimeout(silenceMs)
    server.on('connection', (socket: Socket) => this.#connections.opened(socket))
    server.on('request', (request, response) => this.#exchange(request, response, false))
    server.on('checkContinue', (request, response) => this.#exchange(request, response, true))
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (isOthersTurn(socket as Socket)) socket.destroy()
      else answerMalformed(error, socket)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(this.listener, error)))
      const host = address === undefined ? {} : { host: address }
      server.listen({ port, backlog: 1024, ...host }, resolve)
    })
    server.on('error', (error) => this.#log.warn(`A connection to ${this.listener.text} was lost.`, error))
    this.#servers.push(server)
  }

  #server(): Server {
    const { tls } = this.listener
    if (tls === null) return createServer(limits)
    const { clientAuth, ...context } = tls
    const server = createTlsServer({
      ...limits,
      ...context,
      handshakeTimeout: handshakeMs,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'required',
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      // A client may come without a certificate, but not with one that nobody vouches for.
      const hasCertificate = clientAuth === 'requested' && socket.getPeerX509Certificate() !== undefined
      if (hasCertificate && !socket.authorized) socket.destroy()
    })
    server.on('tlsClientError', (error, socket) => {
      this.#log.debug(`TLS with ${socket.remoteAddress} failed: ${error.message}`)
    })
    return server
  }

  #exchange(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    const { socket } = request
    const others = pending.get(socket) ?? new Set()
    pending.set(socket, others.add(response))
    response.once('close', () => {
      others.delete(response)
      if (others.size === 0) this.#connections.answered(socket)
    })
    this.#serve({
      request,
      response,
      received: () => this.#connections.busy(socket),
      wanted: () => {
        if (awaitsContinue) response.writeContinue()
      },
    })
  }
}

/** What is not answered yet, by connection. */
const pending = new WeakMap<Socket, Set<ServerResponse>>()

/** Whether words about a mistake would end up in, or before, the answer to another request. */
function isOthersTurn(socket: Socket): boolean {
  const [first, ...others] = pending.get(socket) ?? []
  return first !== undefined && (others.length > 0 || first.req.complete || first.headersSent)
}

async function addresses({ host }: Listener): Promise<(string | undefined)[]> {
  if (host === '') return [undefined]
  if (host.toLowerCase() !== 'localhost') return [host]
  const found = await lookup(host, { all: true }).catch(() => [])
  // Most clients try 127.0.0.1 first, so it is the one that must work.
  return [...new Set(['127.0.0.1', ...found.map(({ address }) => address)])]
}

function cannotListen({ text, key }: Listener, error: NodeJS.ErrnoException): ConfigError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'the port is in use, perhaps by another worker. Stop it or choose another port'
      : error.code === 'EACCES'
        ? 'the port may not be used by this user'
        : error.message
  return new ConfigError(`Unable to listen on ${text}: ${why}.`, { key, cause: error })
}
