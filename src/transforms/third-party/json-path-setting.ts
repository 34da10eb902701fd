import { ConfigError } from '../../index.ts'
import { jsonPath, type JsonPath } from './json-path.ts'

/** The JSONPath that a setting holds. Throws ConfigError. */
export function jsonPathSetting(key: string, text: string): JsonPath {
  try {
    return jsonPath(text)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`Invalid value ${text} for configuration ${key}: no valid JSONPath: ${problem}`, {
      key,
      cause,
    })
  }
}
