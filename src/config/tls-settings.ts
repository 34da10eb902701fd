import { createSecureContext } from 'node:tls'
import type { SecureContextOptions, SecureVersion } from 'node:tls'
import { toError } from '../errors.ts'
import type { SettingsReader } from './settings-reader.ts'
import { readKey, readTrust } from './tls-stores.ts'

/**
 * TLS as the `ssl.*` settings want it, for clients and listeners alike. Stores are read now: a mistake shows before
 * the first connection.
 */
export function readTlsContext(reader: SettingsReader): SecureContextOptions {
  const options = {
    ...readTrust(reader),
    ...readKey(reader),
    ...readProtocols(reader),
    ...readCiphers(reader),
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw reader.error(
      'ssl.keystore.location',
      `The ${reader.nameOf('ssl.')}* settings do not work together: ${toError(error).message}.`,
      error,
    )
  }
  return options
}

const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** As in Kafka, `ssl.protocol=TLSv1.2` keeps 1.3 out although it is enabled; as in Java, suites of 1.2 alone do, too. */
function readProtocols(reader: SettingsReader): SecureContextOptions {
  const name = 'ssl.enabled.protocols'
  const protocols = reader.isSet(name) ? reader.list(name) : ['TLSv1.2', 'TLSv1.3']
  const ranks = protocols.map((protocol) => versions.findIndex((version) => version === protocol))
  if (ranks.includes(-1)) {
    const unknown = protocols[ranks.indexOf(-1)]!
    throw reader.invalid(name, unknown, `Only these are implemented here: ${versions.join(', ')}`)
  }
  const suites = namedSuites(reader)
  const hasOldSuitesOnly = suites.length > 0 && suites.every(isOld)
  const limits = [reader.text('ssl.protocol'), hasOldSuitesOnly ? 'TLSv1.2' : null]
  const newest = limits.map((limit) => versions.findIndex((version) => version === limit))
  const allowed = ranks.filter((rank) => newest.every((limit) => limit === -1 || rank <= limit))
  if (allowed.length === 0) {
    throw reader.invalid(
      name,
      reader.text(name),
      `${reader.nameOf('ssl.protocol')} and ${reader.nameOf('ssl.cipher.suites')} allow none of them`,
    )
  }
  return { minVersion: versions[Math.min(...allowed)]!, maxVersion: versions[Math.max(...allowed)]! }
}

function namedSuites(reader: SettingsReader): readonly string[] {
  return reader.list('ssl.cipher.suites').filter((suite) => suite !== '')
}

/** Suites of TLS 1.3 name no key exchange: TLS_AES_128_GCM_SHA256. */
function isOld(suite: string): boolean {
  return suite.includes('_WITH_') || !suite.startsWith('TLS_')
}

/** Java's names of cipher suites, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, as OpenSSL's. */
function readCiphers(reader: SettingsReader): SecureContextOptions {
  const suites = namedSuites(reader)
  if (suites.length === 0) return {}
  const names = suites.map((suite) =>
    suite.includes('_WITH_')
      ? suite
          .replace(/^TLS_/, '')
          .replace(/^RSA_WITH_/, '')
          .replace('_WITH_', '_')
          .replace(/AES_(128|256)/, 'AES$1')
          .replace(/_CBC(_SHA)/, '$1')
          .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305')
          .replaceAll('_', '-')
      : suite,
  )
  return { ciphers: names.join(':') }
}
