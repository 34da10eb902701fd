import type { ConnectionOptions } from 'node:tls'
import { invalid } from '../config/settings-reader.ts'
import type { SettingsReader } from '../config/settings-reader.ts'
import { readTlsContext } from '../config/tls-settings.ts'

export const tlsNames: readonly string[] = [
  'ssl.truststore.location',
  'ssl.truststore.type',
  'ssl.truststore.password',
  'ssl.truststore.certificates',
  'ssl.keystore.location',
  'ssl.keystore.type',
  'ssl.keystore.password',
  'ssl.keystore.key',
  'ssl.keystore.certificate.chain',
  'ssl.key.password',
  'ssl.enabled.protocols',
  'ssl.protocol',
  'ssl.cipher.suites',
  'ssl.endpoint.identification.algorithm',
]

/** TLS to a broker as the `ssl.*` settings want it. */
export function readTls(reader: SettingsReader): ConnectionOptions {
  return { ...readTlsContext(reader), ...readHostCheck(reader) }
}

function readHostCheck(reader: SettingsReader): ConnectionOptions {
  const name = 'ssl.endpoint.identification.algorithm'
  const algorithm = reader.text(name) ?? 'https'
  if (algorithm === '') return { checkServerIdentity: () => undefined }
  if (algorithm.toLowerCase() === 'https') return {}
  throw invalid(
    name,
    algorithm,
    "Only 'https' and the empty text (no check of the host name) are implemented here",
  )
}
