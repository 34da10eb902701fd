import { ErrorCode } from '../error-codes.ts'
import { leaderEpoch } from '../log/partition-log.ts'
import { errorCodeOf, type Api } from './api.ts'

/** OffsetForLeaderEpoch: there is one epoch, and it ends where the log ends. */
export const offsetForLeaderEpochApi: Api = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  minVersion: 2,
  maxVersion: 4,
  flexibleFrom: 4,
  handle({ version, reader, respond }, broker) {
    if (version >= 3) reader.int32()
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array(() => {
        const asked = { partition: reader.int32(), currentEpoch: reader.int32(), epoch: reader.int32() }
        reader.tags()
        return asked
      })
      reader.tags()
      return { name, partitions }
    })
    const find = (name: string, { partition, currentEpoch, epoch }: (typeof topics)[0]['partitions'][0]) => {
      const unknown = { epoch: -1, end: -1 }
      try {
        const log = broker.topics.get(name)?.partition(partition) ?? null
        if (log === null) return { error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ...unknown }
        if (currentEpoch > leaderEpoch) return { error: ErrorCode.UNKNOWN_LEADER_EPOCH, ...unknown }
        if (epoch !== leaderEpoch) return { error: ErrorCode.NONE, ...unknown }
        return { error: ErrorCode.NONE, epoch: leaderEpoch, end: log.endOffset }
      } catch (error) {
        return { error: errorCodeOf(error, broker), ...unknown }
      }
    }
    const writer = respond()
    writer.int32(0).array(topics, (_, { name, partitions }) => {
      writer.string(name).array(partitions, (_, asked) => {
        const { error, epoch, end } = find(name, asked)
        writer.int16(error).int32(asked.partition).int32(epoch).int64(end).tags()
      })
      writer.tags()
    })
    return writer.tags()
  },
}
