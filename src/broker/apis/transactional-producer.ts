import type { WireReader } from '../../protocol/wire-reader.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { BrokerContext } from '../context.ts'
import type { TransactionalProducer } from '../transactions/transaction-coordinator.ts'
import { errorCodeOf } from './api.ts'

/** What every request about a transaction begins with. */
export function readProducer(reader: WireReader): TransactionalProducer {
  return { transactionalId: reader.string(), producerId: reader.int64(), epoch: reader.int16() }
}

/**
 * The code to answer with. Clients from before `fencedSince` do not know PRODUCER_FENCED; a full disk is told in words
 * that clients take as a reason to try again.
 */
export async function attempt(
  work: () => Promise<void>,
  { version, fencedSince }: { version: number; fencedSince: number },
  broker: BrokerContext,
): Promise<ErrorCode> {
  try {
    await work()
    return ErrorCode.NONE
  } catch (error) {
    const code = error instanceof ApiError ? error.code : errorCodeOf(error, broker)
    if (code === ErrorCode.PRODUCER_FENCED && version < fencedSince) return ErrorCode.INVALID_PRODUCER_EPOCH
    return code === ErrorCode.KAFKA_STORAGE_ERROR ? ErrorCode.COORDINATOR_NOT_AVAILABLE : code
  }
}
