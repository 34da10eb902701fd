import type { Logger } from '../../util/logger.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { JournalEntry, JournalOffset } from '../journal-entries.ts'
import type { CommittedOffset } from './group-offsets.ts'
import { Group } from './group.ts'
import type { JoinRequest, MemberIdentity, SyncRequest } from './group.ts'
import { metadataFor } from './member.ts'
import type { JoinResult, SyncResult } from './member.ts'
import { joinError, syncError } from './refusals.ts'
import { subscribedTopics } from './subscription.ts'

export interface GroupCoordinatorDeps {
  initialRebalanceDelayMs: number
  minSessionTimeoutMs: number
  maxSessionTimeoutMs: number
  offsetsRetentionMs: number
  journal: (entry: JournalEntry) => void
  now: () => number
  log: Logger
}

export interface OffsetToCommit {
  topic: string
  partition: number
  offset: number
  leaderEpoch: number
  metadata: string | null
}

/** All consumer groups with their committed offsets. */
export class GroupCoordinator {
  readonly #deps: GroupCoordinatorDeps
  readonly #groups = new Map<string, Group>()

  constructor(deps: GroupCoordinatorDeps) {
    this.#deps = deps
  }

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId)
  }

  all(): Group[] {
    return [...this.#groups.values()]
  }

  async join(groupId: string, request: JoinRequest): Promise<JoinResult> {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#deps
    if (groupId === '') return joinError(ErrorCode.INVALID_GROUP_ID, request.memberId)
    if (request.sessionTimeoutMs < minSessionTimeoutMs || request.sessionTimeoutMs > maxSessionTimeoutMs) {
      return joinError(ErrorCode.INVALID_SESSION_TIMEOUT, request.memberId)
    }
    const known = this.#groups.get(groupId)
    if (known === undefined && request.memberId !== '') {
      return joinError(ErrorCode.UNKNOWN_MEMBER_ID, request.memberId)
    }
    return (known ?? this.#make(groupId)).join(request)
  }

  async sync(groupId: string, request: SyncRequest): Promise<SyncResult> {
    return this.#groups.get(groupId)?.sync(request) ?? syncError(ErrorCode.UNKNOWN_MEMBER_ID)
  }

  heartbeat(groupId: string, identity: MemberIdentity, generation: number): ErrorCode {
    return this.#groups.get(groupId)?.heartbeat(identity, generation) ?? ErrorCode.UNKNOWN_MEMBER_ID
  }

  leave(groupId: string, identity: MemberIdentity): ErrorCode {
    return this.#groups.get(groupId)?.leave(identity) ?? ErrorCode.UNKNOWN_MEMBER_ID
  }

  /** Whether this member of this group may commit; a group is made for offsets that come without one. */
  checkCommit(groupId: string, identity: MemberIdentity & { generation: number }): ErrorCode {
    const group = this.#groups.get(groupId)
    if (group !== undefined) return group.checkCommit(identity)
    return identity.generation < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
  }

  /** Journals the offsets, then takes them. Throws ApiError where they cannot be kept. */
  commit(groupId: string, offsets: readonly OffsetToCommit[]): void {
    if (offsets.length === 0) return
    const committedAt = this.#deps.now()
    const lines = offsets.map((o): JournalOffset => [
      o.topic,
      o.partition,
      o.offset,
      o.leaderEpoch,
      o.metadata,
      committedAt,
    ])
    this.#deps.journal({ type: 'offsets', group: groupId, offsets: lines })
    const group = this.#groups.get(groupId) ?? this.#make(groupId)
    for (const { topic, partition, ...rest } of offsets)
      group.offsets.set(topic, partition, { ...rest, committedAt })
  }

  deleteGroup(groupId: string): ErrorCode {
    const group = this.#groups.get(groupId)
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND
    if (!group.isEmpty) return ErrorCode.NON_EMPTY_GROUP
    this.#deps.journal({ type: 'group-deleted', group: groupId })
    this.#drop(group)
    return ErrorCode.NONE
  }

  /** Deletes offsets of topics that no member is subscribed to; gives an error for each partition. */
  deleteOffsets(groupId: string, partitions: readonly [string, number][]): ErrorCode[] {
    const group = this.#groups.get(groupId)
    if (group === undefined) throw new ApiError(ErrorCode.GROUP_ID_NOT_FOUND, `There is no group ${groupId}.`)
    if (!group.isEmpty && group.protocolType !== 'consumer') {
      throw new ApiError(ErrorCode.NON_EMPTY_GROUP, `The group ${groupId} has members.`)
    }
    const subscribed = new Set(
      group.members.flatMap((member) => subscribedTopics(metadataFor(member, group.protocol)) ?? []),
    )
    const free = partitions.filter(([topic]) => !subscribed.has(topic))
    this.#deleteOffsets(group, free)
    return partitions.map(([topic]) =>
      subscribed.has(topic) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE,
    )
  }

  /** A deleted topic takes its offsets with it: one of the same name starts from nothing. */
  topicDeleted(topic: string): void {
    for (const group of this.#groups.values()) {
      this.#deleteOffsets(
        group,
        group.offsets.partitionsOf(topic).map((partition) => [topic, partition]),
      )
    }
  }

  /** Forgets offsets of groups that were empty for long, and groups of which nothing is left. */
  expire(): void {
    const before = this.#deps.now() - this.#deps.offsetsRetentionMs
    for (const group of this.#groups.values()) {
      if (!group.isEmpty || group.hasPendingMembers || group.state !== 'Empty') continue
      if (group.emptySince < before) {
        const old = [...group.offsets.entries()].filter(([, , { committedAt }]) => committedAt < before)
        this.#deleteOffsets(
          group,
          old.map(([topic, partition]) => [topic, partition]),
        )
      }
      if (group.offsets.isEmpty) this.deleteGroup(group.id)
    }
  }

  restore(entry: JournalEntry): void {
    if (entry.type === 'group') {
      ;(this.#groups.get(entry.group.groupId) ?? this.#make(entry.group.groupId)).restore(entry.group)
    } else if (entry.type === 'group-deleted') {
      const group = this.#groups.get(entry.group)
      if (group !== undefined) this.#drop(group)
    } else if (entry.type === 'offsets') {
      const { offsets } = this.#groups.get(entry.group) ?? this.#make(entry.group)
      for (const [topic, partition, offset, leaderEpoch, metadata, committedAt] of entry.offsets) {
        offsets.set(topic, partition, { offset, leaderEpoch, metadata, committedAt })
      }
    } else if (entry.type === 'offsets-deleted') {
      const group = this.#groups.get(entry.group)
      for (const [topic, partition] of entry.partitions) group?.offsets.delete(topic, partition)
    }
  }

  snapshot(): JournalEntry[] {
    const entries: JournalEntry[] = []
    for (const group of this.#groups.values()) {
      entries.push({ type: 'group', group: group.save() })
      const offsets = [...group.offsets.entries()].map(toJournalOffset)
      if (offsets.length > 0) entries.push({ type: 'offsets', group: group.id, offsets })
    }
    return entries
  }

  close(): void {
    for (const group of this.#groups.values()) group.close()
  }

  #make(groupId: string): Group {
    const { initialRebalanceDelayMs, now } = this.#deps
    const deps = { initialRebalanceDelayMs, onSettled: (settled: Group) => this.#save(settled) }
    const group = new Group(groupId, deps, now())
    this.#groups.set(groupId, group)
    return group
  }

  #drop(group: Group): void {
    group.close()
    this.#groups.delete(group.id)
  }

  #deleteOffsets(group: Group, partitions: [string, number][]): void {
    if (partitions.length === 0) return
    this.#deps.journal({ type: 'offsets-deleted', group: group.id, partitions })
    for (const [topic, partition] of partitions) group.offsets.delete(topic, partition)
  }

  #save(group: Group): void {
    try {
      this.#deps.journal({ type: 'group', group: group.save() })
    } catch {
      // The journal has logged it. The group works on; after a restart its members join again.
    }
  }
}

function toJournalOffset([topic, partition, committed]: [string, number, CommittedOffset]): JournalOffset {
  return [
    topic,
    partition,
    committed.offset,
    committed.leaderEpoch,
    committed.metadata,
    committed.committedAt,
  ]
}
