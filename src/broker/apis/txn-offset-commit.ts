import { ErrorCode } from '../error-codes.ts'
import type { Api } from './api.ts'
import { OffsetsToCommit } from './offsets-to-commit.ts'
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
    const offsets = new OffsetsToCommit(reader, { hasLeaderEpoch: version >= 2 })
    const isMember = generation >= 0 || memberId !== ''
    const refusal = isMember
      ? broker.groups.checkCommit(group, { memberId, instanceId, generation })
      : ErrorCode.NONE
    // It has no version that knows PRODUCER_FENCED.
    const fencedSince = Number.POSITIVE_INFINITY
    await offsets.keep(refusal, broker, (valid) =>
      attempt(() => broker.transactions.addOffsets(producer, group, valid), { version, fencedSince }, broker),
    )
    return offsets.writeErrors(respond().int32(0))
  },
}
