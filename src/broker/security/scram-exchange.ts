import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { LoginRefused, wrongCredentials, type Exchange, type ExchangeStep } from './exchange.ts'
import { hmac, scramIterations, type ScramHash, type ScramKeys } from './scram-keys.ts'

export interface ScramDeps {
  readonly hash: ScramHash
  keysOf(name: string): Promise<ScramKeys>
  readonly serverNonce?: string
}

/** What was agreed on in the first round. */
interface FirstRound {
  readonly user: string
  readonly keys: ScramKeys
  /** Base64 of the header, which the client has to repeat. */
  readonly header: string
  readonly nonce: string
  readonly signedSoFar: string
}

/** SCRAM (RFC 5802, RFC 7677) without channel binding: both sides prove that they know the password. */
export class ScramExchange implements Exchange {
  readonly #deps: ScramDeps
  readonly #serverNonce: string
  #first: FirstRound | null = null

  constructor(deps: ScramDeps) {
    this.#deps = deps
    this.#serverNonce = deps.serverNonce ?? randomBytes(24).toString('base64')
  }

  async step(message: string): Promise<ExchangeStep> {
    return this.#first === null ? await this.#begin(message) : this.#finish(message, this.#first)
  }

  async #begin(message: string): Promise<ExchangeStep> {
    const { header, binding, actAs, bare, name, clientNonce } = readFirst(message)
    if (binding.startsWith('p')) throw new LoginRefused('channel binding is not offered')
    const user = readName(name)
    if (actAs !== undefined && readName(actAs) !== user) {
      throw new LoginRefused('nobody may act as another user')
    }
    const keys = await this.#deps.keysOf(user)
    const nonce = clientNonce + this.#serverNonce
    const answer = `r=${nonce},s=${keys.salt.toString('base64')},i=${scramIterations}`
    this.#first = {
      user,
      keys,
      header: Buffer.from(header).toString('base64'),
      nonce,
      signedSoFar: `${bare},${answer}`,
    }
    return { answer, user: null }
  }

  #finish(message: string, { user, keys, header, nonce, signedSoFar }: FirstRound): ExchangeStep {
    const { hash } = this.#deps
    const [, withoutProof, repeatedHeader, repeatedNonce, proofText] =
      /^(c=([^,]*),r=([^,]*)(?:,[A-Za-z]+=[^,]*)*),p=([A-Za-z0-9+/]+=*)$/.exec(message) ?? []
    if (withoutProof === undefined) throw unreadable()
    if (repeatedHeader !== header) throw new LoginRefused('the header of the first message is not repeated')
    // librdkafka up to 2.6.0 puts its own part in front once more. It is signed like all the rest.
    if (!repeatedNonce!.endsWith(nonce)) {
      throw new LoginRefused('the nonce of the first answer is not repeated')
    }
    const signed = `${signedSoFar},${withoutProof}`
    const signature = hmac(hash, keys.storedKey, signed)
    const proof = Buffer.from(proofText!, 'base64')
    if (proof.length !== signature.length) throw wrongCredentials()
    const clientKey = proof.map((byte, at) => byte ^ signature[at]!)
    const isProven = timingSafeEqual(createHash(hash).update(clientKey).digest(), keys.storedKey)
    if (!isProven) throw wrongCredentials()
    return { answer: `v=${hmac(hash, keys.serverKey, signed).toString('base64')}`, user }
  }
}

/** A mandatory extension (`m=`) is none that we know: the message has no such form here. */
function readFirst(message: string) {
  const [, header, binding, actAs, bare, name, clientNonce] =
    /^((n|y|p=[^,]*),(?:a=([^,]*))?,)(n=([^,]+),r=([!-+\--~]+)(?:,[A-Za-z]+=[^,]*)*)$/.exec(message) ?? []
  if (header === undefined) throw unreadable()
  return { header, binding: binding!, actAs, bare: bare!, name: name!, clientNonce: clientNonce! }
}

function readName(text: string): string {
  if (/=(?!2C|3D)/.test(text)) throw unreadable()
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function unreadable(): LoginRefused {
  return new LoginRefused('the message is not one of SCRAM')
}
