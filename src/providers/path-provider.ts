import type { ConfigProvider } from '../config/variables.ts'
import type { Logger } from '../util/logger.ts'
import { AllowedPaths } from './allowed-paths.ts'

/** The keys that there are at the path, with their values. `asGiven` is the path for messages. */
export type ReadPath = (
  path: string,
  keys: ReadonlySet<string>,
  asGiven: string,
) => Iterable<readonly [key: string, value: string]>

/** A provider whose paths are those of files: it reads where `allowed.paths` lets it, and has nothing elsewhere. */
export function pathProvider(
  params: Readonly<Record<string, string | null>>,
  log: Logger,
  read: ReadPath,
): ConfigProvider {
  const paths = new AllowedPaths(params['allowed.paths'] ?? null, log)
  return {
    get(path, keys) {
      const data = Object.create(null) as Record<string, string>
      const allowed = path.trim() === '' ? null : paths.allowed(path)
      if (allowed !== null) for (const [key, value] of read(allowed, keys, path)) data[key] = value
      return { data, ttlMs: null }
    },
  }
}
