import type { WorkerFile } from './worker-file.ts'
import type { Logger } from '../util/logger.ts'

/** Worker settings that this version accepts, so that files run unchanged, and that do nothing yet. */
const withoutEffect = ['plugin.path']

/** Says which settings of the worker file have no effect. */
export function checkLimits({ props }: WorkerFile, log: Logger): void {
  for (const key of withoutEffect) {
    if (props[key]?.trim()) log.warn(`${key} has no effect in this version of tsconnect.`)
  }
  for (const key of ['internal.key.converter', 'internal.value.converter']) {
    if (key in props) log.warn(`${key} no longer exists in Kafka Connect and is ignored.`)
  }
}
