import type { BrokerContext } from '../context.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { ResponseWriter } from '../response-writer.ts'
import { describeTopicConfigs, type DescribedConfig } from '../topics/topic-config.ts'
import { refuseTopicName } from '../topics/topic-name.ts'
import { errorCodeOf, messageOf, type Api } from './api.ts'
import { configSource, configTypeCode } from './config-source.ts'

export const resourceType = Object.freeze({ topic: 2, broker: 4 })

interface Description {
  error: ErrorCode
  message: string | null
  configs: DescribedConfig[]
}

/** DescribeConfigs shows the settings of topics, and those of the broker to read only. */
export const describeConfigsApi: Api = {
  key: 32,
  name: 'DescribeConfigs',
  minVersion: 1,
  maxVersion: 4,
  flexibleFrom: 4,
  handle({ version, reader, respond }, broker) {
    const resources = reader.array(() => {
      const type = reader.int8()
      const name = reader.string()
      const keys = reader.nullableArray(() => reader.string())
      reader.tags()
      return { type, name, keys }
    })
    const withSynonyms = reader.boolean()
    const unique = new Map(resources.map((resource) => [`${resource.type} ${resource.name}`, resource]))
    const writer = respond(2048)
    writer.int32(0)
    writer.array([...unique.values()], (_, { type, name, keys }) => {
      const { error, message, configs } = describe(type, name, broker)
      const wanted = keys === null ? configs : configs.filter((config) => keys.includes(config.name))
      writer.int16(error).nullableString(message).int8(type).string(name)
      writer.array(wanted, (_, config) => writeConfig(writer, config, { version, type, withSynonyms }))
      writer.tags()
    })
    return writer.tags()
  },
}

function describe(type: number, name: string, broker: BrokerContext): Description {
  try {
    return { error: ErrorCode.NONE, message: null, configs: configsOf(type, name, broker) }
  } catch (error) {
    return { error: errorCodeOf(error, broker), message: messageOf(error), configs: [] }
  }
}

function configsOf(type: number, name: string, broker: BrokerContext): DescribedConfig[] {
  if (type === resourceType.topic) {
    const topic = broker.topics.get(name)
    if (topic !== undefined) return describeTopicConfigs(topic.configs, broker.topics.defaults)
    const refusal = refuseTopicName(name)
    if (refusal !== null) throw new ApiError(ErrorCode.INVALID_TOPIC_EXCEPTION, refusal)
    throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${name}.`)
  }
  if (type === resourceType.broker) {
    if (name !== '' && name !== String(broker.nodeId)) {
      throw new ApiError(
        ErrorCode.INVALID_REQUEST,
        `Unexpected broker id, expected ${broker.nodeId} or empty string, but received ${name}`,
      )
    }
    return Object.entries(broker.settings).map(([key, value]) => ({
      name: key,
      value,
      type: 'STRING',
      isDefault: false,
      defaultValue: value,
    }))
  }
  throw new ApiError(ErrorCode.INVALID_REQUEST, `Resources of type ${type} have no settings here.`)
}

function writeConfig(
  writer: ResponseWriter,
  { name, value, isDefault, defaultValue, type: valueType }: DescribedConfig,
  { version, type, withSynonyms }: { version: number; type: number; withSynonyms: boolean },
): void {
  const isBroker = type === resourceType.broker
  const source = isBroker ? configSource.broker : isDefault ? configSource.default : configSource.topic
  const synonyms: [string, number][] = isDefault || isBroker ? [] : [[value, configSource.topic]]
  synonyms.push([defaultValue, isBroker ? configSource.broker : configSource.default])
  writer.string(name).nullableString(value).boolean(isBroker).int8(source).boolean(false)
  writer.array(withSynonyms ? synonyms : [], (_, [synonym, from]) => {
    writer.string(name).nullableString(synonym).int8(from).tags()
  })
  if (version >= 3) writer.int8(configTypeCode[valueType]).nullableString(null)
  writer.tags()
}
