import { ConfigError } from '../errors.ts'
import { positionText, type Sourced } from './properties.ts'

/**
 * The same error with the place of the setting to blame: ` (worker.properties:12:1)`; for a setting that is not
 * there, or an error that names none, the file.
 */
export function withOrigin(error: ConfigError, sourced: Sourced): ConfigError {
  const position = error.key === undefined ? undefined : sourced.origin(error.key)
  const place = position === undefined ? sourced.file : positionText(position)
  if (error.message.includes(`(${place}`)) return error
  return new ConfigError(`${error.message} (${place})`, { key: error.key, cause: error.cause })
}
