import { performance } from 'node:perf_hooks'
import { KafkaError, toError } from '../errors.ts'
import type { ProduceResult } from './apis/produce.ts'
import { BrokerLane } from './broker-lane.ts'
import type { Sending } from './broker-lane.ts'
import type { AckedRun } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerConnection } from './connection.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { ProducerBatch } from './producer-batch.ts'
import { ProducerIds } from './producer-ids.ts'
import type { IdentitySource } from './producer-ids.ts'
import type { ProducerSettings } from './producer-settings.ts'
import type { Transactions } from './transactions.ts'
import { Verdicts } from './verdicts.ts'

export interface SenderDeps {
  readonly settings: ProducerSettings
  readonly cluster: Cluster
  readonly transactions: Transactions | null
  /** The batch has left its queue. */
  delivered(batch: ProducerBatch, run: AckedRun): void
  failed(batch: ProducerBatch, error: Error): void
}

/**
 * Moves batches from the partitions' queues to the brokers. A request carries batches of several partitions,
 * and a broker has at most `max.in.flight.requests.per.connection` requests. Of a partition only an idempotent
 * producer has several batches under way: without sequence numbers a retry would change the order.
 */
export class Sender {
  readonly #deps: SenderDeps
  readonly #settings: ProducerSettings
  readonly #cluster: Cluster
  readonly #verdicts: Verdicts
  /** Queues with something to send. */
  readonly #waiting = new Set<PartitionQueue>()
  readonly #lanes = new Map<BrokerConnection, BrokerLane>()
  /** null: without idempotence. */
  #identities: IdentitySource | null = null
  #maxInFlight: number
  #lingerTimer: NodeJS.Timeout | null = null
  #expiryTimer: NodeJS.Timeout | null = null
  #isScheduled = false
  #isDraining = false
  #isDrainAsked = false
  #isClosed = false

  constructor(deps: SenderDeps) {
    this.#deps = deps
    this.#settings = deps.settings
    this.#cluster = deps.cluster
    this.#maxInFlight = deps.settings.maxInFlight
    this.#verdicts = new Verdicts({
      settings: deps.settings,
      cluster: deps.cluster,
      retry: () => this.drain(),
      outdated: (identity) => this.#identities?.forget(identity),
    })
    if (deps.settings.isIdempotent) this.#identities = deps.transactions ?? this.#producerIds()
    deps.cluster.onUpdate(() => this.drain())
  }

  /** Records are on their way: the producer id is asked for while their topic is looked up. */
  prepare(): void {
    if (this.#identities?.current === null) this.#identities.ask()
  }

  /** Something was added to the queue: it is sent when this turn of the event loop is over. */
  added(queue: PartitionQueue): void {
    this.#waiting.add(queue)
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.drain()
    })
  }

  /**
   * The batch is full and waits behind others: its checksum is made now, while the broker is busy with those,
   * with the number that it will have if all goes well. Not ahead of a codec.
   */
  finishEarly(queue: PartitionQueue, batch: ProducerBatch): void {
    const { codec, transactionalId } = this.#settings
    if (codec !== 'none' || batch.isSealed || (this.#identities !== null && queue.identity === null)) return
    batch.isSealed = true
    batch.close(queue.identity, queue.expectedSequence(batch), transactionalId !== null)
  }

  /** Sends all that may be sent now. */
  drain(): void {
    // A listener that hears of a batch may send, or flush.
    this.#isDrainAsked = true
    if (this.#isClosed || this.#isDraining || this.#waiting.size === 0) return
    this.#isDraining = true
    try {
      while (this.#isDrainAsked) {
        this.#isDrainAsked = false
        while (this.#sendRound());
      }
    } finally {
      this.#isDraining = false
    }
    if (this.#waiting.size > 0) this.#watchExpiry()
  }

  /** Fails all that is not under way. True where the broker may know of some of it. */
  discard(error: Error): boolean {
    let isKnown = false
    for (const queue of [...this.#waiting]) {
      for (const batch of queue.batches) {
        if (batch.isInFlight || batch.outcome !== null) continue
        isKnown ||= batch.sequence >= 0
        batch.outcome = { error }
        queue.skipped(batch)
      }
      this.#report(queue)
    }
    return isKnown
  }

  close(): void {
    this.#isClosed = true
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer)
    if (this.#expiryTimer !== null) clearInterval(this.#expiryTimer)
  }

  /** At most one request to each broker, with one batch of each partition. False when nothing could go. */
  #sendRound(): boolean {
    let lingerUntil = Infinity
    const requests = new Map<BrokerConnection, { sendings: Sending[]; bytes: number }>()
    for (const queue of [...this.#waiting]) {
      this.#report(queue)
      const batch = queue.next(this.#identities === null ? 1 : this.#maxInFlight)
      if (batch === null) continue
      const bytes = batch.builder.length
      const mostBytes = this.#settings.partitionBytesInFlight
      if (queue.inFlight > 0 && queue.bytesInFlight + bytes > mostBytes) continue
      const readyAt = this.#readyAt(queue, batch)
      if (readyAt > 0 && readyAt > performance.now()) {
        lingerUntil = Math.min(lingerUntil, readyAt)
        continue
      }
      const connection = this.#route(queue)
      if (connection === null) continue
      const request = requests.get(connection)
      if (request === undefined) requests.set(connection, { sendings: [{ queue, batch }], bytes })
      else if (request.bytes + bytes <= this.#settings.maxRequestSize) {
        request.sendings.push({ queue, batch })
        request.bytes += bytes
      }
    }
    for (const [connection, { sendings }] of requests) void this.#send(connection, sendings)
    if (lingerUntil !== Infinity) this.#linger(lingerUntil - performance.now())
    return requests.size > 0
  }

  /** Where a batch of the partition can go now. */
  #route(queue: PartitionQueue): BrokerConnection | null {
    if (!this.#identify(queue)) return null
    const { transactions } = this.#deps
    if (transactions !== null && !transactions.covers(queue)) return null
    const connection = this.#cluster.leader(queue.topic, queue.partition, 'main')
    if (connection === null || !this.#canSend(connection)) return null
    return queue.inFlight > 0 && queue.connection !== connection ? null : connection
  }

  /** 0: at once. Behind another batch one that is not full waits for that one's answer, unless it lingered. */
  #readyAt(queue: PartitionQueue, batch: ProducerBatch): number {
    const { lingerMs } = this.#settings
    if (batch.isSealed || batch.generation.isFlushing || batch !== queue.batches.at(-1)) return 0
    if (lingerMs > 0) return batch.createdAt + lingerMs
    return queue.inFlight > 0 ? Infinity : 0
  }

  #linger(ms: number): void {
    if (this.#lingerTimer !== null) return
    this.#lingerTimer = setTimeout(
      () => {
        this.#lingerTimer = null
        this.drain()
      },
      Math.max(1, Math.ceil(ms)),
    )
  }

  #canSend(connection: BrokerConnection): boolean {
    let lane = this.#lanes.get(connection)
    if (lane === undefined) {
      lane = new BrokerLane(connection, this.#settings)
      this.#lanes.set(connection, lane)
    }
    if (connection.isConnected && !connection.needsAuthentication) return lane.inFlight < this.#maxInFlight
    if (!lane.isConnecting) void this.#connect(connection, lane)
    return false
  }

  async #connect(connection: BrokerConnection, lane: BrokerLane): Promise<void> {
    lane.isConnecting = true
    try {
      await connection.ready()
      lane.isConnecting = false
      this.drain()
    } catch (thrown) {
      lane.isConnecting = false
      this.#lanes.delete(connection)
      const error = toError(thrown)
      if (error instanceof KafkaError && !error.retriable) this.discard(error)
      // Perhaps another broker leads by now. Its answer, or its absence, drains again.
      this.#cluster.requestUpdate()
    }
  }

  async #send(connection: BrokerConnection, sendings: readonly Sending[]): Promise<void> {
    for (const { queue, batch } of sendings) {
      queue.started(batch, connection)
      if (!queue.hasUnsent) this.#waiting.delete(queue)
    }
    let results: readonly ProduceResult[] = []
    let failure: Error | null = null
    try {
      results = await this.#lanes.get(connection)!.produce(sendings)
    } catch (thrown) {
      failure = toError(thrown)
      this.#cluster.requestUpdate()
    }
    if (this.#isClosed) return
    const byPartition = new Map(results.map((result) => [`${result.topic}-${result.partition}`, result]))
    for (const { queue, batch } of sendings) {
      queue.returned(batch)
      const result = byPartition.get(`${queue.topic}-${queue.partition}`)
      if (result === undefined) this.#verdicts.unanswered(queue, batch, failure)
      else this.#verdicts.answered(queue, batch, result)
      this.#report(queue)
      if (queue.hasUnsent) this.#waiting.add(queue)
    }
    this.#deps.transactions?.settle()
    this.drain()
  }

  /** Tells what became of the first batches, as far as that is known. */
  #report(queue: PartitionQueue): void {
    for (let batch = queue.batches[0]; batch?.outcome != null; batch = queue.batches[0]) {
      queue.batches.shift()
      if ('run' in batch.outcome) this.#deps.delivered(batch, batch.outcome.run)
      else this.#deps.failed(batch, batch.outcome.error)
    }
    if (queue.batches.length === 0) this.#waiting.delete(queue)
  }

  /** Gives the partition an identity where it needs one; false while there is none, or answers are missing. */
  #identify(queue: PartitionQueue): boolean {
    const identities = this.#identities
    if (identities === null) return true
    const { identity, needsRestart } = queue
    const { current } = identities
    const isBehind = identity !== current && current !== null && !queue.hasOutstanding
    if (identity !== null && !needsRestart && !isBehind) return true
    if (queue.inFlight > 0) return false
    const next = identity !== null && needsRestart && !isBehind ? identities.after(identity) : current
    if (next === null) identities.ask()
    else queue.restart(next)
    return next !== null
  }

  #producerIds(): ProducerIds {
    let isGiven = false
    return new ProducerIds({
      cluster: this.#cluster,
      isClosed: () => this.#isClosed,
      given: () => {
        isGiven = true
        this.drain()
      },
      refused: (error) => {
        if (this.#settings.isIdempotenceAsked || isGiven) this.discard(error)
        else this.#goWithoutIdempotence(error)
      },
      lockedOut: (error) => this.discard(error),
    })
  }

  #goWithoutIdempotence(error: KafkaError): void {
    this.#cluster.log.warn(
      `The broker has no producer ids for this client, which goes on without idempotence and with one request ` +
        `at a time: a retry may write records twice. enable.idempotence=false is the same without this line, ` +
        `enable.idempotence=true does not let it pass. ${error.message}`,
    )
    this.#identities = null
    this.#maxInFlight = 1
    this.drain()
  }

  /** Batches that cannot be sent at all (no leader, no broker) run out of time here. */
  #watchExpiry(): void {
    const { deliveryTimeoutMs } = this.#settings
    if (this.#expiryTimer !== null || deliveryTimeoutMs >= 2 ** 31 - 1) return
    this.#expiryTimer = setInterval(
      () => {
        for (const queue of [...this.#waiting]) {
          if (queue.inFlight > 0) continue
          this.#verdicts.expire(queue)
          this.#report(queue)
        }
        if (this.#waiting.size > 0 || this.#expiryTimer === null) return
        clearInterval(this.#expiryTimer)
        this.#expiryTimer = null
      },
      Math.max(10, Math.min(1000, deliveryTimeoutMs / 10)),
    )
  }
}
