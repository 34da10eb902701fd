import { ConfigError } from '../errors.ts'

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

/** Why the policy does not allow a client's setting in a connector's; null when it does. */
export function overrideProblem(policy: OverridePolicy, name: string): string | null {
  if (policy === 'All' || (policy === 'Principal' && principalKeys.includes(name))) return null
  return `The '${policy}' policy does not allow '${name}' to be overridden in the connector configuration.`
}
