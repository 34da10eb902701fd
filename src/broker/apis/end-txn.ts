import type { Api } from './api.ts'
import { attempt, readProducer } from './transactional-producer.ts'

/** EndTxn commits or aborts; it is answered when every partition has its marker. */
export const endTxnApi: Api = {
  key: 26,
  name: 'EndTxn',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  async handle({ version, reader, respond }, broker) {
    const producer = readProducer(reader)
    const isCommit = reader.int8() !== 0
    const error = await attempt(
      () => broker.transactions.end(producer, isCommit),
      { version, fencedSince: 2 },
      broker,
    )
    return respond().int32(0).int16(error).tags()
  },
}
