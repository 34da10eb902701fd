import { ConfigError } from '../errors.ts'
import type { RawSettings } from './config-def.ts'

const prefixes = ['producer.override.', 'consumer.override.', 'admin.override.']
const principalKeys = ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol']

/** Which client settings connectors may override: `connector.client.config.override.policy`. */
export type OverridePolicy = 'All' | 'None' | 'Principal'

/** The policy under its alias or class name. Throws ConfigError for one that there is not. */
export function overridePolicy(name: string): OverridePolicy {
  const suffix = 'ConnectorClientConfigOverridePolicy'
  const found = (['All', 'None', 'Principal'] as const).find((policy) =>
    [policy, policy + suffix, `org.apache.kafka.connect.connector.policy.${policy}${suffix}`].includes(name),
  )
  if (found !== undefined) return found
  throw new ConfigError(
    `Invalid value ${name} for configuration connector.client.config.override.policy: Class ${name} could not be found. ` +
      'There are All, None and Principal.',
    { key: 'connector.client.config.override.policy' },
  )
}

/** The overrides that the policy does not allow, by their full keys. */
export function overrideProblems(
  policy: OverridePolicy,
  settings: RawSettings,
): { readonly key: string; readonly message: string }[] {
  const problems = []
  for (const key of Object.keys(settings)) {
    const prefix = prefixes.find((start) => key.startsWith(start) && key.length > start.length)
    if (prefix === undefined || policy === 'All') continue
    const name = key.slice(prefix.length)
    if (policy === 'Principal' && principalKeys.includes(name)) continue
    const message = `The '${policy}' policy does not allow '${name}' to be overridden in the connector configuration.`
    problems.push({ key, message })
  }
  return problems
}
