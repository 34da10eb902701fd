import type { ErrorCode } from '../error-codes.ts'
import type { Deadline } from './deadline.ts'

export interface MemberProtocol {
  name: string
  metadata: Buffer
}

/** What a member waits for, and with it its connection. */
export interface Waiter<T> {
  resolve(result: T): void
}

export interface JoinResult {
  error: ErrorCode
  memberId: string
  generation: number
  protocolType: string | null
  protocol: string | null
  leader: string
  /** Filled for the leader only. */
  members: { memberId: string; instanceId: string | null; metadata: Buffer }[]
  skipAssignment: boolean
}

export interface SyncResult {
  error: ErrorCode
  protocolType: string | null
  protocol: string | null
  assignment: Buffer
}

/** A member of a group; a static one keeps its place under a new id when its client starts anew. */
export interface Member {
  memberId: string
  readonly instanceId: string | null
  clientId: string
  clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocols: MemberProtocol[]
  assignment: Buffer
  session: Deadline
  joining: Waiter<JoinResult> | null
  syncing: Waiter<SyncResult> | null
  hasSynced: boolean
}

export function metadataFor(member: Member, protocol: string | null): Buffer {
  return member.protocols.find(({ name }) => name === protocol)?.metadata ?? noBytes
}

export const noBytes = Buffer.alloc(0)
