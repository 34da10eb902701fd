import { ErrorCode } from '../error-codes.ts'
import type { OffsetToCommit } from '../groups/group-coordinator.ts'
import type { Api } from './api.ts'
import { checkOffset } from './offset-commit.ts'
import { attempt } from './transactional-producer.ts'

/** TxnOffsetCommit keeps offsets of a group that count when the transaction is committed. */
export const txnOffsetCommitApi: Api = {
  key: 28,
  name: 'TxnOffsetCommit',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  async handle({ version, reader, respond }, broker) {
    const transactionalId = reader.string()
    const group = reader.string()
    const producer = { transactionalId, producerId: reader.int64(), epoch: reader.int16() }
    const generation = version >= 3 ? reader.int32() : -1
    const memberId = version >= 3 ? reader.string() : ''
    const instanceId = version >= 3 ? reader.nullableString() : null
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array((): OffsetToCommit => {
        const partition = reader.int32()
        const offset = reader.int64()
        const leaderEpoch = version >= 2 ? reader.int32() : -1
        const metadata = reader.nullableString()
        reader.tags()
        return { topic: name, partition, offset, leaderEpoch, metadata }
      })
      reader.tags()
      return { name, partitions }
    })
    const isMember = generation >= 0 || memberId !== ''
    const refusal = isMember
      ? broker.groups.checkCommit(group, { memberId, instanceId, generation })
      : ErrorCode.NONE
    const offsets = topics.flatMap(({ partitions }) => partitions)
    const errors = new Map(offsets.map((offset) => [offset, refusal || checkOffset(offset, broker)]))
    const valid = offsets.filter((offset) => errors.get(offset) === ErrorCode.NONE)
    if (valid.length > 0) {
      // It has no version that knows PRODUCER_FENCED.
      const fencedSince = Number.POSITIVE_INFINITY
      const add = () => broker.transactions.addOffsets(producer, group, valid)
      const error = await attempt(add, { version, fencedSince }, broker)
      for (const offset of valid) errors.set(offset, error)
    }
    const writer = respond().int32(0)
    writer.array(topics, (_, { name, partitions }) => {
      writer.string(name).array(partitions, (_, offset) => {
        writer.int32(offset.partition).int16(errors.get(offset)!).tags()
      })
      writer.tags()
    })
    return writer.tags()
  },
}
