import { connect as connectPlain, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaError, toError } from '../errors.ts'
import { WireReader } from '../protocol/wire-reader.ts'
import { WireWriter } from '../protocol/wire-writer.ts'
import type { Api, VersionRange } from './api.ts'
import { apiVersionsApi } from './apis/metadata.ts'
import { connectionError } from './connection-errors.ts'
import { brokerError } from './error-codes.ts'
import { Connection } from './kafkajs-internals.ts'
import type { KafkajsConnection, KafkajsConnectionOptions, KafkajsLogger } from './kafkajs-internals.ts'
import { RequestQueue } from './request-queue.ts'
import type { ConnectionSettings } from './settings.ts'

export interface RequestOptions {
  /** How long to wait for the answer beyond `request.timeout.ms`, where the broker may park the request. */
  readonly extraTimeoutMs?: number
}

/**
 * One connection to one broker address: opened when first used, opened again after it was lost, with
 * exponential backoff between failed attempts. Answers come in the order of the requests, so that what may
 * be parked (a fetch, a join) needs a connection of its own.
 */
export class BrokerConnection {
  readonly address: string
  readonly #host: string
  readonly #port: number
  readonly #settings: ConnectionSettings
  readonly #onFailure: (address: string, error: Error) => void
  readonly #closing = new AbortController()
  #connection: KafkajsConnection | null = null
  #opening: Promise<KafkajsConnection> | null = null
  #versions: ReadonlyMap<number, VersionRange> = new Map()
  #failures = 0
  #retryAt = 0

  constructor(
    target: { host: string; port: number },
    settings: ConnectionSettings,
    onFailure: (address: string, error: Error) => void = () => {},
  ) {
    this.#host = target.host
    this.#port = target.port
    this.address = `${target.host}:${target.port}`
    this.#settings = settings
    this.#onFailure = onFailure
  }

  get isConnected(): boolean {
    return this.#connection?.isConnected() === true
  }

  /** The session's lifetime is nearly over (KIP-368): `ready` authenticates again. */
  get needsAuthentication(): boolean {
    return this.#settings.sasl !== null && this.#connection?.isAuthenticated() === false
  }

  /** Milliseconds until another attempt to connect is due. */
  get backoffMs(): number {
    return this.isConnected ? 0 : Math.max(0, this.#retryAt - performance.now())
  }

  /** The version that both sides speak best. The connection must be ready. */
  version(api: Pick<Api<never, unknown>, 'key' | 'name' | 'minVersion' | 'maxVersion'>): number {
    const offered = this.#versions.get(api.key)
    const version = Math.min(api.maxVersion, offered?.maxVersion ?? -1)
    if (offered === undefined || version < api.minVersion || version < offered.minVersion) {
      const range = offered === undefined ? 'none' : `${offered.minVersion} to ${offered.maxVersion}`
      throw new KafkaError(
        `The broker at ${this.address} offers ${range} of the versions of ${api.name}, ` +
          `${api.minVersion} to ${api.maxVersion} would be needed.`,
        { code: 'UNSUPPORTED_VERSION' },
      )
    }
    return version
  }

  supports(key: number, version: number): boolean {
    const offered = this.#versions.get(key)
    return offered !== undefined && offered.minVersion <= version && version <= offered.maxVersion
  }

  async request<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    options: RequestOptions = {},
  ): Promise<Response> {
    const connection = await this.#ready()
    const version = this.version(api)
    const flexible = version >= (api.flexibleFrom ?? Infinity)
    const writer = new WireWriter({ flexible })
    if (flexible) writer.tags() // the end of the request header
    api.encode(writer, request, version)
    const payload = await this.#send(connection, api, version, [writer.view()], options)
    const reader = new WireReader(payload!, { flexible })
    reader.tags()
    return api.decode(reader, version)
  }

  /**
   * Sends a body that is ready, in parts that are not copied. Resolves with the answer's body, or with null
   * at once when none is expected. Throws at once, synchronously, when there is no connection: see `ready`.
   */
  sendParts(
    api: { key: number; name: string },
    version: number,
    parts: readonly Buffer[],
    options: RequestOptions & { expectResponse?: boolean } = {},
  ): Promise<Buffer | null> {
    const connection = this.#connection
    if (connection === null || !connection.isConnected()) {
      throw new KafkaError(`There is no connection to ${this.address}.`, {
        code: 'NETWORK_EXCEPTION',
        retriable: true,
      })
    }
    return this.#send(connection, api, version, parts, options)
  }

  /** Connects where needed, waiting out the backoff of failed attempts first. Throws what went wrong. */
  async ready(): Promise<void> {
    await this.#ready()
  }

  /** Drops the connection; requests under way fail with `error`. It may be opened again. */
  drop(error: Error): void {
    const connection = this.#connection
    this.#connection = null
    if (connection !== null) dropConnection(connection, error)
  }

  close(): void {
    this.#closing.abort()
    this.drop(closedError())
  }

  #send(
    connection: KafkajsConnection,
    api: { key: number; name: string },
    version: number,
    parts: readonly Buffer[],
    { extraTimeoutMs = 0, expectResponse = true }: RequestOptions & { expectResponse?: boolean },
  ): Promise<Buffer | null> {
    const correlationId = connection.nextCorrelationId()
    let size = 0
    for (const part of parts) size += part.length
    const header = requestHeader(api.key, version, correlationId, connection.clientId, size)
    if (!expectResponse) return writeParts(connection, [header, ...parts])
    return new Promise((resolve, reject) => {
      connection.requestQueue.push({
        entry: {
          apiName: api.name,
          correlationId,
          resolve: ({ payload }) => resolve(payload),
          reject: (error) => reject(connectionError(error, this.address)),
        },
        expectResponse: true,
        requestTimeout: this.#settings.requestTimeoutMs + extraTimeoutMs,
        sendRequest: () => {
          const socket = connection.socket!
          if (size < 4096) {
            socket.write(Buffer.concat([header, ...parts]))
            return
          }
          socket.cork()
          socket.write(header)
          for (const part of parts) socket.write(part)
          socket.uncork()
        },
      })
    })
  }

  async #ready(): Promise<KafkajsConnection> {
    const connection = this.#connection
    if (connection !== null && connection.isConnected()) {
      if (this.#settings.sasl !== null && !connection.isAuthenticated()) {
        try {
          await connection.authenticate()
        } catch (error) {
          throw connectionError(toError(error), this.address)
        }
      }
      return connection
    }
    this.#opening ??= this.#open().finally(() => (this.#opening = null))
    return this.#opening
  }

  async #open(): Promise<KafkajsConnection> {
    const wait = this.#retryAt - performance.now()
    if (wait > 0) await sleep(wait, undefined, { signal: this.#closing.signal }).catch(() => {})
    this.#throwIfClosed()
    try {
      const connection = await this.#connect()
      this.#failures = 0
      this.#connection = connection
      return connection
    } catch (thrown) {
      const error = connectionError(toError(thrown), this.address)
      const { reconnectBackoffMs, reconnectBackoffMaxMs } = this.#settings
      const backoff = Math.min(
        reconnectBackoffMs * 2 ** Math.min(this.#failures++, 20),
        reconnectBackoffMaxMs,
      )
      this.#retryAt = performance.now() + backoff * (0.8 + Math.random() * 0.4)
      this.#onFailure(this.address, error)
      throw error
    }
  }

  async #connect(): Promise<KafkajsConnection> {
    const { ssl, sasl, clientId, requestTimeoutMs, connectionTimeoutMs } = this.#settings
    const connection = new Connection({
      host: this.#host,
      port: this.#port,
      logger: quietLogger,
      socketFactory: openSocket,
      requestTimeout: requestTimeoutMs,
      connectionTimeout: connectionTimeoutMs,
      ssl,
      sasl: sasl === null ? null : { ...sasl },
      clientId,
    })
    connection.requestQueue = new RequestQueue({
      broker: this.address,
      defaultTimeoutMs: requestTimeoutMs,
      onTimeout: (error) => {
        if (this.#connection === connection) this.#connection = null
        dropConnection(connection, error)
      },
    })
    try {
      await inTime(connection.connect(), connectionTimeoutMs + 1000, this.address)
      const payload = await this.#send(connection, apiVersionsApi, 0, [], {})
      const { error, versions } = apiVersionsApi.decode(new WireReader(payload!), 0)
      if (error !== 0) throw brokerError(error, `Asking ${this.address} for its API versions`)
      this.#versions = versions
      connection.setVersions(Object.fromEntries(versions))
      connection.setSupportAuthenticationProtocol(versions.has(saslAuthenticateKey))
      if (sasl !== null) await connection.authenticate()
      this.#throwIfClosed()
      return connection
    } catch (error) {
      dropConnection(connection, toError(error))
      throw error
    }
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw closedError()
  }
}

const saslAuthenticateKey = 36

function closedError(): KafkaError {
  return new KafkaError('The connection was closed.', { code: 'NETWORK_EXCEPTION', retriable: true })
}

function requestHeader(
  apiKey: number,
  version: number,
  correlationId: number,
  clientId: string,
  bodySize: number,
): Buffer {
  const idLength = Buffer.byteLength(clientId)
  const header = Buffer.allocUnsafe(14 + idLength)
  header.writeInt32BE(10 + idLength + bodySize, 0)
  header.writeInt16BE(apiKey, 4)
  header.writeInt16BE(version, 6)
  header.writeInt32BE(correlationId, 8)
  header.writeInt16BE(idLength, 12)
  header.write(clientId, 14)
  return header
}

/** Resolves when the socket has taken the bytes: without answers, this is what slows a sender down. */
async function writeParts(connection: KafkajsConnection, parts: readonly Buffer[]): Promise<null> {
  await new Promise<void>((resolve, reject) => {
    connection.socket!.write(Buffer.concat(parts), (error) => (error ? reject(error) : resolve()))
  })
  return null
}

const openSocket: KafkajsConnectionOptions['socketFactory'] = ({ host, port, ssl, onConnect }) => {
  const socket =
    ssl === null
      ? connectPlain({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 60_000)
  return socket
}

/** kafkajs leaves its promise pending where the other side ends a connection that is not ready yet. */
async function inTime(connecting: Promise<unknown>, timeoutMs: number, address: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new KafkaError(`${address} did not answer in time.`, {
      code: 'NETWORK_EXCEPTION',
      retriable: true,
    })
    timer = setTimeout(() => reject(error), Math.min(timeoutMs, 2 ** 31 - 1))
  })
  try {
    await Promise.race([connecting, late])
  } finally {
    clearTimeout(timer)
  }
}

/** kafkajs ends a socket politely and waits; a connection we give up on goes at once. */
function dropConnection(connection: KafkajsConnection, error: Error): void {
  connection.requestQueue.rejectAll(error)
  connection.disconnect().catch(() => {})
  connection.socket?.destroy()
}

/** What kafkajs has to say about connections, BrokerConnection says itself, once. */
const quietLogger: KafkajsLogger = {
  namespace: () => quietLogger,
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
}
