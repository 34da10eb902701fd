import { ErrorCode } from '../error-codes.ts'
import type { Api } from './api.ts'

/** LeaveGroup: a member goes at once, instead of when its session ends. */
export const leaveGroupApi: Api = {
  key: 13,
  name: 'LeaveGroup',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 4,
  handle({ version, reader, respond }, { groups }) {
    const groupId = reader.string()
    if (version < 3) {
      const error = groups.leave(groupId, { memberId: reader.string(), instanceId: null })
      const writer = respond()
      if (version >= 1) writer.int32(0)
      return writer.int16(error)
    }
    const members = reader.array(() => {
      const memberId = reader.string()
      const instanceId = reader.nullableString()
      if (version >= 5) reader.nullableString()
      reader.tags()
      return { memberId, instanceId }
    })
    const writer = respond()
    writer.int32(0).int16(ErrorCode.NONE)
    writer.array(members, (_, member) => {
      writer.string(member.memberId).nullableString(member.instanceId)
      writer.int16(groups.leave(groupId, member)).tags()
    })
    return writer.tags()
  },
}
