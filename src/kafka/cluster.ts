import { performance } from 'node:perf_hooks'
import { KafkaError, toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { metadataApi } from './apis/metadata.ts'
import type { BrokerAddress, MetadataResponse, PartitionMetadata, TopicMetadata } from './apis/metadata.ts'
import { BrokerConnection } from './connection.ts'
import { descriptorsRanOut, isOutOfDescriptors } from './descriptors.ts'
import { isRetriableCode } from './error-codes.ts'
import type { ConnectionSettings } from './settings.ts'

/**
 * What a connection is for. Requests that may be parked at the broker have their own, so that nothing waits
 * behind them.
 */
export type Purpose = 'main' | 'fetch' | 'join'

/** The brokers that are known, who leads which partition, and the connections. */
export class Cluster {
  readonly settings: ConnectionSettings
  readonly log: Logger
  readonly #allowAutoTopicCreation: boolean
  readonly #connections = new Map<string, BrokerConnection>()
  readonly #listeners = new Set<() => void>()
  readonly #warnedAt = new Map<string, number>()
  #brokers = new Map<number, BrokerAddress>()
  #topics = new Map<string, TopicMetadata>()
  #clusterId: string | null = null
  #controllerId = -1
  #wanted: Set<string> | null = new Set()
  #updating: Promise<void> | null = null
  #isLoopRunning = false
  #updateAsked = false
  #ageTimer: NodeJS.Timeout | null = null
  #backoffTimer: { timer: NodeJS.Timeout; done: () => void } | null = null
  #updatedAt = -Infinity
  #fatal: KafkaError | null = null
  #incompleteAnswers = 0
  #isClosed = false

  constructor(settings: ConnectionSettings, log: Logger, { allowAutoTopicCreation = false } = {}) {
    this.settings = settings
    this.log = log
    this.#allowAutoTopicCreation = allowAutoTopicCreation
  }

  get clusterId(): string | null {
    return this.#clusterId
  }

  get controllerId(): number {
    return this.#controllerId
  }

  get brokers(): ReadonlyMap<number, BrokerAddress> {
    return this.#brokers
  }

  get topics(): ReadonlyMap<string, TopicMetadata> {
    return this.#topics
  }

  /** Why no broker lets us in, where waiting will not help; null as soon as one does. */
  get fatalError(): KafkaError | null {
    return this.#fatal
  }

  partition(topic: string, partition: number): PartitionMetadata | null {
    const partitions = this.#topics.get(topic)?.partitions
    // Brokers list them in order, as a rule.
    const inPlace = partitions?.[partition]
    if (inPlace?.partition === partition) return inPlace
    return partitions?.find((p) => p.partition === partition) ?? null
  }

  /** The connection to the leader, or null while it is not known: then an update is asked for. */
  leader(topic: string, partition: number, purpose: Purpose): BrokerConnection | null {
    const leader = this.partition(topic, partition)?.leader ?? -1
    const connection = leader < 0 ? null : this.connection(leader, purpose)
    if (connection === null) this.requestUpdate()
    return connection
  }

  connection(nodeId: number, purpose: Purpose): BrokerConnection | null {
    const broker = this.#brokers.get(nodeId)
    return broker === undefined ? null : this.connectionTo(broker, purpose)
  }

  connectionTo(target: { host: string; port: number }, purpose: Purpose): BrokerConnection {
    const key = `${target.host}:${target.port}/${purpose}`
    let connection = this.#connections.get(key)
    if (connection === undefined) {
      connection = new BrokerConnection(target, this.settings, (address, error) => this.#warn(address, error))
      this.#connections.set(key, connection)
    }
    return connection
  }

  /** A broker for a request that any can answer. */
  async anyConnection(): Promise<BrokerConnection> {
    let failure: unknown = null
    for (const connection of this.#candidates()) {
      try {
        await connection.ready()
        return connection
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /** The topics to know about; null: all there are. A change asks for an update. */
  want(topics: Iterable<string> | null): void {
    this.#wanted = topics === null ? null : new Set(topics)
    this.requestUpdate()
  }

  wantAlso(topic: string): void {
    if (this.#wanted === null || this.#wanted.has(topic)) return
    this.#wanted.add(topic)
    this.requestUpdate()
  }

  /** Called after each update and after each failed attempt. Returns what takes the listener off. */
  onUpdate(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Makes sure that the metadata are fetched again soon; tried until it succeeds. */
  requestUpdate(): void {
    this.#updateAsked = true
    if (!this.#isLoopRunning && !this.#isClosed) void this.#updateLoop()
  }

  /** Fetches the metadata now; throws when no broker answers. */
  update(): Promise<void> {
    this.#updating ??= this.#updateOnce().finally(() => (this.#updating = null))
    return this.#updating
  }

  close(): void {
    this.#isClosed = true
    this.#listeners.clear()
    if (this.#ageTimer !== null) clearTimeout(this.#ageTimer)
    if (this.#backoffTimer !== null) {
      clearTimeout(this.#backoffTimer.timer)
      this.#backoffTimer.done()
    }
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  async #updateLoop(): Promise<void> {
    this.#isLoopRunning = true
    const { retryBackoffMs, retryBackoffMaxMs } = this.settings
    let failures = 0
    while (this.#updateAsked && !this.#isClosed) {
      // Whoever asks again and again gets an answer at most every retry.backoff.ms.
      const pause =
        failures > 0 ? Math.min(retryBackoffMs * 2 ** failures, retryBackoffMaxMs) : retryBackoffMs
      const wait = this.#updatedAt + pause - performance.now()
      if (wait > 0) await this.#pause(wait)
      if (this.#isClosed) break
      this.#updateAsked = false
      try {
        await this.update()
        failures = 0
      } catch {
        failures = Math.min(failures + 1, 10)
        this.#updateAsked = true
        this.#updatedAt = performance.now()
      }
      for (const listener of [...this.#listeners]) listener()
    }
    this.#isLoopRunning = false
  }

  async #updateOnce(): Promise<void> {
    const connection = await this.#answering()
    const topics = this.#wanted === null ? null : [...this.#wanted]
    const allowAutoTopicCreation = this.#allowAutoTopicCreation
    const answer = await connection.request(metadataApi, { topics, allowAutoTopicCreation })
    if (answer.brokers.length === 0) {
      throw new KafkaError(`${connection.address} knows no brokers yet.`, {
        code: 'LEADER_NOT_AVAILABLE',
        retriable: true,
      })
    }
    this.#adopt(answer)
  }

  async #answering(): Promise<BrokerConnection> {
    try {
      const connection = await this.anyConnection()
      this.#fatal = null
      return connection
    } catch (thrown) {
      const error = toError(thrown)
      this.#fatal = error instanceof KafkaError && !error.retriable ? error : null
      throw error
    }
  }

  #adopt(answer: MetadataResponse): void {
    this.#brokers = new Map(answer.brokers.map((broker) => [broker.id, broker]))
    this.#topics = new Map(answer.topics.map((topic) => [topic.name, topic]))
    this.#clusterId = answer.clusterId
    this.#controllerId = answer.controllerId
    this.#updatedAt = performance.now()
    this.#closeStrangers()
    if (this.#ageTimer !== null) clearTimeout(this.#ageTimer)
    const ageMs = Math.min(this.settings.metadataMaxAgeMs, 2 ** 31 - 1, this.#retryMs(answer.topics))
    if (!this.#isClosed) this.#ageTimer = setTimeout(() => this.requestUpdate(), ageMs).unref()
  }

  /** Topics that are just being made, or have no leader at present, are asked for again before long. */
  #retryMs(topics: readonly TopicMetadata[]): number {
    const isIncomplete = topics.some(
      ({ error, partitions }) => isRetriableCode(error) || partitions.some(({ leader }) => leader < 0),
    )
    if (!isIncomplete || this.#wanted === null) {
      this.#incompleteAnswers = 0
      return Infinity
    }
    const { retryBackoffMs, retryBackoffMaxMs } = this.settings
    return Math.min(
      retryBackoffMs * 2 ** Math.min(this.#incompleteAnswers++, 10),
      Math.max(retryBackoffMaxMs, 1000),
    )
  }

  /** Connections to addresses that no broker has any more. */
  #closeStrangers(): void {
    const known = new Set([...this.#brokers.values()].map(({ host, port }) => `${host}:${port}`))
    for (const [key, connection] of this.#connections) {
      if (known.has(connection.address)) continue
      this.#connections.delete(key)
      connection.close()
    }
  }

  /** Connected ones first, then those whose backoff is over soonest; the bootstrap addresses last. */
  #candidates(): BrokerConnection[] {
    const known = [...this.#brokers.values()].map((broker) => this.connectionTo(broker, 'main'))
    known.sort((a, b) => Number(b.isConnected) - Number(a.isConnected) || a.backoffMs - b.backoffMs)
    const bootstrap = this.settings.bootstrapServers.map((address) => this.connectionTo(address, 'main'))
    return [...new Set([...known, ...bootstrap])]
  }

  /** A broker that is away is tried many times, for several purposes: at most one line in ten seconds. */
  #warn(address: string, error: Error): void {
    const now = performance.now()
    if (this.#isClosed) return
    if (error.cause instanceof Error && isOutOfDescriptors(error.cause)) {
      descriptorsRanOut(this.log, address)
      return
    }
    if (now - (this.#warnedAt.get(address) ?? -Infinity) < 10_000) return
    this.#warnedAt.set(address, now)
    const outlook = error instanceof KafkaError && error.retriable ? ' It is tried again.' : ''
    this.log.warn(`Connection to ${address} could not be established: ${error.message}${outlook}`)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#backoffTimer = null
        resolve()
      }
      this.#backoffTimer = { timer: setTimeout(done, ms), done }
    })
  }
}
