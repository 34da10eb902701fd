import { BlockList, isIPv6 } from 'node:net'
import type { Logger } from '../../util/logger.ts'
import { Authenticator, saslMechanisms, type BrokerSasl } from './authenticator.ts'
import { Gate } from './gate.ts'
import type { LoginDeps } from './login.ts'
import type { BrokerTls } from './tls-acceptor.ts'

export interface SecurityOptions {
  readonly tls?: BrokerTls
  readonly sasl?: BrokerSasl
  readonly insecure: boolean
  readonly authenticationTimeoutMs: number
  readonly maxUnauthenticated: number
  readonly failedLoginDelayMs: number
  readonly log: Logger
}

/** Who gets in, and how. Throws for options that do not work together. */
export class Security {
  /** Null where nobody has to log in. */
  readonly login: LoginDeps | null
  /** Null where everybody may come in as they are. */
  readonly gate: Gate | null

  constructor({ tls, sasl, failedLoginDelayMs, log, ...limits }: SecurityOptions) {
    this.login = sasl ? { authenticator: new Authenticator(sasl), failedLoginDelayMs, log } : null
    const hasLogin = this.login !== null
    this.gate = tls || hasLogin ? new Gate({ tls: tls ?? null, hasLogin, log, ...limits }) : null
  }
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Throws where other machines could reach `address` and would be asked neither for a password nor for a certificate. */
export function refuseOpenAddress(address: string, { tls, sasl, insecure, log }: SecurityOptions): void {
  if (loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return
  if (sasl && !tls && (sasl.mechanisms ?? saslMechanisms).includes('PLAIN')) {
    log.warn(
      'Clients from other machines may log in with PLAIN and without TLS: passwords can be read on the way.',
    )
  }
  if (insecure || sasl || tls?.clientAuth === 'required') return
  throw new Error(
    `The broker would listen on ${address}, where other machines can reach it, and let in everybody. Set up users ` +
      '(sasl), require client certificates (tls), listen on localhost, or say that it may be insecure.',
  )
}
