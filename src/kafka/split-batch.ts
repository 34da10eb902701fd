import { readBatchHeader, RecordReader } from '../protocol/record-batch.ts'
import { batchHeaderBytes } from '../protocol/record-batch.ts'
import { ProducerBatch } from './producer-batch.ts'

/** The two halves, by bytes, of a batch that the broker found too large. */
export function splitBatch(batch: ProducerBatch): [ProducerBatch, ProducerBatch] {
  const whole = batch.builder.close()
  const reader = new RecordReader(readBatchHeader(whole, 0)!, whole, batchHeaderBytes)
  const halves: [ProducerBatch, ProducerBatch] = [half(batch), half(batch)]
  for (let i = 0; reader.next(); i++) {
    const isFirst = i === 0 || (halves[0].builder.length < whole.length / 2 && reader.remaining > 0)
    const target = halves[isFirst && halves[1].contexts.length === 0 ? 0 : 1]
    target.builder.append(reader.timestamp, reader.key, reader.value, reader.headers)
    target.contexts.push(batch.contexts[i])
  }
  halves[0].bufferedBytes = Math.min(halves[0].builder.length, batch.bufferedBytes)
  halves[1].bufferedBytes = batch.bufferedBytes - halves[0].bufferedBytes
  return halves
}

function half(batch: ProducerBatch): ProducerBatch {
  const made = new ProducerBatch(undefined, batch.generation, batch.createdAt)
  made.isSealed = true
  return made
}
