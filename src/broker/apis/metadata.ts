import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import { leaderEpoch } from '../log/partition-log.ts'
import type { ResponseWriter } from '../response-writer.ts'
import { CreationLimit } from '../topics/creation-limit.ts'
import { refuseTopicName } from '../topics/topic-name.ts'
import type { Topic } from '../topics/topic.ts'
import { errorCodeOf, operationsNotAsked, type Api } from './api.ts'

/** READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS: there is nobody to refuse them. */
const topicOperations = 3576
export const clusterOperations = 8096

interface TopicAnswer {
  error: ErrorCode
  name: string
  topic: Topic | null
}

/** Metadata: the brokers, which is this one, and the topics with their partitions; it may make topics. */
export const metadataApi: Api = {
  key: 3,
  name: 'Metadata',
  minVersion: 0,
  maxVersion: 9,
  flexibleFrom: 9,
  async handle({ version, reader, respond }, broker) {
    const named = reader.nullableArray(() => {
      const name = reader.string()
      reader.tags()
      return name
    })
    const mayCreate = (version < 4 || reader.boolean()) && broker.autoCreateTopics
    const asksClusterOperations = version >= 8 && reader.boolean()
    const asksTopicOperations = version >= 8 && reader.boolean()
    // In version 0 an empty list asks for all topics, later for none: all are null then.
    const wantsAll = named === null || (version === 0 && named.length === 0)
    const limit = new CreationLimit()
    const answers = wantsAll
      ? broker.topics.all().map((topic): TopicAnswer => ({ error: ErrorCode.NONE, name: topic.name, topic }))
      : [...new Set(named)].map((name) => findTopic(name, mayCreate ? limit : null, broker))

    const writer = respond(1024)
    if (version >= 3) writer.int32(0)
    writer.array([broker], (_, { nodeId, advertisedHost, advertisedPort }) => {
      writer.int32(nodeId).string(advertisedHost).int32(advertisedPort)
      if (version >= 1) writer.nullableString(null)
      writer.tags()
    })
    if (version >= 2) writer.nullableString(broker.clusterId)
    if (version >= 1) writer.int32(broker.nodeId)
    writer.array(answers, (_, answer) => {
      writeTopic(writer, answer, { version, nodeId: broker.nodeId })
      if (version >= 8) writer.int32(asksTopicOperations ? topicOperations : operationsNotAsked)
      writer.tags()
    })
    if (version >= 8) writer.int32(asksClusterOperations ? clusterOperations : operationsNotAsked)
    return writer.tags()
  },
}

/** `limit` null: no topic may be made. */
function findTopic(name: string, limit: CreationLimit | null, broker: BrokerContext): TopicAnswer {
  const topic = broker.topics.get(name)
  if (topic !== undefined) return { error: ErrorCode.NONE, name, topic }
  if (refuseTopicName(name) !== null) return { error: ErrorCode.INVALID_TOPIC_EXCEPTION, name, topic: null }
  if (limit === null) return { error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, topic: null }
  try {
    limit.take(broker.defaultPartitions)
    const made = broker.topics.create({ name, partitions: broker.defaultPartitions, configs: [] })
    broker.log.info(
      `Topic ${name} was made with ${made.partitionCount} partitions, because a client asked for it.`,
    )
    return { error: ErrorCode.NONE, name, topic: made }
  } catch (error) {
    return { error: errorCodeOf(error, broker), name, topic: null }
  }
}

function writeTopic(
  writer: ResponseWriter,
  { error, name, topic }: TopicAnswer,
  { version, nodeId }: { version: number; nodeId: number },
): void {
  writer.int16(error).string(name)
  if (version >= 1) writer.boolean(false)
  const replicas = [nodeId]
  writer.array([...Array(topic?.partitionCount ?? 0).keys()], (_, partition) => {
    writer.int16(ErrorCode.NONE).int32(partition).int32(nodeId)
    if (version >= 7) writer.int32(leaderEpoch)
    writer.array(replicas, (_, replica) => writer.int32(replica))
    writer.array(replicas, (_, replica) => writer.int32(replica))
    if (version >= 5) writer.array([], () => {})
    writer.tags()
  })
}
