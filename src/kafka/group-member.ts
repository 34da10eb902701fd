import { performance } from 'node:perf_hooks'
import { KafkaError, toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { heartbeatApi, joinGroupApi, leaveGroupApi, syncGroupApi } from './apis/groups.ts'
import type { JoinGroupResponse, Membership } from './apis/groups.ts'
import { offsetCommitApi, offsetFetchApi } from './apis/offsets.ts'
import type { FetchedOffset } from './apis/offsets.ts'
import type { CommittedOffset, TopicPartition } from './client.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts'
import { Coordinator } from './coordinator.ts'
import { retrying } from './retrying.ts'
import { brokerError, errorName } from './error-codes.ts'
import type { Cluster } from './cluster.ts'

export interface JoinedGroup {
  readonly partitions: readonly TopicPartition[]
  /** The topics of all members with how many partitions we dealt out, maybe none; null: another member leads. */
  readonly dealt: ReadonlyMap<string, number> | null
}

export interface GroupMemberDeps {
  readonly settings: ConsumerSettings
  readonly cluster: Cluster
  readonly log: Logger
  /** Partition counts of the topics that the leader deals out; asks the brokers where it does not know. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Something happened beside `poll` that it should look at. */
  changed(): void
}

/**
 * Our membership in a consumer group: joining and synchronising, heartbeats, commits. What it means for the
 * partitions, and who may be told when, is the consumer's business.
 */
export class GroupMember {
  readonly #deps: GroupMemberDeps
  readonly #settings: ConsumerSettings
  readonly #coordinator: Coordinator
  #memberId = ''
  #generation = -1
  #state: 'out' | 'joining' | 'syncing' | 'stable' = 'out'
  #heartbeatTimer: NodeJS.Timeout | null = null
  #isBeating = false
  #heardAt = 0
  #polledAt = performance.now()
  #isClosed = false
  /** A rebalance is going on or has to be started: `join` is to be called. */
  needsJoin = true
  /** The coordinator threw us out: partitions that we had are somebody else's. */
  isFenced = false
  /** Why membership is impossible. */
  fatalError: KafkaError | null = null

  constructor(deps: GroupMemberDeps) {
    this.#deps = deps
    this.#settings = deps.settings
    this.#coordinator = new Coordinator(deps.cluster, deps.settings.group)
  }

  get generation(): number {
    return this.#generation
  }

  get isMember(): boolean {
    return this.#generation >= 0
  }

  /** `poll` was called, or (`isWaiting`) waits and is not late however long it takes. */
  polled(isWaiting = false): void {
    this.#polledAt = isWaiting ? Infinity : performance.now()
  }

  /** One attempt to join and synchronise. Throws what went wrong; a retriable error asks for another attempt. */
  async join(topics: readonly string[], owned: readonly TopicPartition[]): Promise<JoinedGroup> {
    this.needsJoin = false
    this.#state = 'joining'
    try {
      const joined = await this.#join(topics, owned)
      this.#state = 'syncing'
      this.#memberId = joined.memberId
      this.#generation = joined.generation
      this.#startHeartbeats()
      const isLeader = joined.leader === joined.memberId
      const { assignments, dealt } = isLeader ? await this.#assign(joined) : { assignments: [], dealt: null }
      const { error, assignment } = await this.#coordinator.request(
        syncGroupApi,
        { ...this.#membership(), assignments },
        { purpose: 'join', extraTimeoutMs: this.#settings.maxPollIntervalMs },
      )
      if (error !== 0) throw this.#refused(error, 'Synchronising with the group')
      this.#state = 'stable'
      return { partitions: decodeAssignment(assignment), dealt }
    } catch (thrown) {
      this.needsJoin = true
      this.#state = 'out'
      throw toError(thrown)
    }
  }

  /** Commits with the generation. A coordinator that is away or moving is waited for; a topic that is deleted is not. */
  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (offsets.length === 0) return
    const until = performance.now() + this.#settings.apiTimeoutMs
    const doing = `Committing offsets of group ${this.#settings.group}`
    await this.#retrying(
      until,
      async () => {
        const results = await this.#coordinator.request(offsetCommitApi, { ...this.#membership(), offsets })
        const failed = results.find(({ error }) => error !== 0)
        if (failed === undefined) return
        const { error, topic, partition } = failed
        throw this.#refused(error, `${doing} (${topic}-${partition})`)
      },
      isRejoinOrDeleted,
    )
  }

  async committed(partitions: readonly TopicPartition[], until: number): Promise<FetchedOffset[]> {
    const { group, isReadCommitted } = this.#settings
    const doing = `Fetching the committed offsets of group ${group}`
    return this.#retrying(until, async () => {
      const request = { group, partitions, requireStable: isReadCommitted }
      const { error, offsets } = await this.#coordinator.request(offsetFetchApi, request)
      const code = error !== 0 ? error : (offsets.find((offset) => offset.error !== 0)?.error ?? 0)
      if (code !== 0) {
        this.#coordinator.heed(code)
        throw brokerError(code, doing)
      }
      return offsets
    })
  }

  /** Tells the coordinator that we go, unless membership is static: then it is kept for our return. */
  async leave(reason: string): Promise<void> {
    const membership = this.#membership()
    this.#stopHeartbeats()
    this.#forgetMembership()
    if (membership.memberId === '' || this.#settings.instanceId !== null) return
    this.#deps.log.info(`Member ${membership.memberId} leaves group ${membership.group}: ${reason}.`)
    try {
      await this.#coordinator.request(leaveGroupApi, membership)
    } catch {
      // Then the session time-out tells the coordinator.
    }
  }

  close(): void {
    this.#isClosed = true
    this.#stopHeartbeats()
  }

  async #join(topics: readonly string[], owned: readonly TopicPartition[]): Promise<JoinGroupResponse> {
    const { group, instanceId, sessionTimeoutMs, maxPollIntervalMs, assignors, rack } = this.#settings
    const generation = this.#generation
    const protocols = assignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics,
        userData: assignor.userData(owned, generation),
        owned: this.isCooperative ? owned : [],
        generation,
        rack: rack === '' ? null : rack,
      }),
    }))
    for (;;) {
      // While the request is parked, it is what keeps us in the group.
      this.#stopHeartbeats()
      const joined = await this.#coordinator.request(
        joinGroupApi,
        {
          group,
          instanceId,
          sessionTimeoutMs,
          rebalanceTimeoutMs: maxPollIntervalMs,
          memberId: this.#memberId,
          protocols,
        },
        { purpose: 'join', extraTimeoutMs: maxPollIntervalMs },
      )
      if (errorName(joined.error) === 'MEMBER_ID_REQUIRED') {
        this.#memberId = joined.memberId
        continue
      }
      if (joined.error !== 0) throw this.#refused(joined.error, `Joining group ${group}`)
      return joined
    }
  }

  /** The protocol of all our assignors together: cooperative only when each of them can do it. */
  get isCooperative(): boolean {
    return this.#settings.assignors.every((assignor) => assignor.isCooperative)
  }

  async #assign({ protocol, members }: JoinGroupResponse) {
    const assignor = this.#settings.assignors.find(({ name }) => name === protocol)
    if (assignor === undefined) {
      throw new KafkaError(`The group chose the assignment protocol ${protocol}, which was not offered.`)
    }
    const known = members.map(({ memberId, instanceId, metadata }) => ({
      memberId,
      instanceId,
      ...decodeSubscription(metadata),
    }))
    const groupTopics = [...new Set(known.flatMap(({ topics }) => topics))]
    const counts = await this.#deps.partitionCounts(groupTopics)
    const assignment = assignor.assign(counts, known)
    const assignments = [...assignment].map(([memberId, partitions]) => ({
      memberId,
      assignment: encodeAssignment(partitions),
    }))
    return { assignments, dealt: new Map(groupTopics.map((topic) => [topic, counts.get(topic) ?? 0])) }
  }

  #membership(): Membership {
    const { group, instanceId } = this.#settings
    return { group, generation: this.#generation, memberId: this.#memberId, instanceId }
  }

  /** Draws the consequences of an error that the coordinator answered, and makes it an Error. */
  #refused(code: number, doing: string): KafkaError {
    this.#coordinator.heed(code)
    const error = brokerError(code, doing)
    switch (error.code) {
      case 'UNKNOWN_MEMBER_ID':
        this.#memberId = ''
        this.#fenced()
        return rejoin(error)
      case 'ILLEGAL_GENERATION':
        this.#fenced()
        return rejoin(error)
      case 'REBALANCE_IN_PROGRESS':
        // While joining, this is what the joining is for.
        if (this.#state === 'stable') this.needsJoin = true
        this.#deps.changed()
        return rejoin(error)
      case 'FENCED_INSTANCE_ID':
        this.#fenced()
        this.fatalError = error
        return error
      default:
        return error
    }
  }

  #fenced(): void {
    if (this.#generation >= 0) this.isFenced = true
    this.#generation = -1
    this.needsJoin = true
    this.#stopHeartbeats()
    this.#deps.changed()
  }

  #forgetMembership(): void {
    this.#memberId = ''
    this.#generation = -1
    this.#state = 'out'
    this.needsJoin = true
  }

  async #retrying<T>(until: number, attempt: () => Promise<T>, isHopeless = isRejoin): Promise<T> {
    const { connection: backoff } = this.#settings
    return retrying(attempt, { backoff, until, isClosed: () => this.#isClosed, isHopeless })
  }

  #startHeartbeats(): void {
    this.#stopHeartbeats()
    if (this.#isClosed) return
    this.#heardAt = performance.now()
    this.#heartbeatTimer = setInterval(() => void this.#beat(), this.#settings.heartbeatIntervalMs)
  }

  #stopHeartbeats(): void {
    if (this.#heartbeatTimer !== null) clearInterval(this.#heartbeatTimer)
    this.#heartbeatTimer = null
  }

  async #beat(): Promise<void> {
    const { maxPollIntervalMs, sessionTimeoutMs } = this.#settings
    const now = performance.now()
    if (now - this.#polledAt > maxPollIntervalMs) return this.#pollIsOverdue()
    if (this.#isBeating || this.#isClosed) return
    this.#isBeating = true
    const { generation } = this.#membership()
    try {
      const { error } = await this.#coordinator.request(heartbeatApi, this.#membership())
      if (generation !== this.#generation) return
      this.#heardAt = performance.now()
      const isExpected = errorName(error) === 'REBALANCE_IN_PROGRESS' && this.#state !== 'stable'
      if (error === 0 || isExpected) return
      const refused = this.#refused(error, 'A heartbeat')
      this.#deps.log.info(`Group ${this.#settings.group} has to be joined again: ${refused.code}.`)
    } catch {
      if (performance.now() - this.#heardAt > sessionTimeoutMs) this.#coordinator.forget()
    } finally {
      this.#isBeating = false
    }
  }

  #pollIsOverdue(): void {
    if (this.#state !== 'stable') return
    this.#deps.log.warn(
      'consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than ' +
        'the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time ' +
        'processing messages. You can address this either by increasing max.poll.interval.ms or by reducing the ' +
        'maximum size of batches returned in poll() with max.poll.records.',
    )
    this.isFenced = true
    void this.leave('consumer poll timeout has expired')
    this.#deps.changed()
  }
}

/** The same error, marked as one that joining the group again will cure. */
function rejoin(error: KafkaError): KafkaError {
  return new KafkaError(error.message, { code: error.code, retriable: true })
}

/** A deleted topic comes back with other records, if at all, and a rebalance waits for its commit. */
function isRejoinOrDeleted(error: KafkaError): boolean {
  return isRejoin(error) || error.code === 'UNKNOWN_TOPIC_OR_PARTITION'
}

export function isRejoin(error: KafkaError): boolean {
  return ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'].includes(error.code ?? '')
}
