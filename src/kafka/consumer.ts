import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { KafkaError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { metadataApi } from './apis/metadata.ts'
import type {
  ClientSettings,
  CommittedOffset,
  Consumer,
  ConsumerRecord,
  RebalanceListener,
  TopicPartition,
} from './client.ts'
import { Cluster } from './cluster.ts'
import { readConsumerSettings } from './consumer-settings.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import { brokerError } from './error-codes.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMember } from './group-member.ts'
import type { PartitionState } from './partition-state.ts'
import { partitionKey } from './partition-state.ts'
import { Positions } from './positions.ts'
import { Rebalancer } from './rebalancer.ts'
import { Signal } from './signal.ts'

/** A member of a consumer group. `poll` drives rebalances; heartbeats and fetches go on beside it. */
export class KafkaConsumer implements Consumer {
  readonly #settings: ConsumerSettings
  readonly #log: Logger
  readonly #cluster: Cluster
  readonly #group: GroupMember
  readonly #partitions = new Map<string, PartitionState>()
  readonly #positions: Positions
  readonly #fetcher: Fetcher
  readonly #changed = new Signal()
  #topics: readonly string[] | RegExp = []
  #rebalancer: Rebalancer | null = null
  #isWoken = false
  #error: KafkaError | null = null
  #isClosed = false
  #turnAt = performance.now()

  constructor(settings: ClientSettings, log: Logger) {
    this.#settings = readConsumerSettings(settings, log)
    this.#log = log
    const { connection, allowAutoTopicCreation } = this.#settings
    this.#cluster = new Cluster(connection, log, { allowAutoTopicCreation })
    const shared = { settings: this.#settings, cluster: this.#cluster, log, partitions: this.#partitions }
    const changed = () => this.#changed.notify()
    this.#group = new GroupMember({
      ...shared,
      changed,
      partitionCounts: (topics) => this.#countPartitions(topics),
    })
    this.#positions = new Positions({
      ...shared,
      group: this.#group,
      found: (error) => {
        this.#error ??= error
        this.#fetcher.fetch()
        changed()
      },
    })
    this.#fetcher = new Fetcher({
      ...shared,
      arrived: changed,
      outOfRange: (state) => this.#outOfRange(state),
    })
    this.#cluster.onUpdate(() => {
      this.#fetcher.fetch()
      changed()
    })
  }

  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    this.#topics = topics
    this.#rebalancer = new Rebalancer({
      cluster: this.#cluster,
      group: this.#group,
      partitions: this.#partitions,
      listener,
      log: this.#log,
      settings: this.#settings,
      subscribed: () => this.#subscribed(),
      changed: () => this.#changed.notify(),
    })
    this.#cluster.want(topics instanceof RegExp ? null : topics)
  }

  async poll(timeoutMs: number): Promise<readonly ConsumerRecord[]> {
    this.#throwIfClosed()
    if (this.#rebalancer === null) throw new KafkaError('Consumer is not subscribed to any topics')
    const until = performance.now() + timeoutMs
    for (;;) {
      this.#group.polled()
      this.#throwError()
      if (this.#isWoken || this.#isClosed) break
      await this.#rebalancer.advance()
      this.#throwError()
      this.#positions.lookUp()
      await this.#giveWay()
      const records = await this.#fetcher.take(this.#settings.maxPollRecords)
      if (records.length > 0) return records
      const left = until - performance.now()
      this.#group.polled()
      if (this.#isWoken || left <= 0) break
      this.#group.polled(true)
      await this.#changed.wait(left)
    }
    this.#isWoken = false
    return noRecords
  }

  wakeup(): void {
    this.#isWoken = true
    this.#changed.notify()
  }

  commit(offsets: readonly CommittedOffset[]): Promise<void> {
    return this.#group.commit(offsets)
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#partitions.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  async position(partition: TopicPartition): Promise<number> {
    const state = this.#partitions.get(partitionKey(partition))
    if (state === undefined) {
      throw new KafkaError('You can only check the position for partitions assigned to this consumer.')
    }
    return state.position >= 0 ? state.position : this.#positions.of(state)
  }

  seek(partition: TopicPartition, offset: number): void {
    const state = this.#partitions.get(partitionKey(partition))
    if (state === undefined)
      throw new KafkaError(`No current assignment for partition ${partitionKey(partition)}`)
    state.seek(offset)
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false)
    this.#fetcher.fetch()
    this.#changed.notify()
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#fetcher.close()
    const leaving = this.#leave()
    let timer: NodeJS.Timeout | null = null
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(timeoutMs, 2 ** 31 - 1))
    })
    try {
      await Promise.race([leaving, timeout])
    } finally {
      if (timer !== null) clearTimeout(timer)
      leaving.catch(() => {})
      this.#positions.close()
      this.#group.close()
      this.#cluster.close()
      this.#changed.notify()
    }
  }

  async #leave(): Promise<void> {
    try {
      await this.#rebalancer?.revokeAll()
    } finally {
      await this.#group.leave('the consumer is being closed')
    }
  }

  #setPaused(partitions: readonly TopicPartition[], isPaused: boolean): void {
    for (const partition of partitions) {
      const state = this.#partitions.get(partitionKey(partition))
      if (state === undefined) {
        throw new KafkaError(`No current assignment for partition ${partitionKey(partition)}`)
      }
      state.isPaused = isPaused
    }
  }

  /** Records that wait must not keep timers and sockets waiting: a turn of the event loop every few ms. */
  async #giveWay(): Promise<void> {
    const now = performance.now()
    if (now - this.#turnAt < 10) return
    await nextTurn()
    this.#turnAt = performance.now()
  }

  /** The topics subscribed to, as far as they exist where a pattern chooses them. */
  #subscribed(): string[] {
    if (!(this.#topics instanceof RegExp)) return [...this.#topics]
    const pattern = this.#topics
    const names: string[] = []
    for (const { name, error, isInternal } of this.#cluster.topics.values()) {
      if (error !== 0 || (isInternal && this.#settings.excludesInternalTopics)) continue
      pattern.lastIndex = 0
      const match = pattern.exec(name)
      if (match !== null && match[0].length === name.length) names.push(name)
    }
    return names.sort()
  }

  /** Other members may want topics that we do not: the leader asks for those. */
  async #countPartitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    const unknown: string[] = []
    for (const topic of topics) {
      const metadata = this.#cluster.topics.get(topic)
      if (metadata === undefined) unknown.push(topic)
      else if (metadata.partitions.length > 0) counts.set(topic, metadata.partitions.length)
    }
    if (unknown.length === 0) return counts
    const connection = await this.#cluster.anyConnection()
    const answer = await connection.request(metadataApi, { topics: unknown, allowAutoTopicCreation: false })
    for (const { name, partitions } of answer.topics) {
      if (partitions.length > 0) counts.set(name, partitions.length)
    }
    return counts
  }

  #outOfRange(state: PartitionState): void {
    const { offsetReset } = this.#settings
    const what = `Fetch position ${state.position} is out of range for partition ${partitionKey(state)}`
    if (offsetReset === 'none') {
      this.#error ??= new KafkaError(`${what}, and auto.offset.reset is none.`, {
        code: 'OFFSET_OUT_OF_RANGE',
      })
      return
    }
    // Kafka says it as INFO. Records are gone that nobody has read.
    this.#log.warn(`${what}, resetting offset.`)
    state.forgetPosition(offsetReset)
    this.#positions.lookUp()
  }

  /** Errors that waiting does not cure, each thrown by one `poll`. */
  #throwError(): void {
    const error = this.#error ?? this.#group.fatalError ?? this.#cluster.fatalError ?? this.#topicError()
    this.#error = null
    if (error !== null) throw error
  }

  #topicError(): KafkaError | null {
    if (this.#topics instanceof RegExp) return null
    for (const topic of this.#topics) {
      const code = this.#cluster.topics.get(topic)?.error ?? 0
      if (code === 17 || code === 29) return brokerError(code, `Subscribing to topic ${topic}`)
    }
    return null
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw new KafkaError('This consumer has already been closed.')
  }
}

const noRecords: readonly ConsumerRecord[] = Object.freeze([])
