import type { BrokerContext } from '../context.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import { CreationLimit } from '../topics/creation-limit.ts'
import { errorCodeOf, messageOf, repeatedIn, type Api } from './api.ts'

/** CreatePartitions adds partitions to topics. */
export const createPartitionsApi: Api = {
  key: 37,
  name: 'CreatePartitions',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 2,
  async handle({ reader, respond }, broker) {
    const wanted = reader.array(() => {
      const name = reader.string()
      const count = reader.int32()
      const assignments = reader.nullableArray(() => {
        const brokers = reader.array(() => reader.int32())
        reader.tags()
        return brokers
      })
      reader.tags()
      return { name, count, assignments }
    })
    reader.int32()
    const validateOnly = reader.boolean()
    const repeated = repeatedIn(wanted.map(({ name }) => name))
    const limit = new CreationLimit()
    const unique = [...new Map(wanted.map((topic) => [topic.name, topic])).values()]
    const answers = unique.map((topic) => ({
      name: topic.name,
      ...add(topic, { validateOnly, isRepeated: repeated.has(topic.name), limit }, broker),
    }))
    await broker.syncMetadata()
    const writer = respond()
    writer.int32(0)
    writer.array(answers, (_, { name, error, message }) => {
      writer.string(name).int16(error).nullableString(message).tags()
    })
    return writer.tags()
  },
}

function add(
  { name, count, assignments }: { name: string; count: number; assignments: number[][] | null },
  { validateOnly, isRepeated, limit }: { validateOnly: boolean; isRepeated: boolean; limit: CreationLimit },
  broker: BrokerContext,
): { error: ErrorCode; message: string | null } {
  try {
    if (isRepeated) throw new ApiError(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
    const topic = broker.topics.get(name)
    if (topic === undefined) {
      throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`)
    }
    if (count <= topic.partitionCount) {
      throw new ApiError(
        ErrorCode.INVALID_PARTITIONS,
        `The topic ${name} currently has ${topic.partitionCount} partition(s); ${count} would not be an increase.`,
      )
    }
    const isAssignable =
      assignments === null ||
      (assignments.length === count - topic.partitionCount &&
        assignments.every((brokers) => brokers.length === 1 && brokers[0] === broker.nodeId))
    if (!isAssignable) {
      throw new ApiError(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Each new partition has the replica ${broker.nodeId} alone.`,
      )
    }
    limit.take(count - topic.partitionCount)
    if (!validateOnly) broker.topics.addPartitions(topic, count)
    return { error: ErrorCode.NONE, message: null }
  } catch (error) {
    return { error: errorCodeOf(error, broker), message: messageOf(error) }
  }
}
