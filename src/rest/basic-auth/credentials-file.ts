import { createHash, timingSafeEqual } from 'node:crypto'
import { readPropertiesFile } from '../../config/read-file.ts'

/** A properties file of users and their passwords, read once. */
export class CredentialsFile {
  readonly path: string
  #passwords: ReadonlyMap<string, Buffer> | null = null

  constructor(path: string) {
    this.path = path
  }

  /** Throws ConfigError while the file cannot be read. */
  get isEmpty(): boolean {
    return this.#read().size === 0
  }

  /** As in Kafka Connect an empty file lets everybody in, with or without a name. Throws as `isEmpty`. */
  permits(user: string | null, password: string | null): boolean {
    const passwords = this.#read()
    if (passwords.size === 0) return true
    if (user === null || password === null) return false
    // Digests have one length, so the time of the comparison tells nothing; nor does an unknown user.
    const expected = passwords.get(user)
    const isSame = timingSafeEqual(digest(password), expected ?? digest(''))
    return isSame && expected !== undefined
  }

  #read(): ReadonlyMap<string, Buffer> {
    this.#passwords ??= new Map(
      readPropertiesFile(this.path).pairs.map(([user, password]) => [user, digest(password)]),
    )
    return this.#passwords
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
