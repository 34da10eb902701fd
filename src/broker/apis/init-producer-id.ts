import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { GivenIdentity } from '../transactions/transaction-coordinator.ts'
import type { Api } from './api.ts'
import { attempt } from './transactional-producer.ts'

const nobody: GivenIdentity = { producerId: -1, epoch: -1 }

/** InitProducerId tells a producer who it is: a new one, or, with transactions, the only one of its id. */
export const initProducerIdApi: Api = {
  key: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 2,
  async handle({ version, reader, respond }, broker) {
    const transactionalId = reader.nullableString()
    const timeoutMs = reader.int32()
    const before = version >= 3 ? { producerId: reader.int64(), epoch: reader.int16() } : nobody
    let given = nobody
    const error = await attempt(
      async () => {
        given = await identity(transactionalId, timeoutMs, before.producerId < 0 ? null : before, broker)
      },
      { version, fencedSince: 4 },
      broker,
    )
    const { producerId, epoch } = error === ErrorCode.NONE ? given : nobody
    return respond().int32(0).int16(error).int64(producerId).int16(epoch).tags()
  },
}

async function identity(
  transactionalId: string | null,
  timeoutMs: number,
  previous: GivenIdentity | null,
  broker: BrokerContext,
): Promise<GivenIdentity> {
  if (transactionalId !== null) return broker.transactions.init(transactionalId, timeoutMs, previous)
  const producerId = broker.producerIds.next()
  await broker.syncMetadata()
  return { producerId, epoch: 0 }
}
