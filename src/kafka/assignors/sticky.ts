import type { TopicPartition } from '../client.ts'
import {
  decodeGeneration,
  decodeStickyUserData,
  encodeGeneration,
  encodeStickyUserData,
} from '../consumer-protocol.ts'
import { compare, emptyAssignment, inJavaOrder } from './assignor.ts'
import type { Assignment, Assignor, Member } from './assignor.ts'

/** As balanced as can be, and of all such assignments one that moves few partitions. */
export const stickyAssignor: Assignor = {
  name: 'sticky',
  javaClass: 'org.apache.kafka.clients.consumer.StickyAssignor',
  isCooperative: false,
  userData: (owned, generation) => encodeStickyUserData(owned, generation),
  assign: (partitionCounts, members) =>
    assignSticky(
      partitionCounts,
      members.map((member) => ({ ...member, ...decodeStickyUserData(member.userData) })),
    ),
}

/**
 * The same, for members that keep their partitions during a rebalance: a partition that changes hands is
 * assigned to nobody at first, and to its new owner in the rebalance that follows its revocation.
 */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  javaClass: 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
  isCooperative: true,
  userData: (_owned, generation) => encodeGeneration(generation),
  assign(partitionCounts, members) {
    const known = members.map((member) => ({
      ...member,
      generation: member.generation === -1 ? decodeGeneration(member.userData) : member.generation,
    }))
    const assignment = assignSticky(partitionCounts, known)
    const owners = ownersOf(known)
    for (const [memberId, partitions] of assignment) {
      const free = partitions.filter((partition) => {
        const owner = owners.get(keyOf(partition))
        return owner === undefined || owner === memberId
      })
      assignment.set(memberId, free)
    }
    return assignment
  },
}

interface Taker {
  readonly memberId: string
  readonly topics: ReadonlySet<string>
  readonly partitions: TopicPartition[]
}

function assignSticky(partitionCounts: ReadonlyMap<string, number>, members: readonly Member[]): Assignment {
  const takers: Taker[] = inJavaOrder(members).map(({ memberId, topics }) => ({
    memberId,
    topics: new Set(topics),
    partitions: [],
  }))
  const byId = new Map(takers.map((taker) => [taker.memberId, taker]))
  const owners = ownersOf(members)
  const unassigned: TopicPartition[] = []
  for (const topic of [...partitionCounts.keys()].sort(compare)) {
    for (let partition = 0; partition < partitionCounts.get(topic)!; partition++) {
      const owner = byId.get(owners.get(keyOf({ topic, partition })) ?? '')
      if (owner?.topics.has(topic)) owner.partitions.push({ topic, partition })
      else unassigned.push({ topic, partition })
    }
  }
  for (const partition of unassigned) leastLoaded(takers, partition.topic)?.partitions.push(partition)
  balance(takers)
  const assignment = emptyAssignment(members)
  for (const { memberId, partitions } of takers) assignment.set(memberId, partitions)
  return assignment
}

/** Who had a partition last: of two that claim it the one of the later generation, of the same one nobody. */
function ownersOf(members: readonly Member[]): Map<string, string> {
  const claims = new Map<string, { memberId: string | null; generation: number }>()
  for (const { memberId, owned, generation } of members) {
    for (const partition of owned) {
      const key = keyOf(partition)
      const other = claims.get(key)
      if (other === undefined || other.generation < generation) claims.set(key, { memberId, generation })
      else if (other.generation === generation) claims.set(key, { memberId: null, generation })
    }
  }
  const owners = new Map<string, string>()
  for (const [key, { memberId }] of claims) if (memberId !== null) owners.set(key, memberId)
  return owners
}

/** Moves partitions from members that have two or more above another one that could take them. */
function balance(takers: readonly Taker[]): void {
  for (let moved = true; moved;) {
    moved = false
    for (const giver of [...takers].sort((a, b) => b.partitions.length - a.partitions.length)) {
      for (let i = giver.partitions.length - 1; i >= 0; i--) {
        const taker = leastLoaded(takers, giver.partitions[i]!.topic)
        if (taker === undefined || taker.partitions.length + 1 >= giver.partitions.length) continue
        taker.partitions.push(...giver.partitions.splice(i, 1))
        moved = true
      }
    }
  }
}

function leastLoaded(takers: readonly Taker[], topic: string): Taker | undefined {
  let least: Taker | undefined
  for (const taker of takers) {
    if (!taker.topics.has(topic)) continue
    if (least === undefined || taker.partitions.length < least.partitions.length) least = taker
  }
  return least
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
