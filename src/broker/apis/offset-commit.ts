import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { OffsetToCommit } from '../groups/group-coordinator.ts'
import { coordinatorErrorOf, type Api } from './api.ts'
import { OffsetsToCommit } from './offsets-to-commit.ts'

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
    const offsets = new OffsetsToCommit(reader, { hasLeaderEpoch: version >= 6 })
    const refusal = broker.groups.checkCommit(groupId, { memberId, instanceId, generation })
    await offsets.keep(refusal, broker, (valid) => commit(groupId, valid, broker))
    const writer = respond()
    if (version >= 3) writer.int32(0)
    return offsets.writeErrors(writer)
  },
}

async function commit(
  groupId: string,
  offsets: readonly OffsetToCommit[],
  broker: BrokerContext,
): Promise<ErrorCode> {
  try {
    broker.groups.commit(groupId, offsets)
    await broker.syncOffsets()
    return ErrorCode.NONE
  } catch (error) {
    return coordinatorErrorOf(error, broker)
  }
}
