import type { CommittedOffset, TopicPartition } from '../client.ts'
import type { Api } from '../api.ts'
import { byTopic, writePartitions } from './fetch.ts'

export const latestTimestamp = -1
export const earliestTimestamp = -2

export interface ListOffsetsRequest {
  readonly isReadCommitted: boolean
  readonly partitions: readonly (TopicPartition & { readonly timestamp: number })[]
}

export interface ListedOffset extends TopicPartition {
  readonly error: number
  readonly offset: number
}

export const listOffsetsApi: Api<ListOffsetsRequest, ListedOffset[]> = {
  key: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 5,
  encode: (writer, { isReadCommitted, partitions }, version) => {
    writer.int32(-1)
    if (version >= 2) writer.int8(isReadCommitted ? 1 : 0)
    writer.array(byTopic(partitions), (w, [topic, list]) => {
      w.string(topic).array(list, (p, { partition, timestamp }) => {
        p.int32(partition)
        if (version >= 4) p.int32(-1) // leader epoch: not checked
        p.int64(timestamp)
      })
    })
  },
  decode: (reader, version) => {
    const listed: ListedOffset[] = []
    if (version >= 2) reader.int32() // throttle time
    reader.array((r) => {
      const topic = r.string()
      r.array((p) => {
        const partition = p.int32()
        const error = p.int16()
        p.int64() // timestamp
        listed.push({ topic, partition, error, offset: p.int64() })
        if (version >= 4) p.int32() // leader epoch
      })
    })
    return listed
  },
}

export interface OffsetCommitRequest {
  readonly group: string
  readonly generation: number
  readonly memberId: string
  readonly instanceId: string | null
  readonly offsets: readonly CommittedOffset[]
}

export const offsetCommitApi: Api<OffsetCommitRequest, (TopicPartition & { error: number })[]> = {
  key: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 7,
  encode: (writer, { group, generation, memberId, instanceId, offsets }, version) => {
    writer.string(group).int32(generation).string(memberId)
    if (version >= 7) writer.nullableString(instanceId)
    if (version <= 4) writer.int64(-1) // retention: the broker's
    writer.array(byTopic(offsets), (w, [topic, list]) => {
      w.string(topic).array(list, (p, { partition, offset, leaderEpoch, metadata }) => {
        p.int32(partition).int64(offset)
        if (version >= 6) p.int32(leaderEpoch ?? -1)
        p.nullableString(metadata ?? '')
      })
    })
  },
  decode: (reader, version) => {
    if (version >= 3) reader.int32() // throttle time
    const results: (TopicPartition & { error: number })[] = []
    reader.array((r) => {
      const topic = r.string()
      r.array((p) => results.push({ topic, partition: p.int32(), error: p.int16() }))
    })
    return results
  },
}

export interface OffsetFetchRequest {
  readonly group: string
  /** null: all that the group has. */
  readonly partitions: readonly TopicPartition[] | null
  /** Whether to wait for offsets that a transaction is about to commit. */
  readonly requireStable: boolean
}

export interface FetchedOffset extends CommittedOffset {
  readonly error: number
}

/** An offset of -1: none is committed. */
export const offsetFetchApi: Api<OffsetFetchRequest, { error: number; offsets: FetchedOffset[] }> = {
  key: 9,
  name: 'OffsetFetch',
  minVersion: 2,
  maxVersion: 7,
  flexibleFrom: 6,
  encode: (writer, { group, partitions, requireStable }, version) => {
    writer.string(group)
    if (partitions === null) writer.array(null, () => {})
    else writePartitions(writer, partitions)
    if (version >= 7) writer.boolean(requireStable)
    writer.tags()
  },
  decode: (reader, version) => {
    if (version >= 3) reader.int32() // throttle time
    const offsets: FetchedOffset[] = []
    reader.array((r) => {
      const topic = r.string()
      r.array((p) => {
        offsets.push({
          topic,
          partition: p.int32(),
          offset: p.int64(),
          leaderEpoch: version >= 5 ? p.int32() : -1,
          metadata: p.nullableString(),
          error: p.int16(),
        })
        p.tags()
      })
      r.tags()
    })
    const error = reader.int16()
    reader.tags()
    return { error, offsets }
  },
}

export const offsetDeleteApi: Api<
  { group: string; partitions: readonly TopicPartition[] },
  { error: number; partitions: (TopicPartition & { error: number })[] }
> = {
  key: 47,
  name: 'OffsetDelete',
  minVersion: 0,
  maxVersion: 0,
  encode: (writer, { group, partitions }) => {
    writePartitions(writer.string(group), partitions)
  },
  decode: (reader) => {
    const error = reader.int16()
    reader.int32() // throttle time
    const partitions: (TopicPartition & { error: number })[] = []
    reader.array((r) => {
      const topic = r.string()
      r.array((p) => partitions.push({ topic, partition: p.int32(), error: p.int16() }))
    })
    return { error, partitions }
  },
}
