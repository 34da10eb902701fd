import { ErrorCode } from '../error-codes.ts'
import type { Api } from './api.ts'

/** ListGroups names the groups, all or those in certain states. */
export const listGroupsApi: Api = {
  key: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  handle({ version, reader, respond }, { groups }) {
    const states = version >= 4 ? reader.array(() => reader.string().toLowerCase()) : []
    const listed = groups
      .all()
      .filter(({ state }) => states.length === 0 || states.includes(state.toLowerCase()))
    const writer = respond()
    if (version >= 1) writer.int32(0)
    writer.int16(ErrorCode.NONE).array(listed, (_, { id, protocolType, state }) => {
      writer.string(id).string(protocolType ?? '')
      if (version >= 4) writer.string(state)
      writer.tags()
    })
    return writer.tags()
  },
}
