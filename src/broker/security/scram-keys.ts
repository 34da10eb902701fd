import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

export type ScramHash = 'sha256' | 'sha512'

/** What a server keeps instead of a password: it proves the password, and cannot be turned back into it. */
export interface ScramKeys {
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** The fewest that Kafka's clients accept. */
export const scramIterations = 4096

const hashBytes: Readonly<Record<ScramHash, number>> = { sha256: 32, sha512: 64 }

const saltPassword = promisify(pbkdf2)

/** The keys of RFC 5802 for a password, whose bytes are taken as they are: no client of Kafka normalises them. */
export async function deriveScramKeys(password: string, salt: Buffer, hash: ScramHash): Promise<ScramKeys> {
  const salted = await saltPassword(password, salt, scramIterations, hashBytes[hash], hash)
  return {
    salt,
    storedKey: createHash(hash)
      .update(hmac(hash, salted, 'Client Key'))
      .digest(),
    serverKey: hmac(hash, salted, 'Server Key'),
  }
}

export function hmac(hash: ScramHash, key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(text).digest()
}
