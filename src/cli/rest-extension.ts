import { ConfigError } from '../errors.ts'
import { basicAuth, isBasicAuth } from '../rest/basic-auth/basic-auth.ts'
import type { Authenticate } from '../rest/site.ts'
import type { Logger } from '../util/logger.ts'
import { jaasFileOf } from './jaas-file.ts'

const key = 'rest.extension.classes'

/**
 * What `rest.extension.classes` asks for: nothing, or Kafka Connect's own basic authentication. Throws ConfigError
 * for any other extension, because it may be what guards the API.
 */
export function restExtension(
  classes: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  log: Logger,
): Authenticate | null {
  const wanted = classes.filter((name) => name !== '')
  const others = wanted.filter((name) => !isBasicAuth(name))
  if (others.length > 0) {
    throw new ConfigError(
      `Invalid value ${others.join(',')} for configuration ${key}: of REST extensions only ` +
        'BasicAuthSecurityRestExtension exists here, and without this one the REST API may be open to more people than it should be',
      { key },
    )
  }
  return wanted.length === 0 ? null : basicAuth(jaasFileOf(env), log)
}
