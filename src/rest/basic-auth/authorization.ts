import { RestError } from '../errors.ts'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/**
 * Reads `Basic <base64 of user:password>`; null for anything else. Throws RestError 500 for what is not Base64, as
 * Kafka Connect answers.
 */
export function readAuthorization(header: string | undefined): Credentials | null {
  if (header === undefined) return null
  const space = header.indexOf(' ')
  if (space < 1 || header.slice(0, space).toLowerCase() !== 'basic') return null
  const encoded = header.slice(space + 1)
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(encoded)) {
    throw new RestError(500, 'The credentials of the Authorization header are not Base64.')
  }
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 1 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
