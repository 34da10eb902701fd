import type { WireReader } from '../../protocol/wire-reader.ts'
import { ErrorCode } from '../error-codes.ts'
import type { BrokerContext } from '../context.ts'
import type { TransactionalProducer } from '../transactions/transaction-coordinator.ts'
import { coordinatorErrorOf } from './api.ts'

/** What every request about a transaction begins with. */
export function readProducer(reader: WireReader): TransactionalProducer {
  return { transactionalId: reader.string(), producerId: reader.int64(), epoch: reader.int16() }
}

/** The code to answer with. Clients from before `fencedSince` do not know PRODUCER_FENCED. */
export async function attempt(
  work: () => Promise<void>,
  { version, fencedSince }: { version: number; fencedSince: number },
  broker: BrokerContext,
): Promise<ErrorCode> {
  try {
    await work()
    return ErrorCode.NONE
  } catch (error) {
    const code = coordinatorErrorOf(error, broker)
    return code === ErrorCode.PRODUCER_FENCED && version < fencedSince
      ? ErrorCode.INVALID_PRODUCER_EPOCH
      : code
  }
}
