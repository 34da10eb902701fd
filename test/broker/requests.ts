import type { WireReader } from '../../src/protocol/wire-reader.ts'
import type { WireWriter } from '../../src/protocol/wire-writer.ts'
import type { RawClient } from './raw-client.ts'

/** Produce v9 to one partition. */
export async function produce(
  client: RawClient,
  {
    topic,
    partition = 0,
    records,
    acks = -1,
  }: { topic: string; partition?: number; records: Buffer; acks?: number },
): Promise<{ error: number; baseOffset: number; logAppendTime: number; message: string | null }> {
  const reader = await client.call({
    key: 0,
    version: 9,
    flexible: true,
    write: (w) => {
      w.nullableString(null).int16(acks).int32(1000)
      w.array([topic], (_, name) => {
        w.string(name).array([partition], (_, id) => w.int32(id).bytes(records).tags())
        w.tags()
      }).tags()
    },
  })
  const [answer] = reader.array(() => {
    reader.string()
    return reader.array(() => {
      reader.int32()
      const error = reader.int16()
      const baseOffset = reader.int64()
      const logAppendTime = reader.int64()
      reader.int64()
      reader.array(() => reader.int32())
      const message = reader.nullableString()
      reader.tags()
      return { error, baseOffset, logAppendTime, message }
    })[0]!
  })
  return answer!
}

export interface FetchedPartition {
  partition: number
  error: number
  highWatermark: number
  lastStable: number
  logStart: number
  /** null: uncommitted records were asked for. */
  aborted: { producerId: number; firstOffset: number }[] | null
  records: Buffer
}

export interface FetchOptions {
  topic: string
  partitions?: { partition?: number; offset: number; maxBytes?: number; epoch?: number }[]
  offset?: number
  maxWaitMs?: number
  minBytes?: number
  maxBytes?: number
  isReadCommitted?: boolean
}

/** Fetch v12. */
export async function fetch(client: RawClient, options: FetchOptions): Promise<FetchedPartition[]> {
  return readFetch(await client.call(fetchRequest(options)))
}

export function fetchRequest({
  topic,
  offset = 0,
  partitions = [{ offset }],
  maxWaitMs = 0,
  minBytes = 1,
  maxBytes = 10_000_000,
  isReadCommitted = false,
}: FetchOptions) {
  return {
    key: 1,
    version: 12,
    flexible: true,
    write: (w: WireWriter) => {
      w.int32(-1)
        .int32(maxWaitMs)
        .int32(minBytes)
        .int32(maxBytes)
        .int8(isReadCommitted ? 1 : 0)
        .int32(0)
        .int32(-1)
      w.array([topic], (_, name) => {
        w.string(name).array(partitions, (_, wanted) => {
          w.int32(wanted.partition ?? 0)
            .int32(wanted.epoch ?? -1)
            .int64(wanted.offset)
          w.int32(-1)
            .int64(-1)
            .int32(wanted.maxBytes ?? 10_000_000)
            .tags()
        })
        w.tags()
      })
      w.array([], () => {})
        .string('')
        .tags()
    },
  }
}

export function readFetch(reader: WireReader): FetchedPartition[] {
  reader.int32()
  reader.int16()
  const session = reader.int32()
  if (session !== 0) throw new Error(`Fetch session ${session} was opened.`)
  return reader
    .array(() => {
      reader.string()
      const partitions = reader.array(() => {
        const partition = reader.int32()
        const error = reader.int16()
        const highWatermark = reader.int64()
        const lastStable = reader.int64()
        const logStart = reader.int64()
        const aborted = reader.nullableArray(() => {
          const transaction = { producerId: reader.int64(), firstOffset: reader.int64() }
          reader.tags()
          return transaction
        })
        reader.int32()
        const records = Buffer.from(reader.nullableBytes() ?? Buffer.alloc(0))
        reader.tags()
        return { partition, error, highWatermark, lastStable, logStart, aborted, records }
      })
      reader.tags()
      return partitions
    })
    .flat()
}

/** CreateTopics v5; gives the error. */
export async function createTopic(
  client: RawClient,
  {
    topic,
    partitions = 1,
    configs = {},
  }: { topic: string; partitions?: number; configs?: Record<string, string> },
): Promise<{ error: number; message: string | null }> {
  const reader = await client.call({
    key: 19,
    version: 5,
    flexible: true,
    write: (w) => {
      w.array([topic], (_, name) => {
        w.string(name)
          .int32(partitions)
          .int16(-1)
          .array([], () => {})
        w.array(Object.entries(configs), (_, [key, value]) => w.string(key).string(value).tags()).tags()
      })
      w.int32(1000).boolean(false).tags()
    },
  })
  reader.int32()
  return reader.array(() => {
    reader.string()
    return { error: reader.int16(), message: reader.nullableString() }
  })[0]!
}

/** DeleteTopics v4; gives the error. */
export async function deleteTopic(client: RawClient, topic: string): Promise<number> {
  const reader = await client.call({
    key: 20,
    version: 4,
    flexible: true,
    write: (w) =>
      w
        .array([topic], (_, name) => w.string(name))
        .int32(1000)
        .tags(),
  })
  reader.int32()
  return reader.array(() => {
    reader.string()
    return reader.int16()
  })[0]!
}

/** ListOffsets v6 for one partition. */
export async function listOffset(
  client: RawClient,
  {
    topic,
    partition = 0,
    timestamp,
    version = 7,
  }: { topic: string; partition?: number; timestamp: number; version?: number },
): Promise<{ error: number; timestamp: number; offset: number }> {
  const reader = await client.call({
    key: 2,
    version,
    flexible: true,
    write: (w) => {
      w.int32(-1)
        .int8(0)
        .array([topic], (_, name) => {
          w.string(name)
            .array([partition], (_, id) => w.int32(id).int32(-1).int64(timestamp).tags())
            .tags()
        })
      w.tags()
    },
  })
  reader.int32()
  return reader.array(() => {
    reader.string()
    return reader.array(() => {
      reader.int32()
      return { error: reader.int16(), timestamp: reader.int64(), offset: reader.int64() }
    })[0]!
  })[0]!
}
