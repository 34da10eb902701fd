import type { Socket } from 'node:net'
import { WireError, WireReader } from '../protocol/wire-reader.ts'
import { writeApiVersions } from './apis/api-versions.ts'
import type { Api, ApiRequest } from './apis/api.ts'
import { saslAuthenticateApi } from './apis/sasl-authenticate.ts'
import { saslHandshakeApi } from './apis/sasl-handshake.ts'
import type { BrokerContext } from './context.ts'
import { ErrorCode } from './error-codes.ts'
import { FrameAssembler } from './frame-assembler.ts'
import { ResponseWriter } from './response-writer.ts'
import { Login, type LoginDeps } from './security/login.ts'
import { hostOf } from './security/peer.ts'

/** Nothing more is read from a client while so much of it waits to be worked on. */
const mostBufferedBytes = 1_048_576
const mostInFlight = 64
/** No client has so much to name in one request; each takes some hundred bytes while it is worked on. */
const mostElements = 250_000
const apiVersionsKey = 18
/** ApiVersions, SaslHandshake and SaslAuthenticate: all that is answered before a login. */
const loginKeys = new Set([apiVersionsKey, saslHandshakeApi.key, saslAuthenticateApi.key])
/** Of a client that has not logged in nothing larger is taken. */
const mostLoginBytes = 65_536

/** The place of one response; the frame is null where nothing is to be sent. */
interface Slot {
  isDone: boolean
  frame: Buffer[] | null
}

/** What all connections together keep of requests that are not whole yet, or not answered. */
export interface BufferBudget {
  used: number
  readonly limit: number
}

export interface ConnectionDeps {
  apis: ReadonlyMap<number, Api>
  broker: BrokerContext
  maxRequestBytes: number
  idleTimeoutMs: number
  budget: BufferBudget
  /** Null where nobody has to log in. */
  login: LoginDeps | null
}

/**
 * One client. Requests are worked on in their order, and each waits until the one before is answered: a parked
 * Fetch or JoinGroup holds up its own connection, as in Kafka. Only Produce requests may overlap.
 */
export class Connection {
  readonly #socket: Socket
  readonly #deps: ConnectionDeps
  readonly #frames: FrameAssembler
  readonly #slots: Slot[] = []
  readonly #disconnectListeners = new Set<() => void>()
  readonly #clientHost: string
  readonly #login: Login | null
  #isBlocked = false
  /** The part of the budget that this connection has. */
  #counted = 0
  /** The bytes of requests that wait for their answer. */
  #workedOnBytes = 0
  #isClosing = false

  /** `loggedIn` is called once the client is known, where it has to log in. */
  constructor(socket: Socket, deps: ConnectionDeps, loggedIn: () => void = () => {}) {
    const { login, maxRequestBytes } = deps
    this.#socket = socket
    this.#deps = deps
    this.#frames = new FrameAssembler(
      login === null ? maxRequestBytes : Math.min(mostLoginBytes, maxRequestBytes),
    )
    this.#clientHost = hostOf(socket)
    this.#login =
      login &&
      new Login(login, this.#clientHost, () => {
        this.#frames.maxBytes = maxRequestBytes
        loggedIn()
      })
    socket.setNoDelay(true)
    socket.setTimeout(deps.idleTimeoutMs, () => {
      // Of a client that is not read from nobody sees that it is gone.
      if (this.#slots.length === 0 || socket.isPaused()) socket.destroy()
    })
    socket.on('data', (chunk: Buffer) => {
      this.#frames.push(chunk)
      this.#pump()
    })
    socket.on('drain', () => this.#pump())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#closed())
  }

  /** Sends what is ready and hangs up. */
  close(): void {
    this.#isClosing = true
    if (this.#socket.writableLength === 0) this.#socket.destroy()
    else this.#socket.end(() => this.#socket.destroy())
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #pump(): void {
    // Nothing of a client that is gone may be counted again.
    if (this.#socket.destroyed) return
    // Answers of requests that came together leave together.
    this.#socket.cork()
    try {
      while (this.#mayWork) {
        const frame = this.#frames.next()
        if (frame === null) break
        this.#handle(frame)
      }
    } catch (error) {
      this.#giveUp(error)
      return
    } finally {
      this.#socket.uncork()
    }
    this.#count(this.#frames.bufferedBytes + this.#workedOnBytes)
    const most = this.#isStranger ? mostLoginBytes : mostBufferedBytes
    const isFull = !this.#mayWork && this.#frames.bufferedBytes > most
    if (isFull) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #count(bytes: number): void {
    const { budget } = this.#deps
    budget.used += bytes - this.#counted
    this.#counted = bytes
    if (budget.used > budget.limit && bytes > mostBufferedBytes) {
      this.#giveUp(new WireError(`a large request while ${budget.used} bytes of others were coming in`))
    }
  }

  get #mayWork(): boolean {
    return (
      !this.#isBlocked &&
      !this.#isClosing &&
      !this.#socket.destroyed &&
      !this.#socket.writableNeedDrain &&
      this.#slots.length < mostInFlight
    )
  }

  get #isStranger(): boolean {
    return this.#login !== null && !this.#login.isDone
  }

  #handle(frame: Buffer): void {
    if (this.#login?.takesBareTokens === true) {
      this.#await(bareAnswer(this.#login, frame), false, frame.length)
      return
    }
    const reader = new WireReader(frame, { mostElements })
    const key = reader.int16()
    const version = reader.int16()
    const correlationId = reader.int32()
    if (this.#isStranger && !loginKeys.has(key)) throw new WireError(`API ${key} before it had logged in`)
    const api = this.#deps.apis.get(key)
    if (api === undefined || version < api.minVersion || version > api.maxVersion) {
      if (key !== apiVersionsKey)
        throw new WireError(`API ${key} in version ${version}, which is not offered`)
      const refusal = new ResponseWriter(correlationId)
      const apis = this.#deps.apis.values()
      writeApiVersions(refusal, { version: 0, error: ErrorCode.UNSUPPORTED_VERSION, apis })
      this.#send(refusal.finish())
      return
    }
    // Also in a flexible header the client id has its old form.
    const clientId = reader.nullableString() ?? ''
    reader.flexible = version >= api.flexibleFrom
    reader.tags()
    const flexible = reader.flexible
    this.#answer(api, {
      version,
      reader,
      clientId,
      clientHost: this.#clientHost,
      login: this.#login,
      respond: (capacity = 256) =>
        new ResponseWriter(correlationId, {
          flexible,
          hasTaggedHeader: flexible && key !== apiVersionsKey,
          capacity,
        }),
      onDisconnect: (listener) => {
        this.#disconnectListeners.add(listener)
        return () => this.#disconnectListeners.delete(listener)
      },
    })
  }

  #answer(api: Api, request: ApiRequest): void {
    const response = api.handle(request, this.#deps.broker)
    if (response instanceof Promise) {
      this.#await(response, api.isConcurrent === true, request.reader.buffer.length)
    } else {
      this.#send(response === null ? null : response.finish())
      if (this.#login?.hasFailed === true) this.close()
    }
  }

  #await(
    response: Promise<{ finish(): Buffer[] } | null>,
    isConcurrent: boolean,
    requestBytes: number,
  ): void {
    const slot: Slot = { isDone: false, frame: null }
    this.#workedOnBytes += requestBytes
    this.#slots.push(slot)
    if (!isConcurrent) this.#isBlocked = true
    response.then(
      (ready) => {
        slot.isDone = true
        this.#workedOnBytes -= requestBytes
        slot.frame = ready === null ? null : ready.finish()
        if (!isConcurrent) this.#isBlocked = false
        this.#sendReady()
        if (this.#login?.hasFailed === true) this.close()
        else this.#pump()
      },
      (error: unknown) => this.#giveUp(error),
    )
  }

  #send(frame: Buffer[] | null): void {
    if (this.#slots.length > 0) this.#slots.push({ isDone: true, frame })
    else if (frame !== null) this.#write(frame)
  }

  #sendReady(): void {
    while (this.#slots[0]?.isDone === true) {
      const { frame } = this.#slots.shift()!
      if (frame !== null) this.#write(frame)
    }
  }

  #write(frame: Buffer[]): void {
    const socket = this.#socket
    if (socket.destroyed) return
    if (frame.length === 1) {
      socket.write(frame[0]!)
      return
    }
    socket.cork()
    for (const piece of frame) socket.write(piece)
    socket.uncork()
  }

  #giveUp(error: unknown): void {
    const { log } = this.#deps.broker
    if (error instanceof WireError) {
      log.warn(`The connection from ${this.#clientHost} is closed: it sent ${error.message}.`)
    } else log.error(`The connection from ${this.#clientHost} is closed after an unexpected failure.`, error)
    this.#socket.destroy()
  }

  #closed(): void {
    this.#isClosing = true
    this.#count(0)
    for (const listener of [...this.#disconnectListeners]) listener()
    this.#disconnectListeners.clear()
  }
}

/** A login behind a SaslHandshake of version 0: a length and a token, and nothing but the end where it is refused. */
async function bareAnswer(login: Login, frame: Buffer): Promise<{ finish(): Buffer[] } | null> {
  const { error, token } = await login.answer(frame)
  if (error !== ErrorCode.NONE) return null
  const length = Buffer.alloc(4)
  length.writeInt32BE(token.length)
  return { finish: () => [Buffer.concat([length, token])] }
}
