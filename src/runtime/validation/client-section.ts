import type { Props } from '../../api/plugin.ts'
import { withPrefix } from '../../config/config-def.ts'
import { javaHashOrder } from '../../config/java-hash-order.ts'
import { overrideProblem, type OverridePolicy } from '../../config/override-policy.ts'
import { parseValue } from '../../config/parse-value.ts'
import { ConfigError } from '../../errors.ts'
import { javaTrim } from '../../util/java-trim.ts'
import { type ClientKind, clientFields } from './client-fields.ts'
import { configInfo, groupsOf, type Section } from './config-infos.ts'

/** The Kafka clients that connectors of a kind open with settings of their own, in the order of Kafka's answer. */
export function clientsOf(kind: 'source' | 'sink', props: Props): ClientKind[] {
  if (kind === 'source') {
    const createsTopics = Object.keys(props).some((key) => key.startsWith('topic.creation.'))
    return createsTopics ? ['producer', 'admin'] : ['producer']
  }
  const hasDeadLetters = javaTrim(props['errors.deadletterqueue.topic.name'] ?? '') !== ''
  return hasDeadLetters ? ['producer', 'consumer', 'admin'] : ['consumer']
}

/**
 * The settings below `<client>.override.` with what the policy says about each. Throws ConfigError for a value that is
 * not of its type, as Kafka Connect does: the whole validation fails.
 */
export function clientSection(client: ClientKind, props: Props, policy: OverridePolicy): Section {
  const prefix = `${client}.override.`
  const given = withPrefix(props, prefix)
  const fields = clientFields(client)
  const names = javaHashOrder(Object.keys(given))
  const configs = names.map((name) => {
    const field = fields[name]
    const problem = overrideProblem(policy, name)
    const value = {
      name,
      value:
        field === undefined
          ? given[name]
          : parsed(prefix, name, () => parseValue(name, given[name], field.type)),
      recommendedValues: [],
      errors: problem === null ? [] : [problem],
      visible: true,
    }
    return configInfo(field, value, prefix)
  })
  return { configs, groups: groupsOf(names.map((name) => fields[name])) }
}

function parsed(prefix: string, name: string, parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    // The message has the client's name of the setting; the key is the one to change.
    throw error instanceof ConfigError ? new ConfigError(error.message, { key: prefix + name }) : error
  }
}
