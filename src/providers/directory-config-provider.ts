import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigProvider } from '../config/variables.ts'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { pathProvider } from './path-provider.ts'

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
  return pathProvider(params, log, (folder, keys, asGiven) => {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      log.warn(`The path ${asGiven} is not a directory`)
      return []
    }
    return [...keys].flatMap((key) => {
      const file = regularFile(folder, key)
      return file === null ? [] : [[key, read(file)]]
    })
  })
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
