import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import { errorCodeOf, type Api } from './api.ts'

/** InitProducerId gives an idempotent producer its id. There are no transactions. */
export const initProducerIdApi: Api = {
  key: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 2,
  async handle({ reader, respond }, broker) {
    const transactionalId = reader.nullableString()
    const { error, producerId } = await giveId(transactionalId, broker)
    return respond()
      .int32(0)
      .int16(error)
      .int64(producerId)
      .int16(producerId < 0 ? -1 : 0)
      .tags()
  },
}

async function giveId(
  transactionalId: string | null,
  broker: BrokerContext,
): Promise<{ error: ErrorCode; producerId: number }> {
  if (transactionalId !== null) {
    broker.log.warn(
      `The producer ${transactionalId} asked for transactions, which this broker does not have.`,
    )
    return { error: ErrorCode.UNSUPPORTED_VERSION, producerId: -1 }
  }
  try {
    const producerId = broker.producerIds.next()
    await broker.syncMetadata()
    return { error: ErrorCode.NONE, producerId }
  } catch (error) {
    return { error: errorCodeOf(error, broker), producerId: -1 }
  }
}
