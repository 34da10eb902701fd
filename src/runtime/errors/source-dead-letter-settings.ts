import type { Props } from '../../api/plugin.ts'
import { withPrefix } from '../../config/config-def.ts'
import { deadLetterConfig } from '../../config/connector-config.ts'
import { overridePolicy, overrideProblem } from '../../config/override-policy.ts'
import { ConfigError } from '../../errors.ts'

/**
 * Checks what a source says of dead letters. Kafka Connect has them for sinks only, so its validation has nothing to say
 * to them, nor to the overrides of the admin client that creates their topic. Throws ConfigError.
 */
export function checkSourceDeadLetters(worker: Props, connector: Props): void {
  if (!deadLetterConfig.parse(connector)['errors.deadletterqueue.topic.name']) return
  const policy = overridePolicy(worker['connector.client.config.override.policy']?.trim() ?? 'All')
  const prefix = 'admin.override.'
  for (const name of Object.keys(withPrefix(connector, prefix))) {
    const problem = overrideProblem(policy, name)
    if (problem !== null) throw new ConfigError(problem, { key: prefix + name })
  }
}
