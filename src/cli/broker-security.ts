import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { BrokerSasl } from '../broker/security/authenticator.ts'
import type { BrokerTls, ClientAuth } from '../broker/security/tls-acceptor.ts'
import { positionText, type SourcedProperties } from '../config/properties.ts'
import { readPropertiesFile, readTextFile } from '../config/read-file.ts'
import { hasVariable, resolveVariables } from '../config/variables.ts'
import { toError } from '../errors.ts'
import { configProviders, type ProviderDeps } from '../providers/config-providers.ts'
import { UsageError } from './kafka/usage-error.ts'

export interface SecurityOptions {
  readonly users?: string
  readonly tlsKey?: string
  readonly tlsCert?: string
  readonly tlsCa?: string
  readonly tlsClientAuth?: string
}

/** What `--users` and the options of TLS name, read and checked. Throws errors that name file and option. */
export function readBrokerSecurity(
  options: SecurityOptions,
  deps: ProviderDeps,
): { sasl?: BrokerSasl; tls?: BrokerTls } {
  const tls = readTls(options)
  return {
    ...(options.users === undefined ? {} : { sasl: { users: readUsers(options.users, deps) } }),
    ...(tls === null ? {} : { tls }),
  }
}

/**
 * Lines `name=password` in the syntax of Java's properties. A password may be `${file:path:key}`, `${env:NAME}` or
 * `${dir:path:file}`.
 */
export function readUsers(path: string, deps: ProviderDeps): Record<string, string> {
  const file = named('--users', () => readPropertiesFile(path))
  const [duplicate] = file.duplicates
  if (duplicate !== undefined) {
    const [first, second] = duplicate.positions
    throw new UsageError(
      `The user ${duplicate.key} stands twice in the file of --users: ${positionText(first!)}, ${positionText(second!)}.`,
    )
  }
  if (file.pairs.length === 0) {
    throw new UsageError(`--users ${path} names no user. It takes lines such as: ann=her-password`)
  }
  const { settings } = named('--users', () => resolveVariables(file.values, configProviders({}, deps)))
  const users = Object.create(null) as Record<string, string>
  for (const [name] of file.pairs) users[name] = checked(name, settings[name]!, file)
  return users
}

function checked(name: string, password: string, file: SourcedProperties): string {
  const where = positionText(file.origin(name)!)
  if (name === '') throw new UsageError(`${where}: a line of --users begins with the name of a user.`)
  if (password === '') throw new UsageError(`${where}: the user ${name} has no password.`)
  if (hasVariable(password)) {
    throw new UsageError(`${where}: nothing is found for a variable in the password of ${name}.`)
  }
  return password
}

const clientAuths: readonly string[] = ['none', 'requested', 'required'] satisfies ClientAuth[]

function readTls({ tlsKey, tlsCert, tlsCa, tlsClientAuth }: SecurityOptions): BrokerTls | null {
  if (tlsKey === undefined && tlsCert === undefined) {
    const alone =
      tlsCa === undefined ? (tlsClientAuth === undefined ? null : '--tls-client-auth') : '--tls-ca'
    if (alone !== null) throw new UsageError(`${alone} needs --tls-key and --tls-cert.`)
    return null
  }
  if (tlsKey === undefined || tlsCert === undefined) {
    throw new UsageError('--tls-key and --tls-cert are needed together.')
  }
  // Whoever names an authority wants to see certificates.
  const clientAuth = tlsClientAuth ?? (tlsCa === undefined ? 'none' : 'required')
  if (!clientAuths.includes(clientAuth)) {
    throw new UsageError(
      `--tls-client-auth ${clientAuth} is not understood. It takes ${clientAuths.join(', ')}.`,
    )
  }
  if (clientAuth !== 'none' && tlsCa === undefined) {
    throw new UsageError(
      `--tls-client-auth ${clientAuth} needs --tls-ca: the certificates that vouch for clients.`,
    )
  }
  const key = named('--tls-key', () => readTextFile(tlsKey))
  const cert = named('--tls-cert', () => readTextFile(tlsCert))
  const ca = tlsCa === undefined ? null : named('--tls-ca', () => readTextFile(tlsCa))
  if (!readCertificate(`--tls-cert ${tlsCert}`, cert).checkPrivateKey(readKey(`--tls-key ${tlsKey}`, key))) {
    throw new UsageError(
      `--tls-key ${tlsKey} is not the key of the certificate that stands first in --tls-cert ${tlsCert}.`,
    )
  }
  if (ca !== null) readCertificate(`--tls-ca ${tlsCa}`, ca)
  return { key, cert, ...(ca === null ? {} : { ca }), clientAuth: clientAuth as ClientAuth }
}

function readKey(what: string, text: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new UsageError(
      `${what} is encrypted. Decrypt it (openssl pkey) into a file that only this user can read.`,
    )
  }
  try {
    return createPrivateKey(text)
  } catch (error) {
    throw new UsageError(`${what} has no private key in PEM: ${toError(error).message}`, { cause: error })
  }
}

function readCertificate(what: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (error) {
    throw new UsageError(`${what} has no certificate in PEM: ${toError(error).message}`, { cause: error })
  }
}

function named<T>(option: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError(`${option}: ${toError(error).message}`, { cause: error })
  }
}
