import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import { errorCodeOf, type Api } from './api.ts'

const upToTheEnd = -1

/** DeleteRecords moves the start of partitions. */
export const deleteRecordsApi: Api = {
  key: 21,
  name: 'DeleteRecords',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  async handle({ reader, respond }, broker) {
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array(() => {
        const asked = { partition: reader.int32(), offset: reader.int64() }
        reader.tags()
        return asked
      })
      reader.tags()
      return { name, partitions }
    })
    const answers = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition, offset }) => ({
        partition,
        ...deleteRecords({ name, partition, offset }, broker),
      })),
    }))
    await broker.syncMetadata()
    const writer = respond()
    writer.int32(0)
    writer.array(answers, (_, { name, partitions }) => {
      writer.string(name).array(partitions, (_, { partition, start, error }) => {
        writer.int32(partition).int64(start).int16(error).tags()
      })
      writer.tags()
    })
    return writer.tags()
  },
}

function deleteRecords(
  { name, partition, offset }: { name: string; partition: number; offset: number },
  broker: BrokerContext,
): { start: number; error: ErrorCode } {
  try {
    const topic = broker.topics.get(name)
    const log = topic?.partition(partition) ?? null
    if (topic === undefined || log === null) return { start: -1, error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
    const before = offset === upToTheEnd ? log.endOffset : offset
    if (!(before >= 0 && before <= log.endOffset)) return { start: -1, error: ErrorCode.OFFSET_OUT_OF_RANGE }
    if (before <= log.startOffset) return { start: log.startOffset, error: ErrorCode.NONE }
    return { start: broker.topics.deleteRecords(topic, partition, before), error: ErrorCode.NONE }
  } catch (error) {
    return { start: -1, error: errorCodeOf(error, broker) }
  }
}
