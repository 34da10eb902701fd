import type { WireWriter } from '../../protocol/wire-writer.ts'
import type { Api } from '../api.ts'

export interface FetchPartition {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
}

export interface FetchRequest {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isReadCommitted: boolean
  readonly rack: string
  readonly partitions: readonly FetchPartition[]
}

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchedRecords {
  readonly topic: string
  readonly partition: number
  readonly error: number
  readonly highWatermark: number
  readonly aborted: readonly AbortedTransaction[]
  /** -1: the leader itself. */
  readonly preferredReplica: number
  /** Batches; the last one may be cut. */
  readonly records: Buffer
}

/** Without sessions (KIP-227): every request says all it wants. */
export const fetchApi: Api<FetchRequest, { error: number; partitions: FetchedRecords[] }> = {
  key: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 11,
  encode: (writer, request, version) => {
    writer.int32(-1).int32(request.maxWaitMs).int32(request.minBytes).int32(request.maxBytes)
    writer.int8(request.isReadCommitted ? 1 : 0)
    if (version >= 7) writer.int32(0).int32(-1) // no session
    writer.array(byTopic(request.partitions), (w, [topic, partitions]) => {
      w.string(topic).array(partitions, (p, { partition, offset, maxBytes }) => {
        p.int32(partition)
        if (version >= 9) p.int32(-1) // leader epoch: not checked
        p.int64(offset)
        if (version >= 5) p.int64(-1) // log start offset: a follower's business
        p.int32(maxBytes)
      })
    })
    if (version >= 7) writer.int32(0) // forgotten topics
    if (version >= 11) writer.string(request.rack)
  },
  decode: (reader, version) => {
    reader.int32() // throttle time
    const error = version >= 7 ? reader.int16() : 0
    if (version >= 7) reader.int32() // session
    const partitions: FetchedRecords[] = []
    reader.array((r) => {
      const topic = r.string()
      r.array((p) => {
        const partition = p.int32()
        const code = p.int16()
        const highWatermark = p.int64()
        p.int64() // last stable offset
        if (version >= 5) p.int64() // log start offset
        const aborted = p.array((a) => ({ producerId: a.int64(), firstOffset: a.int64() }))
        const preferredReplica = version >= 11 ? p.int32() : -1
        const records = p.nullableBytes() ?? nothing
        partitions.push({ topic, partition, error: code, highWatermark, aborted, preferredReplica, records })
      })
    })
    return { error, partitions }
  },
}

const nothing = Buffer.alloc(0)

export function byTopic<Item extends { readonly topic: string }>(items: readonly Item[]): [string, Item[]][] {
  const topics = new Map<string, Item[]>()
  for (const item of items) {
    const list = topics.get(item.topic)
    if (list === undefined) topics.set(item.topic, [item])
    else list.push(item)
  }
  return [...topics]
}

/** `[name [partition ...] ...]`, as several APIs want it. */
export function writePartitions(
  writer: WireWriter,
  partitions: readonly { topic: string; partition: number }[],
): void {
  writer.array(byTopic(partitions), (w, [topic, list]) => {
    w.string(topic)
      .array(list, (p, { partition }) => p.int32(partition))
      .tags()
  })
}
