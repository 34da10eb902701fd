import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Logger } from '../../util/logger.ts'
import { Strangers } from './strangers.ts'
import { TlsAcceptor, type BrokerTls } from './tls-acceptor.ts'

export interface GateOptions {
  readonly tls: BrokerTls | null
  /** Whether a connection is still a stranger's behind TLS. */
  readonly hasLogin: boolean
  readonly maxUnauthenticated: number
  readonly authenticationTimeoutMs: number
  readonly log: Logger
}

/** What a connection passes before it may do anything: TLS, and then, where SASL is on, a login. */
export class Gate {
  readonly #strangers: Strangers
  readonly #tls: TlsAcceptor | null
  readonly #hasLogin: boolean
  #accept: (socket: Socket) => void = (socket) => socket.destroy()

  constructor({ tls, hasLogin, maxUnauthenticated, authenticationTimeoutMs, log }: GateOptions) {
    this.#hasLogin = hasLogin
    this.#tls = tls && new TlsAcceptor(tls, { accept: (socket) => this.#secured(socket), log })
    const duty = hasLogin ? 'authenticate' : 'finish the TLS handshake'
    this.#strangers = new Strangers({
      limit: maxUnauthenticated,
      timeoutMs: authenticationTimeoutMs,
      duty,
      log,
    })
  }

  /** `accept` gets the connections that are through TLS. */
  serve(accept: (socket: Socket) => void): void {
    this.#accept = accept
  }

  enter(socket: Socket): void {
    // A client may be gone before anybody else listens for that.
    socket.on('error', () => socket.destroy())
    this.#strangers.admit(socket)
    if (this.#tls === null) this.#accept(socket)
    else this.#tls.take(socket)
  }

  /** The login succeeded. */
  passed(socket: Socket): void {
    this.#strangers.recognise(socket)
  }

  close(): void {
    this.#strangers.close()
  }

  #secured(socket: TLSSocket): void {
    if (!this.#hasLogin) this.#strangers.recognise(socket)
    this.#accept(socket)
  }
}
