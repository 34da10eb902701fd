import type { WireReader } from '../../protocol/wire-reader.ts'
import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { ResponseWriter } from '../response-writer.ts'
import { errorCodeOf, messageOf, type Api } from './api.ts'

interface PartitionAnswer {
  partition: number
  error: ErrorCode
  message: string | null
  baseOffset: number
  logAppendTime: number
  log: PartitionLog | null
}

/**
 * Produce appends record batches as they came. Versions before 3 are listed, because librdkafka takes the
 * presence of version 0 for the ability to store compressed batches, but refused, as Kafka 4 does.
 */
export const produceApi: Api = {
  key: 0,
  name: 'Produce',
  minVersion: 0,
  maxVersion: 9,
  flexibleFrom: 9,
  isConcurrent: true,
  handle({ version, reader, respond }, broker) {
    const transactionalId = version >= 3 ? reader.nullableString() : null
    const acks = reader.int16()
    reader.int32()
    const topics = reader.array(() => readTopic(reader))
    reader.tags()
    const refusal = refuse(version, acks)
    const answers = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition, records }) =>
        refusal === null
          ? append(name, partition, { records, transactionalId }, broker)
          : failed(partition, refusal, `The request was refused with error ${refusal}.`),
      ),
    }))
    const answer = () => (acks === 0 ? null : writeAnswers(respond(), version, answers))
    if (broker.flush !== 'always') return answer()
    return flushAll(
      answers.flatMap(({ partitions }) => partitions),
      broker,
    ).then(answer)
  },
}

function readTopic(reader: WireReader) {
  const name = reader.string()
  const partitions = reader.array(() => {
    const partition = reader.int32()
    const records = reader.nullableBytes()
    reader.tags()
    return { partition, records }
  })
  reader.tags()
  return { name, partitions }
}

function refuse(version: number, acks: number): ErrorCode | null {
  if (version < 3) return ErrorCode.UNSUPPORTED_VERSION
  if (acks < -1 || acks > 1) return ErrorCode.INVALID_REQUIRED_ACKS
  return null
}

function append(
  name: string,
  partition: number,
  { records, transactionalId }: { records: Buffer | null; transactionalId: string | null },
  broker: BrokerContext,
): PartitionAnswer {
  try {
    const log = broker.topics.get(name)?.partition(partition) ?? null
    if (log === null) {
      return failed(
        partition,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        `There is no partition ${name}-${partition}.`,
      )
    }
    if (records === null) return failed(partition, ErrorCode.INVALID_RECORD, 'There are no records.')
    const { baseOffset, logAppendTime } = log.append(records, (producer) =>
      broker.transactions.refusalOfBatch(transactionalId, producer, name, partition),
    )
    return { partition, error: ErrorCode.NONE, message: null, baseOffset, logAppendTime, log }
  } catch (error) {
    return failed(partition, errorCodeOf(error, broker), messageOf(error))
  }
}

/** Waits until what was appended is on the disk; where that fails the answer becomes an error. */
async function flushAll(answers: readonly PartitionAnswer[], broker: BrokerContext): Promise<void> {
  await Promise.all(
    answers.map(async (answer) => {
      if (answer.log === null) return
      try {
        await answer.log.flush()
      } catch (error) {
        Object.assign(answer, failed(answer.partition, errorCodeOf(error, broker), messageOf(error)))
      }
    }),
  )
}

function failed(partition: number, error: ErrorCode, message: string): PartitionAnswer {
  return { partition, error, message, baseOffset: -1, logAppendTime: -1, log: null }
}

function writeAnswers(
  writer: ResponseWriter,
  version: number,
  answers: readonly { name: string; partitions: readonly PartitionAnswer[] }[],
): ResponseWriter {
  writer.array(answers, (_, { name, partitions }) => {
    writer.string(name).array(partitions, (_, answer) => {
      writer.int32(answer.partition).int16(answer.error).int64(answer.baseOffset)
      if (version >= 2) writer.int64(answer.logAppendTime)
      if (version >= 5) writer.int64(answer.log?.startOffset ?? -1)
      if (version >= 8) writer.array([], () => {}).nullableString(answer.message)
      writer.tags()
    })
    writer.tags()
  })
  if (version >= 1) writer.int32(0)
  return writer.tags()
}
