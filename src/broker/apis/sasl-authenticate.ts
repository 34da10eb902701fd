import type { Api } from './api.ts'

/** What stands for "for as long as the connection lasts" (KIP-368): no client needs to log in again. */
const unlimitedSession = 0

/** SaslAuthenticate carries the messages of the mechanism. */
export const saslAuthenticateApi: Api = {
  key: 36,
  name: 'SaslAuthenticate',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  async handle({ version, reader, respond, login }) {
    const request = reader.bytes()
    reader.tags()
    if (login === null) throw new Error('SaslAuthenticate is offered where SASL is off.')
    const { error, message, token } = await login.answer(request)
    const writer = respond()
    writer.int16(error).nullableString(message).bytes(token)
    if (version >= 1) writer.int64(unlimitedSession)
    return writer.tags()
  },
}
