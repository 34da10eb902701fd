import type { Props } from '../api/plugin.ts'
import type { CommonSettings } from '../config/connector-config.ts'
import { ConnectError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'

export interface TaskConfigDeps {
  readonly plugin: { readonly name: string }
  /** The connector's settings, variables unresolved. */
  readonly raw: Props
  readonly common: CommonSettings
  readonly log: Logger
}

/** What a connector made for its tasks, with what every task gets. Throws ConnectError for more than `tasks.max`. */
export function completeTaskConfigs(
  name: string,
  generated: readonly Props[],
  { plugin, raw, common, log }: TaskConfigDeps,
): readonly Props[] {
  const { 'tasks.max': max, 'tasks.max.enforce': isEnforced } = common
  checkNumber(name, generated.length, { max, isEnforced, log })
  const shared: Record<string, string | null> = { 'task.class': taskClass(plugin) }
  for (const key of ['topics', 'topics.regex']) if (raw[key] !== undefined) shared[key] = raw[key]
  return generated.map((task) => ({ ...task, ...shared }))
}

/** Settings whose raw text holds a variable go back to that text, so that no secret is kept or shown. */
export function rawAgain(task: Props, raw: Props): Props {
  return Object.fromEntries(
    Object.entries(task).map(([key, value]) => {
      const given = raw[key]
      return [key, typeof given === 'string' && /\$\{[^}]*\}/.test(given) ? given : value]
    }),
  )
}

function checkNumber(
  name: string,
  count: number,
  { max, isEnforced, log }: { max: number; isEnforced: boolean; log: Logger },
): void {
  if (count <= max) return
  const message =
    `The connector ${name} has generated ${count} tasks, which is greater than ${max}, ` +
    'the maximum number of tasks it is configured to create. '
  if (isEnforced) {
    throw new ConnectError(
      `${message}This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`,
    )
  }
  log.warn(message)
}

/** Kafka's task classes are named after their connectors: `FileStreamSourceTask`. */
function taskClass({ name }: { readonly name: string }): string {
  return name.endsWith('Connector') ? `${name.slice(0, -'Connector'.length)}Task` : `${name}Task`
}
