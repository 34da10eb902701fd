import { isUtf8 } from 'node:buffer'
import { setTimeout as delay } from 'node:timers/promises'
import { WireError } from '../../protocol/wire-reader.ts'
import type { Logger } from '../../util/logger.ts'
import { ErrorCode } from '../error-codes.ts'
import type { Authenticator, SaslMechanism } from './authenticator.ts'
import { LoginRefused, type Exchange } from './exchange.ts'

export interface LoginDeps {
  readonly authenticator: Authenticator
  /** How long a refusal is held back: whoever guesses, guesses slowly. */
  readonly failedLoginDelayMs: number
  readonly log: Logger
}

export interface LoginAnswer {
  readonly error: ErrorCode
  readonly message: string | null
  readonly token: Buffer
}

/** The way of one connection from unknown to known, as SaslHandshake and SaslAuthenticate ask for it. */
export class Login {
  readonly #deps: LoginDeps
  readonly #clientHost: string
  readonly #passed: () => void
  #exchange: Exchange | null = null
  #mechanism = ''
  #isDone = false
  #hasFailed = false
  #takesBareTokens = false

  /** `passed` is called once, before the last answer. */
  constructor(deps: LoginDeps, clientHost: string, passed: () => void) {
    this.#deps = deps
    this.#clientHost = clientHost
    this.#passed = passed
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** There is no second attempt on the same connection. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Behind a SaslHandshake of version 0 tokens come as they are, not in requests. */
  get takesBareTokens(): boolean {
    return this.#takesBareTokens && !this.#isDone
  }

  get mechanisms(): readonly SaslMechanism[] {
    return this.#deps.authenticator.mechanisms
  }

  choose(mechanism: string, { bareTokens }: { bareTokens: boolean }): ErrorCode {
    if (this.#isDone) return ErrorCode.ILLEGAL_SASL_STATE
    if (this.#exchange !== null) throw new WireError('a second SaslHandshake in one login')
    this.#exchange = this.#deps.authenticator.begin(mechanism)
    if (this.#exchange === null) {
      this.#hasFailed = true
      this.#warn('it asked for a mechanism that is not offered')
      return ErrorCode.UNSUPPORTED_SASL_MECHANISM
    }
    this.#mechanism = ` with ${mechanism}`
    this.#takesBareTokens = bareTokens
    return ErrorCode.NONE
  }

  async answer(token: Buffer): Promise<LoginAnswer> {
    if (this.#isDone) return refusal(ErrorCode.ILLEGAL_SASL_STATE, 'The connection is authenticated already.')
    if (this.#exchange === null) throw new WireError('SaslAuthenticate without a SaslHandshake before it')
    try {
      if (!isUtf8(token)) throw new LoginRefused('the message is not UTF-8 text')
      const { answer, user } = await this.#exchange.step(token.toString('utf8'))
      if (user !== null) {
        this.#isDone = true
        this.#deps.log.debug(`The client at ${this.#clientHost} is ${JSON.stringify(user)}.`)
        this.#passed()
      }
      return { error: ErrorCode.NONE, message: null, token: Buffer.from(answer) }
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error
      this.#hasFailed = true
      this.#warn(error.message)
      await delay(this.#deps.failedLoginDelayMs, undefined, { ref: false })
      return refusal(ErrorCode.SASL_AUTHENTICATION_FAILED, `Authentication failed: ${error.message}.`)
    }
  }

  #warn(reason: string): void {
    this.#deps.log.warn(
      `Authentication of a client at ${this.#clientHost}${this.#mechanism} failed: ${reason}.`,
    )
  }
}

function refusal(error: ErrorCode, message: string): LoginAnswer {
  return { error, message, token: Buffer.alloc(0) }
}
