import { randomUUID } from 'node:crypto'
import { ErrorCode } from '../error-codes.ts'
import { Deadline } from './deadline.ts'
import { GroupOffsets } from './group-offsets.ts'
import { metadataFor, noBytes } from './member.ts'
import type { JoinResult, Member, MemberProtocol, SyncResult } from './member.ts'
import { park } from './park.ts'
import { commonProtocols, isSameProtocols, selectProtocol } from './protocols.ts'
import { joinError, refuseJoin, refuseSync, syncError } from './refusals.ts'
import { loadMember, saveMember, type SavedGroup } from './saved-group.ts'
import { isSameSubscription } from './subscription.ts'

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

export interface JoinRequest {
  memberId: string
  instanceId: string | null
  clientId: string
  clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocolType: string
  protocols: MemberProtocol[]
  /** From version 4 on a new member is told its id first and joins again with it. */
  requiresKnownMemberId: boolean
  supportsSkippingAssignment: boolean
  /** Calls back when the connection is gone; gives a function that ends this. */
  onDisconnect: (listener: () => void) => () => void
}

export interface SyncRequest {
  memberId: string
  instanceId: string | null
  generation: number
  protocolType: string | null
  protocol: string | null
  assignments: Map<string, Buffer>
  onDisconnect: (listener: () => void) => () => void
}

export interface MemberIdentity {
  memberId: string
  instanceId: string | null
}

export interface GroupDeps {
  initialRebalanceDelayMs: number
  /** Called when the members and their assignments are settled. */
  onSettled: (group: Group) => void
}

const mostMembers = 10_000
/** What the members say of themselves, and what the leader says to them, all of it kept in the journal, too. */
const mostBytes = 8_388_608

/**
 * One consumer group under the classic protocol: its members join, the leader assigns, everybody takes its
 * assignment (sync) and shows that it lives (heartbeat), until somebody comes or goes.
 */
export class Group {
  readonly id: string
  readonly offsets = new GroupOffsets()
  readonly #deps: GroupDeps
  readonly #members = new Map<string, Member>()
  readonly #staticIds = new Map<string, string>()
  /** Ids given out to clients that have not joined with them yet. */
  readonly #pending = new Map<string, Deadline>()
  #state: GroupState = 'Empty'
  #generation = 0
  #protocolType: string | null = null
  #protocol: string | null = null
  #leader: string | null = null
  #rebalance: Deadline | null = null
  #isInInitialDelay = false
  emptySince: number

  constructor(id: string, deps: GroupDeps, now: number) {
    this.id = id
    this.#deps = deps
    this.emptySince = now
  }

  get state(): GroupState {
    return this.#state
  }

  get generation(): number {
    return this.#generation
  }

  get protocolType(): string | null {
    return this.#protocolType
  }

  get protocol(): string | null {
    return this.#protocol
  }

  get members(): Member[] {
    return [...this.#members.values()]
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  get hasPendingMembers(): boolean {
    return this.#pending.size > 0
  }

  join(request: JoinRequest): Promise<JoinResult> {
    if (!this.#canTakePart(request)) {
      return refuseJoin(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.memberId)
    }
    if (this.#bytesWith(request) > mostBytes) {
      return refuseJoin(ErrorCode.GROUP_MAX_SIZE_REACHED, request.memberId)
    }
    if (request.memberId === '') return this.#joinAsNew(request)
    const known = this.#pending.get(request.memberId)
    if (known !== undefined && request.instanceId === null) {
      known.stop()
      this.#pending.delete(request.memberId)
      return this.#addMember(request, request.memberId)
    }
    const error = this.#checkMember(request)
    if (error !== ErrorCode.NONE) return refuseJoin(error, request.memberId)
    return this.#rejoin(request, this.#members.get(request.memberId)!)
  }

  sync(request: SyncRequest): Promise<SyncResult> {
    const error = this.#checkSync(request)
    if (error !== ErrorCode.NONE) return refuseSync(error)
    // Kafka, too, has no better word for an assignment that it cannot keep.
    if (bytesOf(request.assignments) > mostBytes) return refuseSync(ErrorCode.UNKNOWN_SERVER_ERROR)
    const member = this.#members.get(request.memberId)!
    member.session.touch()
    member.hasSynced = true
    if (this.#state === 'Stable') return Promise.resolve(this.#syncResult(member))
    member.syncing?.resolve(syncError(ErrorCode.REBALANCE_IN_PROGRESS))
    const result = park<SyncResult>(request.onDisconnect, {
      set: (waiter) => (member.syncing = waiter),
      isStill: (waiter) => member.syncing === waiter,
      clear: () => (member.syncing = null),
    })
    if (member.memberId === this.#leader) this.#assign(request.assignments)
    return result
  }

  heartbeat(identity: MemberIdentity, generation: number): ErrorCode {
    const error = this.#checkMember(identity)
    if (error !== ErrorCode.NONE) return error
    if (generation !== this.#generation) return ErrorCode.ILLEGAL_GENERATION
    this.#members.get(identity.memberId)!.session.touch()
    return this.#state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
  }

  leave({ memberId, instanceId }: MemberIdentity): ErrorCode {
    const pending = this.#pending.get(memberId)
    if (pending !== undefined) {
      pending.stop()
      this.#pending.delete(memberId)
      this.#completeJoinIfReady()
      return ErrorCode.NONE
    }
    // An administrator removes a static member without knowing its present id.
    const id = memberId === '' && instanceId !== null ? (this.#staticIds.get(instanceId) ?? '') : memberId
    const error = this.#checkMember({ memberId: id, instanceId })
    if (error === ErrorCode.NONE) this.#remove(this.#members.get(id)!)
    return error
  }

  /** Whether this member may commit offsets now. */
  checkCommit({ memberId, instanceId, generation }: MemberIdentity & { generation: number }): ErrorCode {
    if (generation < 0 && this.isEmpty) return ErrorCode.NONE
    const error = this.#checkMember({ memberId, instanceId })
    if (error !== ErrorCode.NONE) return error
    if (generation !== this.#generation) return ErrorCode.ILLEGAL_GENERATION
    if (this.#state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS
    this.#members.get(memberId)!.session.touch()
    return ErrorCode.NONE
  }

  save(): SavedGroup {
    return {
      groupId: this.id,
      generation: this.#generation,
      protocolType: this.#protocolType,
      protocol: this.#protocol,
      leader: this.#leader,
      members: this.members.map(saveMember),
    }
  }

  /** Goes on where the broker stopped; the members have their session timeout to be heard again. */
  restore(saved: SavedGroup): void {
    this.close()
    this.#members.clear()
    this.#staticIds.clear()
    this.#generation = saved.generation
    this.#protocolType = saved.protocolType
    this.#protocol = saved.protocol
    this.#leader = saved.leader
    this.#state = saved.members.length > 0 ? 'Stable' : 'Empty'
    for (const savedMember of saved.members) {
      const { assignment, ...rest } = loadMember(savedMember)
      this.#enter(Object.assign(this.#makeMember(rest), { assignment, hasSynced: true }))
    }
  }

  /** Stops all timers; members that wait are not answered any more. */
  close(): void {
    this.#rebalance?.stop()
    for (const deadline of this.#pending.values()) deadline.stop()
    for (const member of this.#members.values()) member.session.stop()
  }

  #joinAsNew(request: JoinRequest): Promise<JoinResult> {
    if (this.#members.size + this.#pending.size >= mostMembers) {
      return refuseJoin(ErrorCode.GROUP_MAX_SIZE_REACHED, '')
    }
    const memberId = `${request.instanceId ?? request.clientId}-${randomUUID()}`
    if (request.instanceId !== null) {
      const earlier = this.#members.get(this.#staticIds.get(request.instanceId) ?? '')
      return earlier === undefined
        ? this.#addMember(request, memberId)
        : this.#replaceStatic(request, earlier, memberId)
    }
    if (!request.requiresKnownMemberId) return this.#addMember(request, memberId)
    const forget = () => {
      this.#pending.delete(memberId)
      this.#completeJoinIfReady()
    }
    this.#pending.set(memberId, new Deadline(request.sessionTimeoutMs, forget))
    return refuseJoin(ErrorCode.MEMBER_ID_REQUIRED, memberId)
  }

  #addMember(request: JoinRequest, memberId: string): Promise<JoinResult> {
    if (this.isEmpty && this.#state === 'Empty') this.#protocolType = request.protocolType
    const member = this.#makeMember({ ...request, memberId })
    this.#enter(member)
    const result = this.#parkJoin(member, request)
    this.#prepareRebalance()
    return result
  }

  /** A static member's client started anew: it takes over the place, and whoever still uses the old id is fenced. */
  #replaceStatic(request: JoinRequest, member: Member, memberId: string): Promise<JoinResult> {
    const oldLeader = this.#leader
    const isLeader = this.#leader === member.memberId
    const oldMetadata = metadataFor(member, this.#protocol)
    member.joining?.resolve(joinError(ErrorCode.FENCED_INSTANCE_ID, member.memberId))
    member.syncing?.resolve(syncError(ErrorCode.FENCED_INSTANCE_ID))
    this.#members.delete(member.memberId)
    member.memberId = memberId
    this.#enter(member)
    if (isLeader) this.#leader = memberId
    this.#update(member, request)
    const isUnchanged =
      this.#state === 'Stable' &&
      selectProtocol(this.members) === this.#protocol &&
      isSameSubscription(oldMetadata, metadataFor(member, this.#protocol))
    if (!isUnchanged) {
      const result = this.#parkJoin(member, request)
      this.#prepareRebalance()
      return result
    }
    this.#deps.onSettled(this)
    const mayLead = isLeader && request.supportsSkippingAssignment
    // An older client that is told it leads would assign anew: it gets the id that it no longer has.
    return Promise.resolve({
      ...this.#joinResult(member),
      leader: mayLead ? memberId : (oldLeader ?? ''),
      members: mayLead ? this.#memberList() : [],
      skipAssignment: mayLead,
    })
  }

  #rejoin(request: JoinRequest, member: Member): Promise<JoinResult> {
    const isUnchanged = isSameProtocols(member.protocols, request.protocols)
    const mustRebalance =
      this.#state === 'PreparingRebalance' ||
      !isUnchanged ||
      (this.#state === 'Stable' && member.memberId === this.#leader)
    member.session.touch()
    if (!mustRebalance) return Promise.resolve(this.#joinResult(member))
    this.#update(member, request)
    const result = this.#parkJoin(member, request)
    this.#prepareRebalance()
    return result
  }

  #makeMember(from: Omit<Member, 'assignment' | 'session' | 'joining' | 'syncing' | 'hasSynced'>): Member {
    const { memberId, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols } =
      from
    const member: Member = {
      memberId,
      instanceId,
      clientId,
      clientHost,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocols,
      assignment: noBytes,
      session: new Deadline(sessionTimeoutMs, () => this.#remove(member)),
      joining: null,
      syncing: null,
      hasSynced: false,
    }
    return member
  }

  #enter(member: Member): void {
    this.#members.set(member.memberId, member)
    if (member.instanceId !== null) this.#staticIds.set(member.instanceId, member.memberId)
  }

  #update(member: Member, request: JoinRequest): void {
    member.clientId = request.clientId
    member.clientHost = request.clientHost
    member.sessionTimeoutMs = request.sessionTimeoutMs
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs
    member.protocols = request.protocols
    member.session.touch(request.sessionTimeoutMs)
  }

  /** Waits for the others. A member that waits is alive as long as its connection is. */
  #parkJoin(member: Member, { onDisconnect }: JoinRequest): Promise<JoinResult> {
    member.joining?.resolve(joinError(ErrorCode.REBALANCE_IN_PROGRESS, member.memberId))
    member.session.stop()
    return park<JoinResult>(onDisconnect, {
      set: (waiter) => (member.joining = waiter),
      isStill: (waiter) => member.joining === waiter,
      clear: () => {
        member.joining = null
        member.session.touch()
      },
    })
  }

  #remove(member: Member): void {
    if (this.#members.get(member.memberId) !== member) return
    member.session.stop()
    member.joining?.resolve(joinError(ErrorCode.UNKNOWN_MEMBER_ID, member.memberId))
    member.syncing?.resolve(syncError(ErrorCode.UNKNOWN_MEMBER_ID))
    member.joining = null
    member.syncing = null
    this.#members.delete(member.memberId)
    if (member.instanceId !== null) this.#staticIds.delete(member.instanceId)
    if (this.#leader === member.memberId) this.#leader = this.#members.keys().next().value ?? null
    if (this.#state === 'PreparingRebalance') this.#completeJoinIfReady()
    else this.#prepareRebalance()
  }

  #prepareRebalance(): void {
    if (this.#state === 'CompletingRebalance') {
      for (const member of this.#members.values()) {
        member.syncing?.resolve(syncError(ErrorCode.REBALANCE_IN_PROGRESS))
        member.syncing = null
      }
    }
    if (this.#state === 'Empty' && this.#deps.initialRebalanceDelayMs > 0) {
      this.#isInInitialDelay = true
      this.#startRebalanceTimer(this.#deps.initialRebalanceDelayMs, () => {
        this.#isInInitialDelay = false
        this.#startRebalanceTimer(this.#longestRebalanceMs(), () => this.#completeJoin())
        this.#completeJoinIfReady()
      })
    } else if (this.#state !== 'PreparingRebalance') {
      this.#startRebalanceTimer(this.#longestRebalanceMs(), () => this.#completeJoin())
    }
    this.#state = 'PreparingRebalance'
    this.#completeJoinIfReady()
  }

  #completeJoinIfReady(): void {
    if (this.#state !== 'PreparingRebalance' || this.#isInInitialDelay || this.#pending.size > 0) return
    for (const member of this.#members.values()) if (member.joining === null) return
    this.#completeJoin()
  }

  /** Everybody is here, or the time is over: the missing ones go, static ones keep their place. */
  #completeJoin(): void {
    this.#rebalance?.stop()
    for (const member of this.#members.values()) {
      if (member.joining !== null || member.instanceId !== null) continue
      member.session.stop()
      this.#members.delete(member.memberId)
    }
    const joined = this.members.filter((member) => member.joining !== null)
    if (joined.length === 0 && !this.isEmpty) {
      // Only static members are left, and none is here: their sessions decide.
      this.#startRebalanceTimer(this.#longestRebalanceMs(), () => this.#completeJoin())
      return
    }
    this.#generation++
    if (joined.length === 0) {
      this.#becomeEmpty()
      return
    }
    if (!joined.some(({ memberId }) => memberId === this.#leader)) this.#leader = joined[0]!.memberId
    this.#protocol = selectProtocol(this.members)
    this.#state = 'CompletingRebalance'
    for (const member of this.#members.values()) {
      member.hasSynced = false
      member.assignment = noBytes
      member.session.touch()
      const { joining } = member
      member.joining = null
      joining?.resolve(this.#joinResult(member))
    }
    this.#startRebalanceTimer(this.#longestRebalanceMs(), () => this.#dropUnsynced())
  }

  #becomeEmpty(): void {
    this.#state = 'Empty'
    this.#protocol = null
    this.#leader = null
    this.emptySince = Date.now()
    this.#deps.onSettled(this)
  }

  #dropUnsynced(): void {
    const missing = this.members.filter((member) => !member.hasSynced)
    for (const member of missing) this.#remove(member)
  }

  #assign(assignments: Map<string, Buffer>): void {
    this.#state = 'Stable'
    for (const member of this.#members.values()) {
      member.assignment = assignments.get(member.memberId) ?? noBytes
    }
    this.#deps.onSettled(this)
    for (const member of this.#members.values()) {
      const { syncing } = member
      member.syncing = null
      if (syncing !== null) {
        member.session.touch()
        syncing.resolve(this.#syncResult(member))
      }
    }
    if (this.members.every((member) => member.hasSynced)) this.#rebalance?.stop()
  }

  #startRebalanceTimer(delayMs: number, onExpired: () => void): void {
    this.#rebalance?.stop()
    this.#rebalance = new Deadline(delayMs, onExpired)
  }

  #longestRebalanceMs(): number {
    return Math.max(0, ...this.members.map((member) => member.rebalanceTimeoutMs))
  }

  #bytesWith({ memberId, protocols }: JoinRequest): number {
    const others = this.members.filter((member) => member.memberId !== memberId)
    return [...others, { protocols }].reduce((sum, member) => sum + bytesOfProtocols(member.protocols), 0)
  }

  #canTakePart({ protocolType, protocols, memberId }: JoinRequest): boolean {
    if (protocolType === '' || protocols.length === 0) return false
    const others = this.members.filter((member) => member.memberId !== memberId)
    if (others.length === 0) return this.isEmpty || protocolType === this.#protocolType
    const common = commonProtocols(others)
    return protocolType === this.#protocolType && protocols.some(({ name }) => common.has(name))
  }

  #checkMember({ memberId, instanceId }: MemberIdentity): ErrorCode {
    if (instanceId !== null) {
      const staticId = this.#staticIds.get(instanceId)
      if (staticId === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
      if (staticId !== memberId) return ErrorCode.FENCED_INSTANCE_ID
    }
    return this.#members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
  }

  #checkSync(request: SyncRequest): ErrorCode {
    const error = this.#checkMember(request)
    if (error !== ErrorCode.NONE) return error
    if (request.generation !== this.#generation) return ErrorCode.ILLEGAL_GENERATION
    const { protocolType, protocol } = request
    if (
      (protocolType !== null && protocolType !== this.#protocolType) ||
      (protocol !== null && protocol !== this.#protocol)
    ) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    }
    return this.#state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
  }

  #joinResult(member: Member): JoinResult {
    return {
      error: ErrorCode.NONE,
      memberId: member.memberId,
      generation: this.#generation,
      protocolType: this.#protocolType,
      protocol: this.#protocol,
      leader: this.#leader ?? '',
      members: member.memberId === this.#leader ? this.#memberList() : [],
      skipAssignment: false,
    }
  }

  #memberList(): JoinResult['members'] {
    return this.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      metadata: metadataFor(member, this.#protocol),
    }))
  }

  #syncResult({ assignment }: Member): SyncResult {
    return { error: ErrorCode.NONE, protocolType: this.#protocolType, protocol: this.#protocol, assignment }
  }
}

function bytesOf(assignments: ReadonlyMap<string, Buffer>): number {
  return [...assignments].reduce((sum, [id, { length }]) => sum + id.length + length, 0)
}

function bytesOfProtocols(protocols: readonly MemberProtocol[]): number {
  return protocols.reduce((sum, { name, metadata }) => sum + name.length + metadata.length, 0)
}
