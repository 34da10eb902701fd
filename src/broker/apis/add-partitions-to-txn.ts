import { ErrorCode } from '../error-codes.ts'
import type { Api } from './api.ts'
import { attempt, readProducer } from './transactional-producer.ts'

/** AddPartitionsToTxn: all partitions of the request are added, or none. */
export const addPartitionsToTxnApi: Api = {
  key: 24,
  name: 'AddPartitionsToTxn',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  async handle({ version, reader, respond }, broker) {
    const producer = readProducer(reader)
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array(() => reader.int32())
      reader.tags()
      return { name, partitions }
    })
    const isThere = (name: string, partition: number) =>
      broker.topics.get(name)?.hasPartition(partition) === true
    const all = topics.flatMap(({ name, partitions }) =>
      partitions.map((partition) => [name, partition] as const),
    )
    const isComplete = all.every(([name, partition]) => isThere(name, partition))
    const error = isComplete
      ? await attempt(
          () => broker.transactions.addPartitions(producer, all),
          { version, fencedSince: 2 },
          broker,
        )
      : ErrorCode.OPERATION_NOT_ATTEMPTED
    const writer = respond().int32(0)
    writer.array(topics, (_, { name, partitions }) => {
      writer.string(name).array(partitions, (_, partition) => {
        const isMissing = !isComplete && !isThere(name, partition)
        writer
          .int32(partition)
          .int16(isMissing ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : error)
          .tags()
      })
      writer.tags()
    })
    return writer.tags()
  },
}
