import { readFileSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { parseProperties, type SourcedProperties } from '../config/properties.ts'
import type { ConfigProvider } from '../config/variables.ts'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { pathProvider } from './path-provider.ts'

/**
 * FileConfigProvider: the path names a properties file (UTF-8), the key one of its properties.
 *
 * Same parameters and results as org.apache.kafka.common.config.provider.FileConfigProvider.
 */
export function fileConfigProvider(
  params: Readonly<Record<string, string | null>>,
  log: Logger,
): ConfigProvider {
  return pathProvider(params, log, (path, keys, asGiven) => {
    const { values } = read(path, asGiven)
    return Object.entries(values).filter(([key]) => keys.has(key))
  })
}

function read(path: string, asGiven: string): SourcedProperties {
  let bytes
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new ConfigError(`Could not read properties from file ${asGiven}`, { cause })
  }
  if (!isUtf8(bytes)) {
    const cause = new Error('It is not UTF-8, which files of this provider have to be.')
    throw new ConfigError(`Could not read properties from file ${asGiven}`, { cause })
  }
  const text = bytes.toString('utf8')
  return parseProperties(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, path)
}
