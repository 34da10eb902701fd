import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import { ConfigError, toError } from '../errors.ts'
import { certificatesOfPkcs12 } from './pkcs12.ts'
import { invalid } from './settings-reader.ts'
import type { SettingsReader } from './settings-reader.ts'

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

/** TLS as the `ssl.*` settings want it. Stores are read now: a mistake shows before the first connection. */
export function readTls(reader: SettingsReader): ConnectionOptions {
  const options: ConnectionOptions = {
    ...readTrust(reader),
    ...readKey(reader),
    ...readProtocols(reader),
    ...readCiphers(reader),
    ...readHostCheck(reader),
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw new ConfigError(`The ssl.* settings do not work together: ${toError(error).message}.`, {
      cause: error,
    })
  }
  return options
}

/** Without a trust store, Node's own root certificates are trusted, as Java's are by Java. */
function readTrust(reader: SettingsReader): ConnectionOptions {
  const inline = reader.text('ssl.truststore.certificates')
  const password = reader.text('ssl.truststore.password')
  reader.text('ssl.truststore.type')
  if (inline !== null && inline !== '') {
    if (reader.isSet('ssl.truststore.location')) {
      throw new ConfigError(
        'Both ssl.truststore.location and ssl.truststore.certificates are set: use one of them.',
      )
    }
    return { ca: pemBlocks(inline, 'CERTIFICATE', 'ssl.truststore.certificates') }
  }
  if (!reader.isSet('ssl.truststore.location')) return {}
  const { name, path, bytes, format } = readStore(reader, 'truststore')
  if (format === 'PEM') return { ca: pemBlocks(bytes.toString('latin1'), 'CERTIFICATE', name) }
  try {
    return { ca: certificatesOfPkcs12(bytes, password ?? '') }
  } catch (error) {
    throw new ConfigError(
      `The PKCS12 trust store ${path} (${name}) cannot be read: ${toError(error).message}. If its password is right, ` +
        `convert it: openssl pkcs12 -legacy -in ${path} -nokeys -out truststore.pem; then set ${name}=truststore.pem ` +
        `and ssl.truststore.type=PEM.`,
      { cause: error },
    )
  }
}

function readKey(reader: SettingsReader): ConnectionOptions {
  const chain = reader.text('ssl.keystore.certificate.chain')
  const key = reader.text('ssl.keystore.key')
  const keyPassword = reader.text('ssl.key.password')
  const storePassword = reader.text('ssl.keystore.password')
  reader.text('ssl.keystore.type')
  const passphrase = keyPassword === null || keyPassword === '' ? {} : { passphrase: keyPassword }
  if (chain !== null || key !== null) {
    if (chain === null || key === null) {
      throw new ConfigError('ssl.keystore.certificate.chain and ssl.keystore.key are needed together.')
    }
    const cert = pemBlocks(chain, 'CERTIFICATE', 'ssl.keystore.certificate.chain').join('')
    return { cert, key: pemBlocks(key, 'PRIVATE KEY', 'ssl.keystore.key').join(''), ...passphrase }
  }
  if (!reader.isSet('ssl.keystore.location')) return {}
  const { name, bytes, format } = readStore(reader, 'keystore')
  if (format === 'PKCS12') return { pfx: bytes, passphrase: storePassword ?? '' }
  const text = bytes.toString('latin1')
  const cert = pemBlocks(text, 'CERTIFICATE', name).join('')
  return { cert, key: pemBlocks(text, 'PRIVATE KEY', name).join(''), ...passphrase }
}

interface Store {
  readonly name: string
  readonly path: string
  readonly bytes: Buffer
  readonly format: 'PEM' | 'PKCS12'
}

/** The file decides what it is: Java, too, reads PKCS12 where `type` says JKS (its default). */
function readStore(reader: SettingsReader, kind: 'truststore' | 'keystore'): Store {
  const name = `ssl.${kind}.location`
  const path = reader.text(name)!
  const type = reader.text(`ssl.${kind}.type`)?.toUpperCase() ?? 'JKS'
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new ConfigError(`The file ${path} of ${name} cannot be read: ${toError(error).message}`, {
      cause: error,
    })
  }
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed) {
    throw new ConfigError(
      `${name}=${path} is a JKS store, which only Java can read. Convert it: keytool -importkeystore ` +
        `-srckeystore ${path} -destkeystore ${path}.p12 -deststoretype PKCS12; then set ${name}=${path}.p12 and ` +
        `ssl.${kind}.type=PKCS12.`,
    )
  }
  const format = bytes.includes('-----BEGIN ') ? 'PEM' : bytes[0] === 0x30 ? 'PKCS12' : null
  const isAsSaid = format === 'PEM' ? type === 'PEM' : type !== 'PEM'
  if (format === null || !isAsSaid) {
    throw new ConfigError(
      `${name}=${path} is ${format ?? 'neither PEM nor PKCS12'}, but ssl.${kind}.type is ${type}.`,
    )
  }
  return { name, path, bytes, format }
}

/** The blocks of a PEM text, on lines as OpenSSL wants them: Java also reads them from a single line. */
function pemBlocks(text: string, kind: 'CERTIFICATE' | 'PRIVATE KEY', name: string): string[] {
  const blocks: string[] = []
  const pattern = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g
  for (const [, label, body] of text.matchAll(pattern)) {
    if (!label!.endsWith(kind)) continue
    const headers = /^\s*((?:[A-Za-z-]+:[^\r\n]*\r?\n)+)/.exec(body!)?.[1] ?? ''
    const base64 = body!.slice(body!.indexOf(headers) + headers.length).replace(/\s+/g, '')
    const lines = base64.match(/.{1,64}/g)?.join('\n') ?? ''
    blocks.push(
      `-----BEGIN ${label}-----\n${headers === '' ? '' : `${headers}\n`}${lines}\n-----END ${label}-----\n`,
    )
  }
  if (blocks.length === 0) throw new ConfigError(`${name} holds no PEM block of kind ${kind}.`)
  return blocks
}

function readProtocols(reader: SettingsReader): ConnectionOptions {
  const name = 'ssl.enabled.protocols'
  reader.text('ssl.protocol')
  const protocols = reader.isSet(name) ? reader.list(name) : ['TLSv1.2', 'TLSv1.3']
  const known: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
  const ranks = protocols.map((protocol) => known.findIndex((version) => version === protocol))
  if (ranks.includes(-1)) {
    throw invalid(name, protocols[ranks.indexOf(-1)]!, `Only these are implemented here: ${known.join(', ')}`)
  }
  return { minVersion: known[Math.min(...ranks)]!, maxVersion: known[Math.max(...ranks)]! }
}

/** Java's names of cipher suites, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, as OpenSSL's. */
function readCiphers(reader: SettingsReader): ConnectionOptions {
  const suites = reader.list('ssl.cipher.suites').filter((suite) => suite !== '')
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
