import { existsSync } from 'node:fs'
import { isAbsolute, normalize, sep } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'

/** The parameter `allowed.paths` of the file and directory providers: which paths variables may name. */
export class AllowedPaths {
  readonly #paths: readonly string[] | null
  readonly #log: Logger

  /** Absolute, existing paths, separated by commas; empty or null: all are allowed. */
  constructor(paths: string | null, log: Logger) {
    this.#paths = paths === null || paths === '' ? null : paths.split(',').map(checked)
    this.#log = log
  }

  /** The path without `..` in it, or null (with a warning) when it lies outside. Symbolic links are not followed. */
  allowed(path: string): string | null {
    if (this.#paths === null) return path
    const normal = withoutEnd(normalize(path))
    if (this.#paths.some((allowed) => isBelow(normal, allowed))) return normal
    this.#log.warn(`The path ${path} is not allowed to be accessed`)
    return null
  }
}

function checked(path: string): string {
  if (!isAbsolute(path)) throw new ConfigError(`Path ${path} is not absolute`)
  if (!existsSync(path)) throw new ConfigError(`Path ${path} does not exist`)
  return withoutEnd(normalize(path))
}

function isBelow(path: string, allowed: string): boolean {
  return path === allowed || path.startsWith(allowed.endsWith(sep) ? allowed : allowed + sep)
}

function withoutEnd(path: string): string {
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path
}
