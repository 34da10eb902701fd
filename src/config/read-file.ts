import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { ConfigError, toError } from '../errors.ts'
import { parseProperties, type SourcedProperties } from './properties.ts'

const maxBytes = 16 * 1024 * 1024

export function readPropertiesFile(path: string): SourcedProperties {
  return parseProperties(readTextFile(path), path)
}

/**
 * The text of a settings file: UTF-8 (with or without byte order mark) when its bytes are valid UTF-8, else
 * Latin-1, which is all that Kafka Connect reads. Throws ConfigError when it cannot be read.
 */
export function readTextFile(path: string): string {
  const bytes = readBounded(path)
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new ConfigError(`Could not read ${path}: it is UTF-16 text. Save it as UTF-8.`)
  }
  if (!isUtf8(bytes)) return bytes.toString('latin1')
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** Pipes are welcome (`<(...)`, /dev/stdin), so the size is watched while reading. */
function readBounded(path: string): Buffer {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    if (fstatSync(file).isDirectory())
      throw new ConfigError(`Could not read ${path}: it is a directory, not a file.`)
    const chunks: Buffer[] = []
    for (let total = 0; ;) {
      const chunk = Buffer.allocUnsafe(64 * 1024)
      const count = readSync(file, chunk)
      if (count === 0) return Buffer.concat(chunks, total)
      chunks.push(chunk.subarray(0, count))
      total += count
      if (total > maxBytes) {
        throw new ConfigError(
          `Could not read ${path}: it is larger than 16 MiB, too large for a settings file.`,
        )
      }
    }
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    throw new ConfigError(`Could not read ${path}: ${reason(toError(thrown))}`, { cause: thrown })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function reason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file. Check the spelling; a relative path starts at the current directory.'
    case 'ENOTDIR':
      return 'a part of the path is a file, not a directory.'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied. The file must be readable by the user who runs the worker.'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many open files. Raise the limit (ulimit -n).'
    default:
      return error.message
  }
}
