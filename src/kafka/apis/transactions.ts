import { KafkaError } from '../../errors.ts'
import type { Api } from '../api.ts'
import { writePartitions } from './fetch.ts'

export interface InitProducerIdRequest {
  readonly transactionalId: string
  readonly timeoutMs: number
  /** Who we were: the broker answers the next epoch, unless somebody else has come since. */
  readonly previous: { readonly id: number; readonly epoch: number } | null
}

/** null: an id without transactions. */
export const initProducerIdApi: Api<
  InitProducerIdRequest | null,
  { error: number; id: number; epoch: number }
> = {
  key: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 2,
  encode: (writer, request, version) => {
    const previous = request?.previous ?? null
    writer.nullableString(request?.transactionalId ?? null).int32(request?.timeoutMs ?? 2 ** 31 - 1)
    if (version >= 3) writer.int64(previous?.id ?? -1).int16(previous?.epoch ?? -1)
    else if (previous !== null) {
      throw new KafkaError('After a failed transaction this broker has no next epoch (Kafka 2.5 has).', {
        code: 'UNSUPPORTED_VERSION',
      })
    }
    writer.tags()
  },
  decode: (reader) => {
    reader.int32() // throttle time
    return { error: reader.int16(), id: reader.int64(), epoch: reader.int16() }
  },
}

export interface TransactionRequest {
  readonly transactionalId: string
  readonly id: number
  readonly epoch: number
}

export interface AddPartitionsRequest extends TransactionRequest {
  readonly partitions: readonly { topic: string; partition: number }[]
}

const operationNotAttempted = 55

/** All partitions or none are added; `error` is the first one that says why. */
export const addPartitionsToTxnApi: Api<AddPartitionsRequest, { error: number }> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  encode: (writer, { transactionalId, id, epoch, partitions }) => {
    writer.string(transactionalId).int64(id).int16(epoch)
    writePartitions(writer, partitions)
    writer.tags()
  },
  decode: (reader) => {
    reader.int32() // throttle time
    const errors = reader.array((r) => {
      r.string()
      const ofTopic = r.array((p) => {
        p.int32()
        const error = p.int16()
        p.tags()
        return error
      })
      r.tags()
      return ofTopic
    })
    const failed = errors.flat().filter((error) => error !== 0)
    return { error: failed.find((error) => error !== operationNotAttempted) ?? failed[0] ?? 0 }
  },
}

export const endTxnApi: Api<TransactionRequest & { readonly isCommit: boolean }, { error: number }> = {
  key: 26,
  name: 'EndTxn',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  encode: (writer, { transactionalId, id, epoch, isCommit }) => {
    writer.string(transactionalId).int64(id).int16(epoch).boolean(isCommit).tags()
  },
  decode: (reader) => {
    reader.int32() // throttle time
    return { error: reader.int16() }
  },
}
