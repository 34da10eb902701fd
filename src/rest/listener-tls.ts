import { SettingsReader } from '../config/settings-reader.ts'
import { readTlsContext } from '../config/tls-settings.ts'
import type { ListenerTls } from './listener.ts'

/**
 * TLS of the https listeners whose settings begin with `prefix`. As in Kafka Connect, one setting with the prefix
 * makes all those without it void. Throws ConfigError for what no client could connect to, or too many could.
 */
export function readListenerTls(props: Readonly<Record<string, string | null>>, prefix: string): ListenerTls {
  const isPrefixed = Object.keys(props).some((key) => key.startsWith(prefix) && key.length > prefix.length)
  const reader = new SettingsReader(props, isPrefixed ? prefix : '')
  const clientAuth = reader.choice('ssl.client.auth', 'none', ['none', 'requested', 'required'])
  const context = readTlsContext(reader)
  if (context.key === undefined) {
    throw reader.error(
      'ssl.keystore.location',
      `An https listener needs a certificate: set ${prefix}ssl.keystore.location and ${prefix}ssl.keystore.type to PEM or PKCS12.`,
    )
  }
  if (clientAuth !== 'none' && context.ca === undefined) {
    throw reader.error(
      'ssl.client.auth',
      `${reader.nameOf('ssl.client.auth')}=${clientAuth} needs ${reader.nameOf('ssl.truststore.location')}: ` +
        'without it every client with a certificate of any public authority would be let in.',
    )
  }
  return { ...context, clientAuth }
}
