import type { WireReader } from '../../protocol/wire-reader.ts'
import { WireWriter } from '../../protocol/wire-writer.ts'

/** Produce bodies are assembled by hand, around batches that are not copied. */
export const produceApi = { key: 0, name: 'Produce', minVersion: 3, maxVersion: 8 } as const

export interface ProduceEntry {
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

export interface ProduceResult {
  readonly topic: string
  readonly partition: number
  readonly error: number
  readonly baseOffset: number
  readonly logAppendTime: number
  readonly errorMessage: string | null
}

export interface ProduceOptions {
  readonly transactionalId: string | null
  readonly acks: number
  readonly timeoutMs: number
}

/** The body of a Produce request (all versions have the same): the batches stand in it as they are. */
export function produceParts(
  entries: readonly ProduceEntry[],
  { transactionalId, acks, timeoutMs }: ProduceOptions,
): Buffer[] {
  const byTopic = new Map<string, ProduceEntry[]>()
  for (const entry of entries) {
    const list = byTopic.get(entry.topic)
    if (list === undefined) byTopic.set(entry.topic, [entry])
    else list.push(entry)
  }
  const parts: Buffer[] = []
  let writer = new WireWriter({ capacity: 128 })
  writer.nullableString(transactionalId).int16(acks).int32(timeoutMs).int32(byTopic.size)
  for (const [topic, list] of byTopic) {
    writer.string(topic).int32(list.length)
    for (const { partition, batch } of list) {
      writer.int32(partition).int32(batch.length)
      parts.push(writer.view(), batch)
      writer = new WireWriter({ capacity: 128 })
    }
  }
  return parts
}

export function readProduceResponse(reader: WireReader, version: number): ProduceResult[] {
  const results: ProduceResult[] = []
  reader.array((r) => {
    const topic = r.string()
    r.array((p) => {
      const partition = p.int32()
      const error = p.int16()
      const baseOffset = p.int64()
      const logAppendTime = p.int64()
      if (version >= 5) p.int64() // log start offset
      let errorMessage: string | null = null
      if (version >= 8) {
        const perRecord = p.array((e) => ({ index: e.int32(), message: e.nullableString() }))
        errorMessage = p.nullableString() ?? perRecord.find((e) => e.message !== null)?.message ?? null
      }
      results.push({ topic, partition, error, baseOffset, logAppendTime, errorMessage })
    })
  })
  return results
}
