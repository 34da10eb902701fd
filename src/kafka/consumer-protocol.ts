import { WireReader } from '../protocol/wire-reader.ts'
import { WireWriter } from '../protocol/wire-writer.ts'
import { byTopic, writePartitions } from './apis/fetch.ts'
import type { TopicPartition } from './client.ts'

/**
 * The bytes that members of a consumer group exchange through the coordinator (ConsumerProtocolSubscription
 * and ConsumerProtocolAssignment), as Java's consumers write and read them, so that both can share a group.
 */
export interface Subscription {
  readonly topics: readonly string[]
  readonly userData: Buffer | null
  readonly owned: readonly TopicPartition[]
  /** -1 where the member does not say. */
  readonly generation: number
  readonly rack: string | null
}

export function encodeSubscription({ topics, userData, owned, generation, rack }: Subscription): Buffer {
  const writer = new WireWriter().int16(3)
  writer.array([...topics].sort(), (w, topic) => w.string(topic)).nullableBytes(userData)
  writePartitions(writer, sorted(owned))
  return writer.int32(generation).nullableString(rack).view()
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = new WireReader(bytes)
  const version = reader.int16()
  const topics = reader.array((r) => r.string())
  const userData = reader.nullableBytes()
  // Members of older versions end early; those of newer ones may say more.
  const owned = version >= 1 && reader.remaining > 0 ? readPartitions(reader) : []
  const generation = version >= 2 && reader.remaining >= 4 ? reader.int32() : -1
  const rack = version >= 3 && reader.remaining >= 2 ? reader.nullableString() : null
  return { topics, userData, owned, generation, rack }
}

export function encodeAssignment(
  partitions: readonly TopicPartition[],
  userData: Buffer | null = null,
): Buffer {
  const writer = new WireWriter().int16(3)
  writePartitions(writer, sorted(partitions))
  return writer.nullableBytes(userData).view()
}

export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  // A member that the leader forgot gets no bytes at all.
  if (bytes.length === 0) return []
  const reader = new WireReader(bytes)
  reader.int16() // version
  return readPartitions(reader)
}

/** StickyAssignor's user data: what the member had, and in which generation. */
export function encodeStickyUserData(owned: readonly TopicPartition[], generation: number): Buffer {
  const writer = new WireWriter()
  writePartitions(writer, sorted(owned))
  return writer.int32(generation).view()
}

export function decodeStickyUserData(bytes: Buffer | null): { owned: TopicPartition[]; generation: number } {
  if (bytes === null || bytes.length === 0) return { owned: [], generation: -1 }
  const reader = new WireReader(bytes)
  const owned = readPartitions(reader)
  return { owned, generation: reader.remaining >= 4 ? reader.int32() : -1 }
}

/** CooperativeStickyAssignor's user data: the generation. */
export function encodeGeneration(generation: number): Buffer {
  return new WireWriter().int32(generation).view()
}

export function decodeGeneration(bytes: Buffer | null): number {
  return bytes === null || bytes.length < 4 ? -1 : bytes.readInt32BE(0)
}

function readPartitions(reader: WireReader): TopicPartition[] {
  const partitions: TopicPartition[] = []
  reader.array((r) => {
    const topic = r.string()
    r.array((p) => partitions.push({ topic, partition: p.int32() }))
  })
  return partitions
}

function sorted(partitions: readonly TopicPartition[]): TopicPartition[] {
  return byTopic(partitions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, list]) => list.sort((a, b) => a.partition - b.partition))
}
