import type { ConsumerRecord } from '../../kafka/client.ts'
import { type StartOption, startOffset } from './offset-option.ts'
import type { Session } from './session.ts'

/** How to read, with a group or without one. */
export interface Reading {
  readonly topic: string
  readonly start: StartOption | null
  readonly stopsAtEnd: boolean
  /** Gives back what was used: there may be enough. Then `ending` is aborted. */
  take(records: readonly ConsumerRecord[]): Promise<readonly ConsumerRecord[]>
  readonly ending: AbortSignal
}

/** Reads all partitions, or one; nothing is committed. */
export async function readAlone(
  { topic, start, stopsAtEnd, take, ending }: Reading,
  partition: number | null,
  { clients, consumer, log }: Session,
): Promise<void> {
  const reader = clients.topicReader(consumer, log)
  try {
    const ranges = (await reader.extent(topic)).map((extent, number) => ({
      partition: number,
      start: startOffset(start ?? 'beginning', extent),
      end: stopsAtEnd ? extent.end : null,
    }))
    const wanted = partition === null ? ranges : [ranges[partition]!]
    await reader.read(topic, wanted, async (records) => void (await take(records)), ending)
  } finally {
    await reader.close()
  }
}
