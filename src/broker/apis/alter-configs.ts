import type { BrokerContext } from '../context.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { ResponseWriter } from '../response-writer.ts'
import { isListConfig, validateTopicConfigs, type TopicConfigs } from '../topics/topic-config.ts'
import type { Topic } from '../topics/topic.ts'
import { errorCodeOf, messageOf, repeatedIn, type Api } from './api.ts'
import { resourceType } from './describe-configs.ts'

const operation = Object.freeze({ set: 0, delete: 1, append: 2, subtract: 3 })

interface Change {
  name: string
  operation: number
  value: string | null
}

/** AlterConfigs replaces all settings of a topic. */
export const alterConfigsApi: Api = {
  key: 33,
  name: 'AlterConfigs',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  handle: (request, broker) =>
    alter(request, broker, {
      hasOperations: false,
      newConfigs: (_, changes) => validateTopicConfigs(changes.map(({ name, value }) => [name, value])),
    }),
}

/** IncrementalAlterConfigs changes single settings of a topic. */
export const incrementalAlterConfigsApi: Api = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  handle: (request, broker) => alter(request, broker, { hasOperations: true, newConfigs: changed }),
}

async function alter(
  { reader, respond }: Parameters<Api['handle']>[0],
  broker: BrokerContext,
  how: { hasOperations: boolean; newConfigs: (topic: Topic, changes: Change[]) => TopicConfigs },
): Promise<ResponseWriter> {
  const resources = reader.array(() => {
    const type = reader.int8()
    const name = reader.string()
    const changes = reader.array((): Change => {
      const change = {
        name: reader.string(),
        operation: how.hasOperations ? reader.int8() : operation.set,
        value: reader.nullableString(),
      }
      reader.tags()
      return change
    })
    reader.tags()
    return { type, name, changes }
  })
  const validateOnly = reader.boolean()
  const nameOf = ({ type, name }: { type: number; name: string }) => `${type} ${name}`
  const repeated = repeatedIn(resources.map(nameOf))
  const unique = new Map(resources.map((resource) => [nameOf(resource), resource]))
  const answers = [...unique].map(([id, { type, name, changes }]) => {
    try {
      if (repeated.has(id)) {
        throw new ApiError(ErrorCode.INVALID_REQUEST, 'Each resource must appear at most once.')
      }
      const topic = topicOf(type, name, broker)
      const configs = how.newConfigs(topic, changes)
      if (!validateOnly) broker.topics.setConfigs(topic, configs)
      return { type, name, error: ErrorCode.NONE, message: null }
    } catch (error) {
      return { type, name, error: errorCodeOf(error, broker), message: messageOf(error) }
    }
  })
  await broker.syncMetadata()
  const writer = respond()
  writer.int32(0)
  writer.array(answers, (_, { type, name, error, message }) => {
    writer.int16(error).nullableString(message).int8(type).string(name).tags()
  })
  return writer.tags()
}

function topicOf(type: number, name: string, { topics }: BrokerContext): Topic {
  if (type !== resourceType.topic) {
    throw new ApiError(
      ErrorCode.INVALID_REQUEST,
      'Only settings of topics can be changed while the broker runs. Others are options at its start.',
    )
  }
  const topic = topics.get(name)
  if (topic === undefined) {
    throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`)
  }
  return topic
}

function changed(topic: Topic, changes: Change[]): TopicConfigs {
  const configs: Record<string, string | null> = { ...topic.configs }
  for (const { name, operation: kind, value } of changes) {
    if (kind === operation.delete) delete configs[name]
    else if (kind === operation.set) configs[name] = value
    else configs[name] = changedList(name, configs[name] ?? '', { kind, value: value ?? '' })
  }
  return validateTopicConfigs(Object.entries(configs))
}

function changedList(name: string, before: string, { kind, value }: { kind: number; value: string }): string {
  if (!isListConfig(name)) {
    throw new ApiError(ErrorCode.INVALID_CONFIG, `Can't add to or take from ${name}, which is not a list.`)
  }
  const items = before.split(',').filter((item) => item !== '')
  const named = value.split(',').map((item) => item.trim())
  if (kind === operation.append) return [...new Set([...items, ...named])].join(',')
  if (kind === operation.subtract) return items.filter((item) => !named.includes(item)).join(',')
  throw new ApiError(ErrorCode.INVALID_REQUEST, `There is no operation ${kind}.`)
}
