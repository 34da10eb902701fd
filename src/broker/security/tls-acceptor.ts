import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls'
import { toError } from '../../errors.ts'
import type { Logger } from '../../util/logger.ts'
import { endsOf, hostOf } from './peer.ts'

export type ClientAuth = 'none' | 'requested' | 'required'

/** A key with its certificate, and who vouches for clients, in PEM. */
export interface BrokerTls extends Pick<SecureContextOptions, 'key' | 'cert' | 'ca' | 'passphrase'> {
  /** `requested` lets clients in without a certificate, but not with one that nobody in `ca` vouches for. */
  readonly clientAuth?: ClientAuth
}

/** Makes connections secure. Throws when key, certificate and authorities do not work together. */
export class TlsAcceptor {
  readonly #server: Server
  readonly #log: Logger
  /** The sockets below the handshakes that are under way, by `endsOf`. */
  readonly #handshakes = new Map<string, Socket>()

  /** `accept` gets each connection once both sides have agreed. */
  constructor(
    { key, cert, ca, passphrase, clientAuth = 'none' }: BrokerTls,
    { accept, log }: { accept: (socket: TLSSocket) => void; log: Logger },
  ) {
    this.#log = log
    if (key === undefined || cert === undefined)
      throw new Error("The broker's TLS needs tls.key and tls.cert.")
    if (clientAuth !== 'none' && ca === undefined) {
      throw new Error(
        `tls.clientAuth=${clientAuth} of the broker needs tls.ca: without it every client with a certificate of any ` +
          'public authority would be let in.',
      )
    }
    try {
      this.#server = createServer({
        key,
        cert,
        ...(ca === undefined ? {} : { ca }),
        ...(passphrase === undefined ? {} : { passphrase }),
        minVersion: 'TLSv1.2',
        requestCert: clientAuth !== 'none',
        rejectUnauthorized: clientAuth === 'required',
      })
    } catch (error) {
      throw new Error(
        `The broker's TLS cannot be set up with tls.key, tls.cert and tls.ca: ${toError(error).message}`,
        { cause: error },
      )
    }
    warnIfExpired(cert, log)
    this.#server.on('secureConnection', (socket) => {
      this.#handshakes.delete(endsOf(socket))
      if (!isImpostor(socket)) {
        accept(socket)
        return
      }
      this.#warn(hostOf(socket), notVouchedFor(socket))
      socket.destroy()
    })
    this.#server.on('tlsClientError', (error, socket) => this.#clientError(error, socket))
  }

  /** Begins the handshake. */
  take(socket: Socket): void {
    const ends = endsOf(socket)
    this.#handshakes.set(ends, socket)
    // Behind the event that a failed handshake brings about.
    socket.once('close', () => setImmediate(() => this.#handshakes.delete(ends)))
    this.#server.emit('connection', socket)
  }

  #clientError(error: NodeJS.ErrnoException & { reason?: string }, socket: TLSSocket): void {
    const { code = '', reason = error.message } = error
    const host = this.#hostOf(socket)
    // Node hangs up on whoever comes with a stranger's certificate, and this is how one hears of it.
    if (code === 'ECONNRESET' && socket.authorizationError) this.#warn(host, notVouchedFor(socket))
    else if (code === 'ECONNRESET') this.#log.debug(`A client at ${host} hung up during the TLS handshake.`)
    else this.#warn(host, meanings[code] ?? reason)
    socket.destroy()
  }

  /** A TLS socket that is closed has forgotten its ends; the one below it has not, and is closed, too. */
  #hostOf(socket: TLSSocket): string {
    const known = this.#handshakes.get(endsOf(socket))
    const below = known ?? [...this.#handshakes.values()].find(({ destroyed }) => destroyed) ?? socket
    this.#handshakes.delete(endsOf(below))
    return hostOf(below)
  }

  #warn(host: string, reason: string): void {
    this.#log.warn(`TLS with a client at ${host} failed: ${reason}.`)
  }
}

const plainText = 'it does not speak TLS'
const meanings: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: plainText,
  ERR_SSL_HTTP_REQUEST: plainText,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plainText,
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it knows only versions of TLS below 1.2',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it has no client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "it does not trust the broker's certificate",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "it does not trust the broker's certificate",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "it does not trust the broker's certificate",
}

function notVouchedFor({ authorizationError }: TLSSocket): string {
  return `nobody in tls.ca vouches for its certificate (${String(authorizationError)})`
}

/** Only where certificates are requested, not required, does Node leave this to us. */
function isImpostor(socket: TLSSocket): boolean {
  return !socket.authorized && socket.getPeerX509Certificate() !== undefined
}

function warnIfExpired(cert: SecureContextOptions['cert'], log: Logger): void {
  const first = Array.isArray(cert) ? cert[0]! : cert!
  const { validTo } = new X509Certificate(first)
  if (Date.parse(validTo) < Date.now()) {
    log.warn(`The certificate of the broker (tls.cert) has expired on ${validTo}: clients will refuse it.`)
  }
}
