import { ErrorCode } from '../error-codes.ts'
import { metadataFor, noBytes } from '../groups/member.ts'
import { operationsNotAsked, type Api } from './api.ts'

/** READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS. */
const groupOperations = 3400

/** DescribeGroups: an unknown group is described as dead, which is no error. */
export const describeGroupsApi: Api = {
  key: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 5,
  handle({ version, reader, respond }, { groups }) {
    const ids = [...new Set(reader.array(() => reader.string()))]
    const asksOperations = version >= 3 && reader.boolean()
    const writer = respond(1024)
    if (version >= 1) writer.int32(0)
    writer.array(ids, (_, id) => {
      const group = groups.get(id)
      const isStable = group?.state === 'Stable'
      writer
        .int16(ErrorCode.NONE)
        .string(id)
        .string(group?.state ?? 'Dead')
      writer.string(group?.protocolType ?? '').string((isStable ? group.protocol : null) ?? '')
      writer.array(group?.members ?? [], (_, member) => {
        writer.string(member.memberId)
        if (version >= 4) writer.nullableString(member.instanceId)
        writer.string(member.clientId).string(member.clientHost)
        writer.bytes(isStable ? metadataFor(member, group.protocol) : noBytes)
        writer.bytes(isStable ? member.assignment : noBytes).tags()
      })
      if (version >= 3) writer.int32(asksOperations ? groupOperations : operationsNotAsked)
      writer.tags()
    })
    return writer.tags()
  },
}
