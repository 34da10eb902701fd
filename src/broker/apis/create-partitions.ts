import type { BrokerContext } from '../context.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import { errorCodeOf, messageOf, type Api } from './api.ts'

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
    const answers = wanted.map((topic) => ({ name: topic.name, ...add(topic, validateOnly, broker) }))
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
  validateOnly: boolean,
  broker: BrokerContext,
): { error: ErrorCode; message: string | null } {
  try {
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
    if (!validateOnly) broker.topics.addPartitions(topic, count)
    return { error: ErrorCode.NONE, message: null }
  } catch (error) {
    return { error: errorCodeOf(error, broker), message: messageOf(error) }
  }
}
