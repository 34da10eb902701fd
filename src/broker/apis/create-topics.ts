import type { BrokerContext } from '../context.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import { CreationLimit } from '../topics/creation-limit.ts'
import { describeTopicConfigs } from '../topics/topic-config.ts'
import type { Topic } from '../topics/topic.ts'
import { errorCodeOf, messageOf, repeatedIn, type Api } from './api.ts'
import { configSource } from './config-source.ts'

interface TopicToCreate {
  name: string
  partitions: number
  replicationFactor: number
  assignments: { partition: number; brokers: number[] }[]
  configs: [string, string | null][]
}

const noId = Buffer.alloc(16)

/** CreateTopics: a topic is on the disk before it is acknowledged, whatever the flush policy says about records. */
export const createTopicsApi: Api = {
  key: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 7,
  flexibleFrom: 5,
  async handle({ version, reader, respond }, broker) {
    const wanted = reader.array((): TopicToCreate => {
      const name = reader.string()
      const partitions = reader.int32()
      const replicationFactor = reader.int16()
      const assignments = reader.array(() => {
        const partition = reader.int32()
        const brokers = reader.array(() => reader.int32())
        reader.tags()
        return { partition, brokers }
      })
      const configs = reader.array((): [string, string | null] => {
        const config: [string, string | null] = [reader.string(), reader.nullableString()]
        reader.tags()
        return config
      })
      reader.tags()
      return { name, partitions, replicationFactor, assignments, configs }
    })
    reader.int32()
    const validateOnly = reader.boolean()
    const repeated = repeatedIn(wanted.map(({ name }) => name))
    const unique = [...new Map(wanted.map((topic) => [topic.name, topic])).values()]
    const limit = new CreationLimit()
    const answers = unique.map((topic) => ({
      name: topic.name,
      ...create(topic, { validateOnly, isRepeated: repeated.has(topic.name), limit }, broker),
    }))
    if (!validateOnly && answers.some(({ topic }) => topic !== null)) await broker.syncMetadata()

    const writer = respond()
    writer.int32(0)
    writer.array(answers, (_, { name, error, message, topic }) => {
      writer.string(name)
      if (version >= 7) writer.raw(topic === null || validateOnly ? noId : topic.idBytes)
      writer.int16(error).nullableString(message)
      if (version >= 5) {
        writer.int32(topic?.partitionCount ?? -1).int16(topic === null ? -1 : 1)
        const configs = topic === null ? [] : describeTopicConfigs(topic.configs, broker.topics.defaults)
        writer.array(configs, (_, { name: config, value, isDefault }) => {
          writer.string(config).nullableString(value).boolean(false)
          writer
            .int8(isDefault ? configSource.default : configSource.topic)
            .boolean(false)
            .tags()
        })
      }
      writer.tags()
    })
    return writer.tags()
  },
}

function create(
  { name, partitions, replicationFactor, assignments, configs }: TopicToCreate,
  { validateOnly, isRepeated, limit }: { validateOnly: boolean; isRepeated: boolean; limit: CreationLimit },
  broker: BrokerContext,
): { error: ErrorCode; message: string | null; topic: Topic | null } {
  try {
    if (isRepeated) throw new ApiError(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
    if (replicationFactor !== -1 && replicationFactor !== 1 && assignments.length === 0) {
      throw new ApiError(ErrorCode.INVALID_REPLICATION_FACTOR, refuseReplicationFactor(replicationFactor))
    }
    if (assignments.length > 0) checkAssignments(assignments, { partitions, nodeId: broker.nodeId })
    const count =
      assignments.length > 0 ? assignments.length : partitions === -1 ? broker.defaultPartitions : partitions
    limit.take(Math.max(0, count))
    const topic = broker.topics.create({ name, partitions: count, configs }, { validateOnly })
    if (!validateOnly) broker.log.info(`Topic ${name} was made with ${count} partitions.`)
    return { error: ErrorCode.NONE, message: null, topic }
  } catch (error) {
    return { error: errorCodeOf(error, broker), message: messageOf(error), topic: null }
  }
}

function refuseReplicationFactor(wanted: number): string {
  return wanted <= 0
    ? 'Replication factor must be larger than 0, or -1 to use the default value.'
    : `Unable to replicate the partition ${wanted} time(s): The target replication factor of ${wanted} cannot be reached because only 1 broker(s) are registered.`
}

function checkAssignments(
  assignments: TopicToCreate['assignments'],
  { partitions, nodeId }: { partitions: number; nodeId: number },
): void {
  const ids = assignments.map(({ partition }) => partition).sort((a, b) => a - b)
  const isComplete = ids.every((id, at) => id === at)
  const isHere = assignments.every(({ brokers }) => brokers.length === 1 && brokers[0] === nodeId)
  if (!isComplete || !isHere || (partitions !== -1 && partitions !== assignments.length)) {
    throw new ApiError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Partitions have to be numbered from 0 on, each with the replica ${nodeId} alone.`,
    )
  }
}
