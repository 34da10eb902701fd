import type { ConfigData, ConfigProvider } from '../config/variables.ts'
import { ConfigError, toError } from '../errors.ts'
import { javaPattern } from '../util/java-pattern.ts'

/**
 * EnvVarConfigProvider: the key names an environment variable; there is no path. The environment is the one at the time
 * of creation.
 *
 * Same parameters and results as org.apache.kafka.common.config.provider.EnvVarConfigProvider.
 */
export function envConfigProvider(
  params: Readonly<Record<string, string | null>>,
  env: Readonly<Record<string, string | undefined>>,
): ConfigProvider {
  const allowed = allowedNames(params['allowlist.pattern'] ?? null)
  const known = new Map<string, string>()
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (allowed === null || allowed.test(name))) known.set(name, value)
  }
  return {
    get(path, keys): ConfigData {
      if (path !== '') {
        throw new ConfigError(`Path is not supported for EnvVarConfigProvider, invalid value '${path}'`)
      }
      const data: Record<string, string> = Object.create(null) as Record<string, string>
      for (const key of keys) {
        const value = known.get(key)
        if (value !== undefined) data[key] = value
      }
      return { data, ttlMs: null }
    },
  }
}

function allowedNames(pattern: string | null): RegExp | null {
  if (pattern === null) return null
  try {
    return javaPattern(pattern).full
  } catch (cause) {
    throw new ConfigError(
      `Invalid value ${pattern} for configuration allowlist.pattern: ${toError(cause).message}`,
      {
        key: 'allowlist.pattern',
        cause,
      },
    )
  }
}
