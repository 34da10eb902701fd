import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import { errorCodeOf, type Api } from './api.ts'

/** OffsetDelete removes single offsets of a group. */
export const offsetDeleteApi: Api = {
  key: 47,
  name: 'OffsetDelete',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: Infinity,
  async handle({ reader, respond }, broker) {
    const groupId = reader.string()
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => reader.int32()),
    }))
    const partitions = topics.flatMap((topic) =>
      topic.partitions.map((partition): [string, number] => [topic.name, partition]),
    )
    const { error, errors } = deleteOffsets(groupId, partitions, broker)
    await broker.syncMetadata()
    const writer = respond()
    writer.int16(error).int32(0)
    let at = 0
    writer.array(error === ErrorCode.NONE ? topics : [], (_, topic) => {
      writer.string(topic.name).array(topic.partitions, (_, partition) => {
        writer.int32(partition).int16(errors[at++]!)
      })
    })
    return writer
  },
}

function deleteOffsets(
  groupId: string,
  partitions: [string, number][],
  broker: BrokerContext,
): { error: ErrorCode; errors: ErrorCode[] } {
  try {
    return { error: ErrorCode.NONE, errors: broker.groups.deleteOffsets(groupId, partitions) }
  } catch (error) {
    return { error: errorCodeOf(error, broker), errors: [] }
  }
}
