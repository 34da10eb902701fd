import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { Topic } from '../topics/topic.ts'
import { errorCodeOf, type Api } from './api.ts'

const noId = Buffer.alloc(16)

interface Answer {
  name: string | null
  id: Buffer
  error: ErrorCode
}

/** DeleteTopics removes topics with their records and the offsets that groups have in them. */
export const deleteTopicsApi: Api = {
  key: 20,
  name: 'DeleteTopics',
  minVersion: 1,
  maxVersion: 6,
  flexibleFrom: 4,
  async handle({ version, reader, respond }, broker) {
    const wanted = reader.array(() => {
      if (version < 6) return { name: reader.string(), id: noId }
      const topic = { name: reader.nullableString(), id: reader.uuid() }
      reader.tags()
      return topic
    })
    reader.int32()
    const answers = wanted.map(({ name, id }): Answer => {
      const topic = name === null ? broker.topics.byId(id) : broker.topics.get(name)
      if (topic !== undefined) return deleteTopic(topic, broker)
      const error = name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      return { name, id, error }
    })
    if (answers.some(({ error }) => error === ErrorCode.NONE)) await broker.syncMetadata()

    const writer = respond()
    writer.int32(0)
    writer.array(answers, (_, { name, id, error }) => {
      if (version >= 6) writer.nullableString(name).raw(id)
      else writer.string(name ?? '')
      writer.int16(error)
      if (version >= 5) writer.nullableString(null)
      writer.tags()
    })
    return writer.tags()
  },
}

function deleteTopic(topic: Topic, broker: BrokerContext): Answer {
  const answer = { name: topic.name, id: topic.idBytes }
  try {
    broker.topics.delete(topic)
    broker.log.info(`Topic ${topic.name} was deleted.`)
    return { ...answer, error: ErrorCode.NONE }
  } catch (error) {
    return { ...answer, error: errorCodeOf(error, broker) }
  }
}
