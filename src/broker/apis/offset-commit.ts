import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { OffsetToCommit } from '../groups/group-coordinator.ts'
import { errorCodeOf, type Api } from './api.ts'

const longestMetadata = 4096

/** OffsetCommit keeps a group's offsets; without a generation also for groups that have no members. */
export const offsetCommitApi: Api = {
  key: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 9,
  flexibleFrom: 8,
  async handle({ version, reader, respond }, broker) {
    const groupId = reader.string()
    const generation = reader.int32()
    const memberId = reader.string()
    const instanceId = version >= 7 ? reader.nullableString() : null
    if (version <= 4) reader.int64()
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array((): OffsetToCommit => {
        const partition = reader.int32()
        const offset = reader.int64()
        const leaderEpoch = version >= 6 ? reader.int32() : -1
        const metadata = reader.nullableString()
        reader.tags()
        return { topic: name, partition, offset, leaderEpoch, metadata }
      })
      reader.tags()
      return { name, partitions }
    })
    const refusal = broker.groups.checkCommit(groupId, { memberId, instanceId, generation })
    const offsets = topics.flatMap(({ partitions }) => partitions)
    const errors = new Map(offsets.map((offset) => [offset, refusal || checkOffset(offset, broker)]))
    const valid = offsets.filter((offset) => errors.get(offset) === ErrorCode.NONE)
    const failure = await commit(groupId, valid, broker)
    for (const offset of valid) errors.set(offset, failure)

    const writer = respond()
    if (version >= 3) writer.int32(0)
    writer.array(topics, (_, { name, partitions }) => {
      writer.string(name).array(partitions, (_, offset) => {
        writer.int32(offset.partition).int16(errors.get(offset)!).tags()
      })
      writer.tags()
    })
    return writer.tags()
  },
}

/** Whether the offset is one that can be kept. */
export function checkOffset(
  { topic, partition, offset, metadata }: OffsetToCommit,
  { topics }: BrokerContext,
): ErrorCode {
  if (topics.get(topic)?.hasPartition(partition) !== true) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  if ((metadata?.length ?? 0) > longestMetadata) return ErrorCode.OFFSET_METADATA_TOO_LARGE
  return Number.isSafeInteger(offset) ? ErrorCode.NONE : ErrorCode.OFFSET_OUT_OF_RANGE
}

/** A full disk is told in words that clients take as a reason to try again. */
async function commit(groupId: string, offsets: OffsetToCommit[], broker: BrokerContext): Promise<ErrorCode> {
  if (offsets.length === 0) return ErrorCode.NONE
  try {
    broker.groups.commit(groupId, offsets)
    await broker.syncOffsets()
    return ErrorCode.NONE
  } catch (error) {
    const code = errorCodeOf(error, broker)
    return code === ErrorCode.KAFKA_STORAGE_ERROR ? ErrorCode.COORDINATOR_NOT_AVAILABLE : code
  }
}
