import type { Api } from './api.ts'

/** JoinGroup waits until everybody has joined; see Group. */
export const joinGroupApi: Api = {
  key: 11,
  name: 'JoinGroup',
  minVersion: 0,
  maxVersion: 9,
  flexibleFrom: 6,
  async handle({ version, reader, respond, clientId, clientHost, onDisconnect }, { groups }) {
    const groupId = reader.string()
    const sessionTimeoutMs = reader.int32()
    const rebalanceTimeoutMs = version >= 1 ? reader.int32() : sessionTimeoutMs
    const memberId = reader.string()
    const instanceId = version >= 5 ? reader.nullableString() : null
    const protocolType = reader.string()
    const protocols = reader.array(() => {
      const name = reader.string()
      // A copy: the member outlives the frame.
      const metadata = Buffer.from(reader.bytes())
      reader.tags()
      return { name, metadata }
    })
    const result = await groups.join(groupId, {
      memberId,
      instanceId,
      clientId,
      clientHost,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolType,
      protocols,
      requiresKnownMemberId: version >= 4,
      supportsSkippingAssignment: version >= 9,
      onDisconnect,
    })
    const writer = respond()
    if (version >= 2) writer.int32(0)
    writer.int16(result.error).int32(result.generation)
    if (version >= 7) writer.nullableString(result.protocolType).nullableString(result.protocol)
    else writer.string(result.protocol ?? '')
    writer.string(result.leader)
    if (version >= 9) writer.boolean(result.skipAssignment)
    writer.string(result.memberId).array(result.members, (_, member) => {
      writer.string(member.memberId)
      if (version >= 5) writer.nullableString(member.instanceId)
      writer.bytes(member.metadata).tags()
    })
    return writer.tags()
  },
}
