import type { TopicPartition } from '../client.ts'

/** A member of the group, as the leader's assignor sees it. */
export interface Member {
  readonly memberId: string
  readonly instanceId: string | null
  readonly topics: readonly string[]
  readonly owned: readonly TopicPartition[]
  /** The generation in which it owned them; -1 where it does not say. */
  readonly generation: number
  readonly userData: Buffer | null
}

export type Assignment = Map<string, TopicPartition[]>

/** Decides who gets which partition. Runs in the member that the coordinator made leader. */
export interface Assignor {
  /** The name in the group protocol: all members must have one in common. */
  readonly name: string
  readonly javaClass: string
  /** Whether members may keep what they have while a rebalance goes on (KIP-429). */
  readonly isCooperative: boolean
  userData(owned: readonly TopicPartition[], generation: number): Buffer | null
  assign(partitionCounts: ReadonlyMap<string, number>, members: readonly Member[]): Assignment
}

/** Java's order of members: static ones by their instance id, others by member id. */
export function inJavaOrder(members: readonly Member[]): Member[] {
  return [...members].sort((a, b) => {
    if (a.instanceId !== null && b.instanceId !== null) return compare(a.instanceId, b.instanceId)
    if (a.instanceId !== null) return -1
    if (b.instanceId !== null) return 1
    return compare(a.memberId, b.memberId)
  })
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function emptyAssignment(members: readonly Member[]): Assignment {
  return new Map(members.map(({ memberId }) => [memberId, []]))
}
