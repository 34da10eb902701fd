import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SecureContextOptions } from 'node:tls'
import { toError } from '../errors.ts'
import { readPkcs12, type Pkcs12 } from '../util/tls/pkcs12.ts'
import type { SettingsReader } from './settings-reader.ts'

/** Without a trust store, Node's own root certificates are trusted, as Java's are by Java. */
export function readTrust(reader: SettingsReader): SecureContextOptions {
  const inline = reader.text('ssl.truststore.certificates')
  const password = reader.text('ssl.truststore.password')
  reader.text('ssl.truststore.type')
  if (inline !== null && inline !== '') {
    if (reader.isSet('ssl.truststore.location')) {
      throw reader.error(
        'ssl.truststore.certificates',
        `Both ${reader.nameOf('ssl.truststore.location')} and ${reader.nameOf('ssl.truststore.certificates')} are set: use one of them.`,
      )
    }
    return { ca: pemBlocks(inline, 'CERTIFICATE', reader, 'ssl.truststore.certificates') }
  }
  if (!reader.isSet('ssl.truststore.location')) return {}
  const store = readStore(reader, 'truststore')
  if (store.format === 'PEM') {
    return { ca: pemBlocks(store.bytes.toString('latin1'), 'CERTIFICATE', reader, store.name) }
  }
  const { certificates } = readPkcs12Store(reader, store, password)
  if (certificates.length === 0) throw unreadable(reader, store, 'it holds no certificates')
  return { ca: [...certificates] }
}

export function readKey(reader: SettingsReader): SecureContextOptions {
  const chain = reader.text('ssl.keystore.certificate.chain')
  const key = reader.text('ssl.keystore.key')
  const keyPassword = reader.text('ssl.key.password') || null
  const storePassword = reader.text('ssl.keystore.password')
  reader.text('ssl.keystore.type')
  const passphrase = keyPassword === null ? {} : { passphrase: keyPassword }
  if (chain !== null || key !== null) {
    if (chain === null || key === null) {
      throw reader.error(
        key === null ? 'ssl.keystore.certificate.chain' : 'ssl.keystore.key',
        `${reader.nameOf('ssl.keystore.certificate.chain')} and ${reader.nameOf('ssl.keystore.key')} are needed together.`,
      )
    }
    return {
      cert: pemBlocks(chain, 'CERTIFICATE', reader, 'ssl.keystore.certificate.chain').join(''),
      key: pemBlocks(key, 'PRIVATE KEY', reader, 'ssl.keystore.key').join(''),
      ...passphrase,
    }
  }
  if (!reader.isSet('ssl.keystore.location')) return {}
  const store = readStore(reader, 'keystore')
  if (store.format === 'PKCS12') {
    const found = readPkcs12Store(reader, store, storePassword)
    try {
      return keyAndChain(found, keyPassword ?? storePassword ?? '')
    } catch (error) {
      throw unreadable(reader, store, toError(error).message, error)
    }
  }
  const text = store.bytes.toString('latin1')
  const cert = pemBlocks(text, 'CERTIFICATE', reader, store.name).join('')
  return { cert, key: pemBlocks(text, 'PRIVATE KEY', reader, store.name).join(''), ...passphrase }
}

/** The first key that has its certificate there, and the certificates that vouch for it. */
function keyAndChain({ certificates, keys }: Pkcs12, passphrase: string): SecureContextOptions {
  const known = certificates.map((text) => ({ text, certificate: new X509Certificate(text) }))
  for (const key of keys) {
    const privateKey = createPrivateKey({ key, passphrase })
    const chain = known.filter(({ certificate }) => certificate.checkPrivateKey(privateKey)).slice(0, 1)
    if (chain.length === 0) continue
    for (;;) {
      const last = chain.at(-1)!
      const issuer = known.find(
        (other) => !chain.includes(other) && last.certificate.checkIssued(other.certificate),
      )
      if (issuer === undefined) break
      chain.push(issuer)
    }
    return { key, passphrase, cert: chain.map(({ text }) => text).join('') }
  }
  throw new Error('it holds no private key with its certificate')
}

interface Store {
  readonly kind: 'truststore' | 'keystore'
  readonly name: string
  readonly path: string
  readonly bytes: Buffer
  readonly format: 'PEM' | 'PKCS12'
}

/** The file decides what it is: Java, too, reads PKCS12 where `type` says JKS (its default). */
function readStore(reader: SettingsReader, kind: Store['kind']): Store {
  const name = `ssl.${kind}.location`
  const path = reader.text(name)!
  const type = reader.text(`ssl.${kind}.type`)?.toUpperCase() ?? 'JKS'
  const [nameText, typeText] = [reader.nameOf(name), reader.nameOf(`ssl.${kind}.type`)]
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw reader.error(
      name,
      `The file ${path} of ${nameText} cannot be read: ${toError(error).message}`,
      error,
    )
  }
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed) {
    throw reader.error(
      name,
      `${nameText}=${path} is a JKS store, which only Java can read. Convert it: keytool -importkeystore ` +
        `-srckeystore ${path} -destkeystore ${path}.p12 -deststoretype PKCS12; then set ${nameText}=${path}.p12 and ` +
        `${typeText}=PKCS12.`,
    )
  }
  const format = bytes.includes('-----BEGIN ') ? 'PEM' : bytes[0] === 0x30 ? 'PKCS12' : null
  const isAsSaid = format === 'PEM' ? type === 'PEM' : type !== 'PEM'
  if (format === null || !isAsSaid) {
    throw reader.error(
      name,
      `${nameText}=${path} is ${format ?? 'neither PEM nor PKCS12'}, but ${typeText} is ${type}.`,
    )
  }
  return { kind, name, path, bytes, format }
}

function readPkcs12Store(reader: SettingsReader, store: Store, password: string | null): Pkcs12 {
  try {
    return readPkcs12(store.bytes, password ?? '')
  } catch (error) {
    throw unreadable(reader, store, toError(error).message, error)
  }
}

function unreadable(reader: SettingsReader, { kind, name, path }: Store, why: string, cause?: unknown) {
  const nameText = reader.nameOf(name)
  return reader.error(
    name,
    `The PKCS12 ${kind === 'truststore' ? 'trust' : 'key'} store ${path} (${nameText}) cannot be read: ${why}. ` +
      `If its password is right, convert it: openssl pkcs12 -legacy -in ${path} ` +
      `${kind === 'truststore' ? '-nokeys' : '-nodes'} -out ${kind}.pem; then set ${nameText}=${kind}.pem and ` +
      `${reader.nameOf(`ssl.${kind}.type`)}=PEM.`,
    cause,
  )
}

/** The blocks of a PEM text, on lines as OpenSSL wants them: Java also reads them from a single line. */
function pemBlocks(
  text: string,
  kind: 'CERTIFICATE' | 'PRIVATE KEY',
  reader: SettingsReader,
  name: string,
): string[] {
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
  if (blocks.length === 0) {
    throw reader.error(name, `${reader.nameOf(name)} holds no PEM block of kind ${kind}.`)
  }
  return blocks
}
