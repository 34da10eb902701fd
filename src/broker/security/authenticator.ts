import type { Exchange } from './exchange.ts'
import { PlainExchange } from './plain-exchange.ts'
import { ScramExchange } from './scram-exchange.ts'
import type { ScramHash } from './scram-keys.ts'
import { Users } from './users.ts'

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export type SaslMechanism = (typeof saslMechanisms)[number]

export interface BrokerSasl {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>
  /** All of them where none are named. */
  readonly mechanisms?: readonly SaslMechanism[]
}

/** The checking of PLAIN uses the keys of a mechanism, too, so that no password needs to be kept. */
const hashes: Readonly<Record<SaslMechanism, ScramHash>> = {
  'PLAIN': 'sha256',
  'SCRAM-SHA-256': 'sha256',
  'SCRAM-SHA-512': 'sha512',
}

/** Knows the users and the mechanisms of a broker. Throws for settings with which nobody could log in. */
export class Authenticator {
  readonly mechanisms: readonly SaslMechanism[]
  readonly #users: Users

  constructor({ users, mechanisms = saslMechanisms }: BrokerSasl) {
    refuseMistakes(users, mechanisms)
    this.mechanisms = [...mechanisms]
    this.#users = new Users(users, [...new Set(mechanisms.map((mechanism) => hashes[mechanism]))])
  }

  /** Null for a mechanism that is not offered. */
  begin(name: string): Exchange | null {
    const mechanism = this.mechanisms.find((offered) => offered === name)
    if (mechanism === undefined) return null
    const hash = hashes[mechanism]
    if (mechanism === 'PLAIN') {
      return new PlainExchange((user, password) => this.#users.hasPassword(user, password, hash))
    }
    return new ScramExchange({ hash, keysOf: (user) => this.#users.keysOf(user, hash) })
  }
}

function refuseMistakes(users: BrokerSasl['users'], mechanisms: readonly string[]): void {
  const known: readonly string[] = saslMechanisms
  const unknown = mechanisms.find((mechanism) => !known.includes(mechanism))
  if (unknown !== undefined || mechanisms.length === 0) {
    throw new Error(
      `The broker does not offer ${unknown ?? 'SASL without a mechanism'}. sasl.mechanisms may have ${known.join(', ')}.`,
    )
  }
  const names = Object.keys(users)
  if (names.length === 0) throw new Error('sasl.users of the broker is empty: nobody could log in.')
  for (const name of names) {
    if (name === '' || name.includes('\0'))
      throw new Error('sasl.users of the broker has an empty user name.')
    if (users[name] === '' || users[name]!.includes('\0')) {
      throw new Error(`The user ${name} in sasl.users of the broker has an empty password.`)
    }
  }
}
