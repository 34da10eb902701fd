import type { Api } from './api.ts'
import { attempt, readProducer } from './transactional-producer.ts'

/** AddOffsetsToTxn announces offsets of a group. */
export const addOffsetsToTxnApi: Api = {
  key: 25,
  name: 'AddOffsetsToTxn',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  async handle({ version, reader, respond }, broker) {
    const producer = readProducer(reader)
    const group = reader.string()
    const error = await attempt(
      () => broker.transactions.addGroup(producer, group),
      { version, fencedSince: 2 },
      broker,
    )
    return respond().int32(0).int16(error).tags()
  },
}
