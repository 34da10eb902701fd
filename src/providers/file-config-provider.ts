import { readFileSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { parseProperties, type SourcedProperties } from '../config/properties.ts'
import type { ConfigData, ConfigProvider } from '../config/variables.ts'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { AllowedPaths } from './allowed-paths.ts'

/**
 * FileConfigProvider: the path names a properties file (UTF-8), the key one of its properties.
 *
 * Same parameters and results as org.apache.kafka.common.config.provider.FileConfigProvider.
 */
export function fileConfigProvider(
  params: Readonly<Record<string, string | null>>,
  log: Logger,
): ConfigProvider {
  const paths = new AllowedPaths(params['allowed.paths'] ?? null, log)
  return {
    get(path, keys): ConfigData {
      const data: Record<string, string> = Object.create(null) as Record<string, string>
      const allowed = path.trim() === '' ? null : paths.allowed(path)
      if (allowed === null) return { data, ttlMs: null }
      const { values } = read(allowed, path)
      for (const key of keys) if (Object.hasOwn(values, key)) data[key] = values[key]!
      return { data, ttlMs: null }
    },
  }
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
