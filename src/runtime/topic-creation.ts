import type { Props } from '../api/plugin.ts'
import { ConfigError, ConnectError, isRetriable, KafkaError, toError } from '../errors.ts'
import type { Admin, NewTopic } from '../kafka/client.ts'
import { javaPattern } from '../util/java-pattern.ts'

/** The settings of one `topic.creation.<group>`. */
interface Group {
  readonly name: string
  readonly include: readonly RegExp[]
  readonly exclude: readonly RegExp[]
  readonly partitions: number
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

/**
 * Creates the topics that a source writes to, with the connector's own settings (KIP-158). One is asked about
 * when its first record comes, and remembered.
 */
export class TopicCreator {
  readonly #groups: readonly Group[]
  readonly #admin: Admin
  readonly #brokers: string
  readonly #known = new Set<string>()

  /**
   * null when the connector has no `topic.creation.*` settings: then the broker's auto-creation applies.
   * `brokers` is what messages call the cluster.
   */
  static create(props: Props, openAdmin: () => Admin, brokers: string): TopicCreator | null {
    const groups = topicGroups(props)
    return groups === null ? null : new TopicCreator(groups, openAdmin(), brokers)
  }

  private constructor(groups: readonly Group[], admin: Admin, brokers: string) {
    this.#groups = groups
    this.#admin = admin
    this.#brokers = brokers
  }

  isKnown(topic: string): boolean {
    return this.#known.has(topic)
  }

  /** Throws a retriable error when it is worth trying again, ConnectError when it is not. */
  async ensure(topic: string): Promise<void> {
    const existing = await this.#describe(topic)
    if (!existing) await this.#create(this.#newTopic(topic))
    this.#known.add(topic)
  }

  async close(): Promise<void> {
    await this.#admin.close()
  }

  async #describe(topic: string): Promise<boolean> {
    try {
      return (await this.#admin.describeTopics([topic])).has(topic)
    } catch (thrown) {
      if (isRetriable(thrown)) throw thrown
      const message = isUnauthorized(codeOf(thrown))
        ? `Not authorized to describe topic(s) '${topic}' on the brokers ${this.#brokers}`
        : `Error while attempting to describe topics '${topic}'`
      throw new ConnectError(message, { cause: thrown })
    }
  }

  async #create(topic: NewTopic): Promise<void> {
    try {
      await this.#admin.createTopic(topic)
    } catch (thrown) {
      const error = toError(thrown)
      const code = codeOf(error)
      if (code === 'INVALID_CONFIG' || code === 'POLICY_VIOLATION') {
        throw new ConnectError(`Unable to create topic(s) '${topic.name}': ${error.message}`, {
          cause: error,
        })
      }
      if (isUnauthorized(code) || code === 'UNSUPPORTED_VERSION') {
        const text = `(name=${topic.name}, numPartitions=${topic.partitions}, replicationFactor=${topic.replicationFactor}, replicasAssignments=null, configs=${configsText(topic.configs)})`
        throw new ConnectError(
          `Task failed to create new topic ${text}. Ensure that the task is authorized to create topics or that the topic exists and restart the task`,
          { cause: error },
        )
      }
      if (isRetriable(error)) throw error
      throw new ConnectError(`Error while attempting to create/find topic(s) '${topic.name}'`, {
        cause: error,
      })
    }
  }

  #newTopic(name: string): NewTopic {
    const group = this.#groups.find(
      ({ include, exclude }) => matches(include, name) && !matches(exclude, name),
    )!
    const { partitions, replicationFactor, configs } = group
    return { name, partitions, replicationFactor, configs }
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof KafkaError ? error.code : null
}

function isUnauthorized(code: string | null): boolean {
  return code === 'TOPIC_AUTHORIZATION_FAILED' || code === 'CLUSTER_AUTHORIZATION_FAILED'
}

/** Throws ConfigError for `topic.creation.*` settings that no topic could be created with. */
export function checkTopicCreation(props: Props): void {
  topicGroups(props)
}

const prefix = 'topic.creation.'

function topicGroups(props: Props): readonly Group[] | null {
  if (!Object.keys(props).some((key) => key.startsWith(prefix))) return null
  const names = (props[`${prefix}groups`]?.trim() || '')
    .split(/\s*,\s*/)
    .filter((name) => name && name !== 'default')
  const fallback = {
    partitions: number(props, `${prefix}default.partitions`, undefined),
    replicationFactor: number(props, `${prefix}default.replication.factor`, undefined),
  }
  const group = (name: string): Group => ({
    name,
    include: name === 'default' ? [/^/] : patterns(props, `${prefix}${name}.include`),
    exclude: name === 'default' ? [] : patterns(props, `${prefix}${name}.exclude`),
    partitions: number(props, `${prefix}${name}.partitions`, fallback.partitions),
    replicationFactor: number(props, `${prefix}${name}.replication.factor`, fallback.replicationFactor),
    configs: topicConfigs(props, `${prefix}${name}.`),
  })
  return [...names.map(group), group('default')]
}

function number(props: Props, key: string, fallback: number | undefined): number {
  const text = props[key]?.trim()
  if (text === undefined) {
    if (fallback !== undefined) return fallback
    throw new ConfigError(`Missing required configuration "${key}" which has no default value.`, { key })
  }
  if (!/^[+-]?\d+$/.test(text)) {
    const type = key.endsWith('partitions') ? 'INT' : 'SHORT'
    throw new ConfigError(`Invalid value ${text} for configuration ${key}: Not a number of type ${type}`, {
      key,
    })
  }
  const value = Number(text)
  if (value > 0 || value === -1) return value
  const rule = key.endsWith('partitions')
    ? "Number of partitions must be positive, or -1 to use the broker's default"
    : "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default"
  throw new ConfigError(`Invalid value ${value} for configuration ${key}: ${rule}`, { key })
}

function patterns(props: Props, key: string): readonly RegExp[] {
  const text = props[key]?.trim() ?? ''
  if (text === '') return []
  return text.split(/\s*,\s*/).map((pattern) => {
    try {
      return javaPattern(pattern).full
    } catch (cause) {
      const detail = toError(cause).message
      throw new ConfigError(
        `Invalid value ${pattern} for configuration ${key}: Syntax error in regular expression: ${detail}`,
        {
          key,
          cause,
        },
      )
    }
  })
}

function topicConfigs(props: Props, groupPrefix: string): Record<string, string> {
  const own = new Set(['include', 'exclude', 'partitions', 'replication.factor'])
  const configs: Record<string, string> = {}
  for (const [key, value] of Object.entries(props)) {
    const name = key.startsWith(groupPrefix) ? key.slice(groupPrefix.length) : ''
    if (name !== '' && !own.has(name) && value !== null) configs[name] = value
  }
  return configs
}

function matches(patterns: readonly RegExp[], name: string): boolean {
  return patterns.some((pattern) => pattern.test(name))
}

function configsText(configs: Readonly<Record<string, string>>): string {
  return `{${Object.entries(configs)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}}`
}
