import { ErrorCode } from '../error-codes.ts'
import type { Api } from './api.ts'

/** SaslHandshake names the mechanism of the login that follows. */
export const saslHandshakeApi: Api = {
  key: 17,
  name: 'SaslHandshake',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 2,
  handle({ version, reader, respond, login }) {
    const mechanism = reader.string()
    const error = login?.choose(mechanism, { bareTokens: version === 0 }) ?? ErrorCode.ILLEGAL_SASL_STATE
    const writer = respond()
    writer.int16(error)
    return writer.array(login?.mechanisms ?? [], (_, name) => writer.string(name))
  },
}
