import type { Api } from './api.ts'

/** SyncGroup brings the leader's assignment to every member; see Group. */
export const syncGroupApi: Api = {
  key: 14,
  name: 'SyncGroup',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 4,
  async handle({ version, reader, respond, onDisconnect }, { groups }) {
    const groupId = reader.string()
    const generation = reader.int32()
    const memberId = reader.string()
    const instanceId = version >= 3 ? reader.nullableString() : null
    const protocolType = version >= 5 ? reader.nullableString() : null
    const protocol = version >= 5 ? reader.nullableString() : null
    const assignments = new Map(
      reader.array((): [string, Buffer] => {
        const id = reader.string()
        const assignment = Buffer.from(reader.bytes())
        reader.tags()
        return [id, assignment]
      }),
    )
    const result = await groups.sync(groupId, {
      memberId,
      instanceId,
      generation,
      protocolType,
      protocol,
      assignments,
      onDisconnect,
    })
    const writer = respond()
    if (version >= 1) writer.int32(0)
    writer.int16(result.error)
    if (version >= 5) writer.nullableString(result.protocolType).nullableString(result.protocol)
    return writer.bytes(result.assignment).tags()
  },
}
