import type { Api } from './api.ts'

/** Heartbeat keeps a member in its group and tells it when to join again. */
export const heartbeatApi: Api = {
  key: 12,
  name: 'Heartbeat',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  handle({ version, reader, respond }, { groups }) {
    const groupId = reader.string()
    const generation = reader.int32()
    const memberId = reader.string()
    const instanceId = version >= 3 ? reader.nullableString() : null
    const error = groups.heartbeat(groupId, { memberId, instanceId }, generation)
    const writer = respond()
    if (version >= 1) writer.int32(0)
    return writer.int16(error).tags()
  },
}
