import type { ConnectionOptions } from 'node:tls'
import { ConfigError } from '../errors.ts'
import type { KafkajsSasl } from './kafkajs-internals.ts'
import { readSasl, saslNames } from './settings-sasl.ts'
import { invalid } from '../config/settings-reader.ts'
import type { SettingsReader } from '../config/settings-reader.ts'
import { readTls, tlsNames } from './settings-tls.ts'

/** What every client needs to reach its brokers. */
export interface ConnectionSettings {
  readonly bootstrapServers: readonly { host: string; port: number }[]
  readonly clientId: string
  readonly ssl: ConnectionOptions | null
  readonly sasl: KafkajsSasl | null
  readonly requestTimeoutMs: number
  readonly connectionTimeoutMs: number
  readonly reconnectBackoffMs: number
  readonly reconnectBackoffMaxMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly metadataMaxAgeMs: number
}

/** Names of Kafka's clients that say how to reach a broker safely: none of them may be ignored. */
export const securityNames: readonly string[] = ['security.protocol', ...tlsNames, ...saslNames]

export function readConnectionSettings(
  reader: SettingsReader,
  { clientId, requestTimeoutMs = 30_000 }: { clientId: string; requestTimeoutMs?: number },
): ConnectionSettings {
  const retryBackoffMs = reader.number('retry.backoff.ms', 100)
  const reconnectBackoffMs = reader.number('reconnect.backoff.ms', 50)
  return {
    bootstrapServers: readBootstrapServers(reader),
    ...readSecurity(reader),
    clientId: reader.text('client.id') || clientId,
    requestTimeoutMs: reader.int('request.timeout.ms', requestTimeoutMs),
    connectionTimeoutMs: reader.number('socket.connection.setup.timeout.ms', 10_000),
    reconnectBackoffMs,
    reconnectBackoffMaxMs: Math.max(reconnectBackoffMs, reader.number('reconnect.backoff.max.ms', 1000)),
    retryBackoffMs,
    retryBackoffMaxMs: Math.max(retryBackoffMs, reader.number('retry.backoff.max.ms', 1000)),
    metadataMaxAgeMs: reader.number('metadata.max.age.ms', 300_000),
  }
}

function readBootstrapServers(reader: SettingsReader): { host: string; port: number }[] {
  const name = 'bootstrap.servers'
  const servers = reader.list(name).filter((address) => address !== '')
  if (servers.length === 0) {
    if (reader.text(name) === null) {
      throw new ConfigError(`Missing required configuration "${name}" which has no default value.`)
    }
    throw new ConfigError(`No resolvable bootstrap urls given in ${name}`)
  }
  return servers.map((address) => {
    // As Java reads it: an optional protocol, a name or [IPv6 address], a port.
    const [, ipv6, host, port] =
      /^(?:.*?:\/\/)?(?:\[([0-9a-zA-Z\-%._:]*)\]|([0-9a-zA-Z\-%._]+)):(\d+)$/.exec(address) ?? []
    if (port === undefined) throw new ConfigError(`Invalid url in ${name}: ${address}`)
    if (Number(port) > 65_535) throw new ConfigError(`Invalid port in ${name}: ${address}`)
    return { host: ipv6 ?? host!, port: Number(port) }
  })
}

function readSecurity(reader: SettingsReader): { ssl: ConnectionOptions | null; sasl: KafkajsSasl | null } {
  const name = 'security.protocol'
  const protocol = reader.text(name)?.toUpperCase() ?? 'PLAINTEXT'
  if (!['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].includes(protocol)) {
    throw invalid(
      name,
      reader.text(name),
      '(case insensitive) String must be one of: PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL',
    )
  }
  // Without TLS or SASL their settings are ignored, as Java does.
  return {
    ssl: protocol === 'SSL' || protocol === 'SASL_SSL' ? readTls(reader) : null,
    sasl: protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL' ? readSasl(reader) : null,
  }
}
