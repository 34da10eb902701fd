import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { ConfigError, toError } from '../errors.ts'
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

export function readTls(reader: SettingsReader): ConnectionOptions {
  return { ...readTrust(reader), ...readKey(reader), ...readProtocols(reader), ...readHostCheck(reader) }
}

function readTrust(_reader: SettingsReader): ConnectionOptions {
  return {}
}
function readKey(_reader: SettingsReader): ConnectionOptions {
  return {}
}
function readProtocols(_reader: SettingsReader): ConnectionOptions {
  return {}
}
function readHostCheck(_reader: SettingsReader): ConnectionOptions {
  return {}
}
void readFileSync
void toError
void ConfigError
