import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import { leaderEpoch, type PartitionLog } from '../log/partition-log.ts'
import { errorCodeOf, repeatedIn, type Api } from './api.ts'

const latest = -1
const earliest = -2
const withMaxTimestamp = -3

interface Answer {
  error: ErrorCode
  timestamp: number
  offset: number
  hasEpoch: boolean
}

const nothing: Answer = { error: ErrorCode.NONE, timestamp: -1, offset: -1, hasEpoch: false }

/** ListOffsets finds the ends of a partition, or the first record at or after a time. */
export const listOffsetsApi: Api = {
  key: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 7,
  flexibleFrom: 6,
  handle({ version, reader, respond }, broker) {
    reader.int32()
    const isReadCommitted = version >= 2 && reader.int8() === 1
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array(() => {
        const partition = reader.int32()
        const epoch = version >= 4 ? reader.int32() : -1
        const timestamp = reader.int64()
        reader.tags()
        return { partition, epoch, timestamp }
      })
      reader.tags()
      return { name, partitions }
    })
    const nameOf = (name: string, partition: number) => `${name} ${partition}`
    // Each is a search: Kafka, too, makes none for what is asked twice.
    const repeated = repeatedIn(
      topics.flatMap(({ name, partitions }) => partitions.map(({ partition }) => nameOf(name, partition))),
    )
    const writer = respond()
    if (version >= 2) writer.int32(0)
    writer.array(topics, (_, { name, partitions }) => {
      writer.string(name).array(partitions, (_, { partition, epoch, timestamp }) => {
        const answer = repeated.has(nameOf(name, partition))
          ? { ...nothing, error: ErrorCode.INVALID_REQUEST }
          : find({ name, partition, epoch, timestamp, isReadCommitted }, broker)
        writer.int32(partition).int16(answer.error).int64(answer.timestamp).int64(answer.offset)
        if (version >= 4) writer.int32(answer.hasEpoch ? leaderEpoch : -1)
        writer.tags()
      })
      writer.tags()
    })
    return writer.tags()
  },
}

function find(
  asked: { name: string; partition: number; epoch: number; timestamp: number; isReadCommitted: boolean },
  broker: BrokerContext,
): Answer {
  try {
    const log = broker.topics.get(asked.name)?.partition(asked.partition) ?? null
    if (log === null) return { ...nothing, error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
    if (asked.epoch > leaderEpoch) return { ...nothing, error: ErrorCode.UNKNOWN_LEADER_EPOCH }
    return findInLog(log, asked)
  } catch (error) {
    return { ...nothing, error: errorCodeOf(error, broker) }
  }
}

function findInLog(
  log: PartitionLog,
  { timestamp, isReadCommitted }: { timestamp: number; isReadCommitted: boolean },
): Answer {
  const at = (offset: number): Answer => ({ ...nothing, offset, hasEpoch: true })
  if (timestamp === latest) return at(isReadCommitted ? log.lastStableOffset : log.endOffset)
  if (timestamp === earliest) return at(log.startOffset)
  const record = timestamp === withMaxTimestamp ? log.findLatest() : log.findSince(timestamp)
  return record === null ? nothing : { ...at(record.offset), timestamp: record.timestamp }
}
