import { randomBytes, timingSafeEqual } from 'node:crypto'
import { SerialQueue } from '../../util/serial-queue.ts'
import { deriveScramKeys, hmac, type ScramHash, type ScramKeys } from './scram-keys.ts'

const saltBytes = 16

/**
 * Who may log in. Passwords are let go of once their keys are there, which takes some milliseconds for each; logins
 * wait for that. A name that nobody has gets keys, too, always the same, so that it looks like any other.
 */
export class Users {
  readonly #keys = new Map<string, ReadonlyMap<ScramHash, ScramKeys>>()
  readonly #decoySecret = randomBytes(32)
  readonly #derived: Promise<void>
  /** One password at a time: guessing must not take all the threads that files are read with. */
  readonly #checks = new SerialQueue()

  constructor(passwords: Readonly<Record<string, string>>, hashes: readonly ScramHash[]) {
    this.#derived = this.#derive(Object.entries(passwords), hashes)
    // Whoever logs in is told.
    this.#derived.catch(() => {})
  }

  async keysOf(name: string, hash: ScramHash): Promise<ScramKeys> {
    await this.#derived
    return this.#keys.get(name)?.get(hash) ?? this.#decoy(name, hash)
  }

  async hasPassword(name: string, password: string, hash: ScramHash): Promise<boolean> {
    const { salt, storedKey } = await this.keysOf(name, hash)
    const given = await this.#checks.run(() => deriveScramKeys(password, salt, hash))
    return timingSafeEqual(given.storedKey, storedKey)
  }

  async #derive(passwords: [name: string, password: string][], hashes: readonly ScramHash[]): Promise<void> {
    for (const [name, password] of passwords) {
      const keys = hashes.map(
        async (hash) => [hash, await deriveScramKeys(password, randomBytes(saltBytes), hash)] as const,
      )
      this.#keys.set(name, new Map(await Promise.all(keys)))
    }
  }

  /** No password leads to these keys. */
  #decoy(name: string, hash: ScramHash): ScramKeys {
    const part = (what: string) => hmac(hash, this.#decoySecret, `${what} ${name}`)
    const salt = part('salt').subarray(0, saltBytes)
    return { salt, storedKey: part('stored key'), serverKey: part('server key') }
  }
}
