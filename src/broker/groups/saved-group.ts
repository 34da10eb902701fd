import type { Member } from './member.ts'

/** A group as the journal keeps it: enough for its members to go on after a restart of the broker. */
export interface SavedGroup {
  groupId: string
  generation: number
  protocolType: string | null
  protocol: string | null
  leader: string | null
  members: SavedMember[]
}

export interface SavedMember {
  memberId: string
  instanceId: string | null
  clientId: string
  clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  /** Names with their metadata in base64. */
  protocols: [string, string][]
  /** In base64. */
  assignment: string
}

/** What of a member does not depend on this run of the broker. */
type LastingMember = Omit<Member, 'session' | 'joining' | 'syncing' | 'hasSynced'>

export function saveMember(member: LastingMember): SavedMember {
  const { memberId, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = member
  return {
    memberId,
    instanceId,
    clientId,
    clientHost,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    protocols: member.protocols.map(({ name, metadata }) => [name, metadata.toString('base64')]),
    assignment: member.assignment.toString('base64'),
  }
}

export function loadMember({ protocols, assignment, ...rest }: SavedMember): LastingMember {
  return {
    ...rest,
    protocols: protocols.map(([name, metadata]) => ({ name, metadata: Buffer.from(metadata, 'base64') })),
    assignment: Buffer.from(assignment, 'base64'),
  }
}
