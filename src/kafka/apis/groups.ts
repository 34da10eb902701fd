import type { Api } from '../api.ts'
import type { ListedGroup } from '../client.ts'

export const findCoordinatorApi: Api<
  { key: string; kind: 'group' | 'transaction' },
  { error: number; message: string | null; host: string; port: number }
> = {
  key: 10,
  name: 'FindCoordinator',
  minVersion: 1,
  maxVersion: 2,
  encode: (writer, { key, kind }) => {
    writer.string(key).int8(kind === 'group' ? 0 : 1)
  },
  decode: (reader) => {
    reader.int32() // throttle time
    const error = reader.int16()
    const message = reader.nullableString()
    reader.int32() // node id
    return { error, message, host: reader.string(), port: reader.int32() }
  },
}

/** Who we are in a group. */
export interface Membership {
  readonly group: string
  readonly generation: number
  readonly memberId: string
  readonly instanceId: string | null
}

export interface JoinGroupRequest extends Omit<Membership, 'generation'> {
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocols: readonly { name: string; metadata: Buffer }[]
}

export interface JoinGroupResponse {
  readonly error: number
  readonly generation: number
  readonly protocol: string
  readonly leader: string
  readonly memberId: string
  /** Filled for the leader only. */
  readonly members: readonly { memberId: string; instanceId: string | null; metadata: Buffer }[]
}

export const joinGroupApi: Api<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: 'JoinGroup',
  minVersion: 2,
  maxVersion: 5,
  encode: (writer, request, version) => {
    writer.string(request.group).int32(request.sessionTimeoutMs).int32(request.rebalanceTimeoutMs)
    writer.string(request.memberId)
    if (version >= 5) writer.nullableString(request.instanceId)
    writer.string('consumer')
    writer.array(request.protocols, (w, { name, metadata }) => w.string(name).bytes(metadata))
  },
  decode: (reader, version) => {
    reader.int32() // throttle time
    return {
      error: reader.int16(),
      generation: reader.int32(),
      protocol: reader.string(),
      leader: reader.string(),
      memberId: reader.string(),
      members: reader.array((r) => ({
        memberId: r.string(),
        instanceId: version >= 5 ? r.nullableString() : null,
        metadata: r.bytes(),
      })),
    }
  },
}

export interface SyncGroupRequest extends Membership {
  readonly assignments: readonly { memberId: string; assignment: Buffer }[]
}

export const syncGroupApi: Api<SyncGroupRequest, { error: number; assignment: Buffer }> = {
  key: 14,
  name: 'SyncGroup',
  minVersion: 1,
  maxVersion: 3,
  encode: (writer, { group, generation, memberId, instanceId, assignments }, version) => {
    writer.string(group).int32(generation).string(memberId)
    if (version >= 3) writer.nullableString(instanceId)
    writer.array(assignments, (w, item) => w.string(item.memberId).bytes(item.assignment))
  },
  decode: (reader) => {
    reader.int32() // throttle time
    return { error: reader.int16(), assignment: reader.bytes() }
  },
}

export const heartbeatApi: Api<Membership, { error: number }> = {
  key: 12,
  name: 'Heartbeat',
  minVersion: 1,
  maxVersion: 3,
  encode: (writer, { group, generation, memberId, instanceId }, version) => {
    writer.string(group).int32(generation).string(memberId)
    if (version >= 3) writer.nullableString(instanceId)
  },
  decode: (reader) => {
    reader.int32() // throttle time
    return { error: reader.int16() }
  },
}

export const leaveGroupApi: Api<Membership, { error: number }> = {
  key: 13,
  name: 'LeaveGroup',
  minVersion: 1,
  maxVersion: 3,
  encode: (writer, { group, memberId, instanceId }, version) => {
    writer.string(group)
    if (version < 3) writer.string(memberId)
    else writer.array([memberId], (w, id) => w.string(id).nullableString(instanceId))
  },
  decode: (reader) => {
    reader.int32() // throttle time
    return { error: reader.int16() }
  },
}

export const listGroupsApi: Api<void, { error: number; groups: readonly ListedGroup[] }> = {
  key: 16,
  name: 'ListGroups',
  minVersion: 1,
  maxVersion: 4,
  flexibleFrom: 3,
  encode: (writer, _, version) => {
    if (version >= 4) writer.array([], () => {}) // in any state
    writer.tags()
  },
  decode: (reader, version) => {
    reader.int32() // throttle time
    const error = reader.int16()
    const groups = reader.array((r) => {
      const listed = { group: r.string(), protocolType: r.string(), state: version >= 4 ? r.string() : null }
      r.tags()
      return listed
    })
    reader.tags()
    return { error, groups }
  },
}

export const deleteGroupsApi: Api<string, { error: number }> = {
  key: 42,
  name: 'DeleteGroups',
  minVersion: 0,
  maxVersion: 1,
  encode: (writer, group) => {
    writer.array([group], (w, name) => w.string(name))
  },
  decode: (reader) => {
    reader.int32() // throttle time
    const [result] = reader.array((r) => ({ group: r.string(), error: r.int16() }))
    return { error: result?.error ?? 0 }
  },
}
