import type { WireReader } from '../../protocol/wire-reader.ts'
import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { ResponseWriter } from '../response-writer.ts'
import type { Api } from './api.ts'

interface AskedTopic {
  name: string
  partitions: number[]
}

/** OffsetFetch: a partition without an offset is answered with -1, which is no error. */
export const offsetFetchApi: Api = {
  key: 9,
  name: 'OffsetFetch',
  minVersion: 1,
  maxVersion: 9,
  flexibleFrom: 6,
  handle({ version, reader, respond }, broker) {
    return version >= 8
      ? fetchForGroups(version, reader, respond(), broker)
      : fetchForGroup(version, reader, respond(), broker)
  },
}

function fetchForGroup(version: number, reader: WireReader, writer: ResponseWriter, broker: BrokerContext) {
  const groupId = reader.string()
  const topics = reader.nullableArray(() => readTopic(reader))
  const requireStable = version >= 7 && reader.int8() !== 0
  if (version >= 3) writer.int32(0)
  const asked = { groupId, topics: topics ?? allTopics(groupId, broker), requireStable }
  writeTopics(writer, version, asked, broker)
  if (version >= 2) writer.int16(ErrorCode.NONE)
  return writer.tags()
}

function fetchForGroups(version: number, reader: WireReader, writer: ResponseWriter, broker: BrokerContext) {
  const asked = reader.array(() => {
    const groupId = reader.string()
    if (version >= 9) {
      reader.nullableString()
      reader.int32()
    }
    const topics = reader.nullableArray(() => readTopic(reader))
    reader.tags()
    return { groupId, topics }
  })
  const requireStable = reader.int8() !== 0
  writer.int32(0)
  writer.array(asked, (_, { groupId, topics }) => {
    writer.string(groupId)
    writeTopics(
      writer,
      version,
      { groupId, topics: topics ?? allTopics(groupId, broker), requireStable },
      broker,
    )
    writer.int16(ErrorCode.NONE).tags()
  })
  return writer.tags()
}

function readTopic(reader: WireReader): AskedTopic {
  const name = reader.string()
  const partitions = reader.array(() => reader.int32())
  reader.tags()
  return { name, partitions }
}

function allTopics(groupId: string, { groups }: BrokerContext): AskedTopic[] {
  const offsets = groups.get(groupId)?.offsets
  return (offsets?.topics() ?? []).map((name) => ({ name, partitions: offsets!.partitionsOf(name) }))
}

function writeTopics(
  writer: ResponseWriter,
  version: number,
  { groupId, topics, requireStable }: { groupId: string; topics: AskedTopic[]; requireStable: boolean },
  { groups, transactions }: BrokerContext,
): void {
  const offsets = groups.get(groupId)?.offsets
  writer.array(topics, (_, { name, partitions }) => {
    writer.string(name).array(partitions, (_, partition) => {
      const isUnstable = requireStable && transactions.isUnstable(groupId, name, partition)
      const committed = isUnstable ? undefined : offsets?.get(name, partition)
      writer.int32(partition).int64(committed?.offset ?? -1)
      if (version >= 5) writer.int32(committed?.leaderEpoch ?? -1)
      writer.nullableString(committed === undefined ? '' : committed.metadata)
      writer.int16(isUnstable ? ErrorCode.UNSTABLE_OFFSET_COMMIT : ErrorCode.NONE).tags()
    })
    writer.tags()
  })
}
