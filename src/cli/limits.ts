import type { WorkerFile } from './worker-file.ts'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'

/** Worker settings that this version accepts, so that files run unchanged, and that do nothing yet. */
const withoutEffect = [
  'plugin.path',
  'exactly.once.source.support',
]

/**
 * Says which settings of the worker file have no effect. Throws ConfigError for what must not be ignored: a REST
 * extension guards the API.
 */
export function checkLimits({ props, settings }: WorkerFile, log: Logger): void {
  const extensions = settings['rest.extension.classes'].filter((name) => name !== '')
  if (extensions.length > 0) {
    throw new ConfigError(
      `Invalid value ${extensions.join(',')} for configuration rest.extension.classes: REST extensions are not supported yet, ` +
        'and without this one the REST API may be open to more people than it should be',
      { key: 'rest.extension.classes' },
    )
  }
  for (const key of withoutEffect) {
    if (props[key]?.trim()) log.warn(`${key} has no effect in this version of tsconnect.`)
  }
  for (const key of ['internal.key.converter', 'internal.value.converter']) {
    if (key in props) log.warn(`${key} no longer exists in Kafka Connect and is ignored.`)
  }
}
