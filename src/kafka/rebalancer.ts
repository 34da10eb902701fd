import { performance } from 'node:perf_hooks'
import { KafkaError, toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import type { RebalanceListener, TopicPartition } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import type { GroupMember, JoinedGroup } from './group-member.ts'
import { partitionKey, PartitionState } from './partition-state.ts'

export interface RebalancerDeps {
  readonly settings: ConsumerSettings
  readonly cluster: Cluster
  readonly group: GroupMember
  readonly partitions: Map<string, PartitionState>
  readonly listener: RebalanceListener
  readonly log: Logger
  subscribed(): string[]
  changed(): void
}

/**
 * Takes a rebalance through its steps, with the listener's calls between them. `advance` is called by every
 * `poll`; joining itself goes on beside it. Eager: all partitions are revoked before joining. Cooperative
 * (KIP-429): they are kept, what another member gets is revoked after joining, and the group joins again.
 */
export class Rebalancer {
  readonly #deps: RebalancerDeps
  #joining: Promise<JoinedGroup | Error> | null = null
  #joined: JoinedGroup | Error | null = null
  #isPrepared = false
  #joinedTopics = ''
  /** What we dealt out as the leader, to notice when the topics change. */
  #dealt: JoinedGroup['dealt'] = null
  #retryAt = 0
  #failures = 0

  constructor(deps: RebalancerDeps) {
    this.#deps = deps
  }

  async advance(): Promise<void> {
    const { group } = this.#deps
    for (;;) {
      if (this.#joined !== null) {
        const joined = this.#joined
        this.#joined = null
        this.#joining = null
        await this.#complete(joined)
        continue
      }
      if (group.isFenced) {
        group.isFenced = false
        this.#isPrepared = false
        await this.#takeAway([...this.#deps.partitions.values()], 'lost')
        continue
      }
      if (this.#joining !== null) return
      this.#watchTopics()
      if (!group.needsJoin || this.#deps.cluster.brokers.size === 0) return
      if (!this.#isPrepared) {
        await this.#prepare()
        this.#isPrepared = true
        continue
      }
      if (performance.now() < this.#retryAt) return
      this.#join()
      return
    }
  }

  /** On closing: gives everything back, as far as it is still ours. */
  async revokeAll(): Promise<void> {
    const kind = this.#deps.group.isMember ? 'revoked' : 'lost'
    await this.#takeAway([...this.#deps.partitions.values()], kind)
  }

  async #prepare(): Promise<void> {
    const { group, partitions } = this.#deps
    const all = [...partitions.values()]
    if (!group.isMember) await this.#takeAway(all, 'lost')
    else if (!group.isCooperative) await this.#takeAway(all, 'revoked')
    else {
      const subscribed = new Set(this.#deps.subscribed())
      await this.#takeAway(
        all.filter(({ topic }) => !subscribed.has(topic)),
        'revoked',
      )
    }
  }

  #join(): void {
    const { group, partitions, changed } = this.#deps
    const topics = this.#deps.subscribed()
    this.#joinedTopics = topics.join()
    const owned = [...partitions.values()].map(({ topic, partition }) => ({ topic, partition }))
    this.#joining = group.join(topics, owned).catch((thrown: unknown) => toError(thrown))
    void this.#joining.then((joined) => {
      this.#joined = joined
      changed()
    })
  }

  async #complete(joined: JoinedGroup | Error): Promise<void> {
    if (joined instanceof Error) return this.#failed(joined)
    const { group, partitions, log } = this.#deps
    this.#failures = 0
    this.#isPrepared = false
    this.#dealt = joined.dealt
    // Thrown out while the answer was on its way: it is worth nothing.
    if (group.isFenced) return
    const assigned = new Map(joined.partitions.map((partition) => [partitionKey(partition), partition]))
    const names = [...assigned.keys()].join(', ')
    log.info(
      `Joined group ${this.#deps.settings.group}, generation ${group.generation}, with partitions [${names}].`,
    )
    const revoked = [...partitions.values()].filter((state) => !assigned.has(partitionKey(state)))
    await this.#takeAway(revoked, 'revoked')
    // What was given back can be assigned to its new owner when all join once more.
    if (revoked.length > 0) group.needsJoin = true
    const added: TopicPartition[] = []
    for (const [key, partition] of assigned) {
      if (partitions.has(key)) continue
      partitions.set(key, new PartitionState(partition))
      added.push({ topic: partition.topic, partition: partition.partition })
    }
    if (added.length > 0) await this.#deps.listener.assigned(added)
  }

  #failed(error: Error): void {
    const { retryBackoffMs, retryBackoffMaxMs } = this.#deps.settings.connection
    if (!(error instanceof KafkaError) || !error.retriable) {
      this.#retryAt = performance.now() + retryBackoffMaxMs
      throw error
    }
    const backoff = Math.min(retryBackoffMs * 2 ** Math.min(this.#failures++, 10), retryBackoffMaxMs)
    this.#deps.log.debug(`Joining group ${this.#deps.settings.group} is tried again: ${error.message}`)
    this.#retryAt = performance.now() + backoff
    setTimeout(this.#deps.changed, backoff + 1)
  }

  async #takeAway(states: readonly PartitionState[], kind: 'revoked' | 'lost'): Promise<void> {
    if (states.length === 0) return
    const partitions = states.map(({ topic, partition }) => ({ topic, partition }))
    try {
      if (kind === 'revoked') await this.#deps.listener.revoked(partitions)
      else await this.#deps.listener.lost(partitions)
    } finally {
      for (const state of states) {
        // What was fetched for it is void from now on.
        state.seek(-1)
        this.#deps.partitions.delete(partitionKey(state))
      }
    }
  }

  /** The group has to join again when our pattern matches other topics, or the leader's topics have changed. */
  #watchTopics(): void {
    const { group, cluster } = this.#deps
    if (group.needsJoin || !group.isMember || cluster.brokers.size === 0) return
    const isSubscriptionNew = this.#deps.subscribed().join() !== this.#joinedTopics
    // Topics that only other members want are not among those that we know.
    const isTopicChanged = [...(this.#dealt ?? [])].some(
      ([topic, count]) => (cluster.topics.get(topic)?.partitions.length ?? count) !== count,
    )
    if (isSubscriptionNew || isTopicChanged) group.needsJoin = true
  }
}
