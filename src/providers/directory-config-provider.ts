import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigData, ConfigProvider } from '../config/variables.ts'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { AllowedPaths } from './allowed-paths.ts'

/**
 * DirectoryConfigProvider: the path names a directory, the key a file in it, whose whole text is the value; the way in
 * which containers mount secrets.
 *
 * Same parameters and results as org.apache.kafka.common.config.provider.DirectoryConfigProvider.
 */
export function directoryConfigProvider(
  params: Readonly<Record<string, string | null>>,
  log: Logger,
): ConfigProvider {
  const paths = new AllowedPaths(params['allowed.paths'] ?? null, log)
  return {
    get(path, keys): ConfigData {
      const data: Record<string, string> = Object.create(null) as Record<string, string>
      const allowed = path.trim() === '' ? null : paths.allowed(path)
      if (allowed === null) return { data, ttlMs: null }
      if (statSync(allowed, { throwIfNoEntry: false })?.isDirectory() !== true) {
        log.warn(`The path ${path} is not a directory`)
        return { data, ttlMs: null }
      }
      for (const key of keys) {
        const file = regularFile(allowed, key)
        if (file !== null) data[key] = read(file)
      }
      return { data, ttlMs: null }
    },
  }
}

/** Only files directly in the directory count, never a path that leads elsewhere. */
function regularFile(folder: string, name: string): string | null {
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) return null
  const file = join(folder, name)
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : null
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`Could not read file ${file} for property`, { cause })
  }
}
