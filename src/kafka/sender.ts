import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaError, toError } from '../errors.ts'
import { codecIds } from '../protocol/record-batch.ts'
import { WireReader } from '../protocol/wire-reader.ts'
import { initProducerIdApi, produceApi, produceParts, readProduceResponse } from './apis/produce.ts'
import type { ProduceResult } from './apis/produce.ts'
import type { AckedRun } from './client.ts'
import type { Cluster } from './cluster.ts'
import { compress } from '../protocol/codecs.ts'
import type { BrokerConnection } from './connection.ts'
import { brokerError, errorName, isRetriableCode } from './error-codes.ts'
import type { PartitionQueue, ProducerBatch, ProducerIdentity } from './producer-batch.ts'
import type { ProducerSettings } from './producer-settings.ts'
import { splitBatch } from './split-batch.ts'

export interface SenderDeps {
  readonly settings: ProducerSettings
  readonly cluster: Cluster
  /** The batch has left its queue. */
  delivered(batch: ProducerBatch, run: AckedRun): void
  failed(batch: ProducerBatch, error: Error): void
}

interface Node {
  inFlight: number
  isConnecting: boolean
}

/**
 * Moves batches from the partitions' queues to the brokers. Of a partition one batch at a time is under way,
 * so that retries cannot change the order; a request carries batches of several partitions, and a broker has
 * at most `max.in.flight.requests.per.connection` requests.
 */
export class Sender {
  readonly #deps: SenderDeps
  readonly #settings: ProducerSettings
  readonly #cluster: Cluster
  /** Queues with something to send and nothing under way. */
  readonly #waiting = new Set<PartitionQueue>()
  readonly #nodes = new Map<BrokerConnection, Node>()
  #identity: ProducerIdentity | null = null
  #isAskingIdentity = false
  #lingerTimer: NodeJS.Timeout | null = null
  #expiryTimer: NodeJS.Timeout | null = null
  #isScheduled = false
  #isClosed = false

  constructor(deps: SenderDeps) {
    this.#deps = deps
    this.#settings = deps.settings
    this.#cluster = deps.cluster
    deps.cluster.onUpdate(() => this.drain())
  }

  /** Something was added to the queue: it is sent when this turn of the event loop is over. */
  added(queue: PartitionQueue): void {
    if (queue.isInFlight || queue.retryTimer !== null) return
    this.#waiting.add(queue)
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.drain()
    })
  }

  /**
   * The batch is full and waits behind others: its checksum is made now, while the broker is busy with those.
   * Not where the header says what only its turn tells (sequence numbers), nor ahead of a codec.
   */
  finishEarly(batch: ProducerBatch): void {
    const { codec, isIdempotent } = this.#settings
    if (codec !== 'none' || isIdempotent || batch.isSealed) return
    batch.isSealed = true
    batch.body = batch.builder.close()
  }

  /** Sends all that may be sent now. */
  drain(): void {
    if (this.#isClosed || this.#waiting.size === 0) return
    let lingerUntil = Infinity
    const now = this.#settings.lingerMs > 0 ? performance.now() : 0
    const ready = new Map<BrokerConnection, { queues: PartitionQueue[]; bytes: number }>()
    for (const queue of this.#waiting) {
      const batch = queue.batches[0]
      if (batch === undefined) {
        this.#waiting.delete(queue)
        continue
      }
      if (batch.error !== null) {
        this.#giveUp(queue, batch.error)
        continue
      }
      const readyAt = this.#readyAt(queue, batch)
      if (readyAt > now) {
        lingerUntil = Math.min(lingerUntil, readyAt)
        continue
      }
      if (this.#settings.isIdempotent && !this.#identify(queue)) continue
      const connection = this.#cluster.leader(queue.topic, queue.partition, 'main')
      if (connection === null || !this.#canSend(connection)) continue
      const request = ready.get(connection)
      if (request === undefined) ready.set(connection, { queues: [queue], bytes: batch.builder.length })
      else if (request.bytes + batch.builder.length <= this.#settings.maxRequestSize) {
        request.queues.push(queue)
        request.bytes += batch.builder.length
      }
    }
    for (const [connection, { queues }] of ready) void this.#send(connection, queues)
    if (lingerUntil !== Infinity) this.#linger(lingerUntil - now)
    if (this.#waiting.size > 0) this.#watchExpiry()
  }

  close(): void {
    this.#isClosed = true
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer)
    if (this.#expiryTimer !== null) clearInterval(this.#expiryTimer)
  }

  #readyAt(queue: PartitionQueue, batch: ProducerBatch): number {
    const { lingerMs } = this.#settings
    const isUrgent = batch.isSealed || batch.generation.isFlushing || queue.batches.length > 1
    if (lingerMs === 0 || isUrgent) return 0
    return batch.createdAt + lingerMs
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
    let node = this.#nodes.get(connection)
    if (node === undefined) {
      node = { inFlight: 0, isConnecting: false }
      this.#nodes.set(connection, node)
    }
    if (connection.isConnected && !connection.needsAuthentication)
      return node.inFlight < this.#settings.maxInFlight
    if (!node.isConnecting) void this.#connect(connection, node)
    return false
  }

  async #connect(connection: BrokerConnection, node: Node): Promise<void> {
    node.isConnecting = true
    try {
      await connection.ready()
      node.isConnecting = false
      this.drain()
    } catch (thrown) {
      node.isConnecting = false
      this.#nodes.delete(connection)
      const error = toError(thrown)
      if (error instanceof KafkaError && !error.retriable) this.#failAll(error)
      // Perhaps another broker leads by now. Its answer, or its absence, drains again.
      this.#cluster.requestUpdate()
    }
  }

  async #send(connection: BrokerConnection, queues: PartitionQueue[]): Promise<void> {
    const { acks, connection: settings } = this.#settings
    const node = this.#nodes.get(connection)!
    node.inFlight++
    for (const queue of queues) {
      queue.isInFlight = true
      this.#waiting.delete(queue)
      queue.batches[0]!.isSealed = true
      queue.batches[0]!.attempts++
    }
    try {
      const closing = queues.map((queue) => this.#close(queue))
      const bodies = closing.some((body) => body instanceof Promise)
        ? await Promise.all(closing.map(async (body) => body))
        : (closing as Buffer[])
      const entries = queues.map(({ topic, partition }, i) => ({ topic, partition, batch: bodies[i]! }))
      const version = connection.version(produceApi)
      const parts = produceParts(entries, acks, settings.requestTimeoutMs)
      const payload = await connection.sendParts(produceApi, version, parts, { expectResponse: acks !== 0 })
      node.inFlight--
      if (payload === null) this.#sentWithoutAnswer(queues)
      else this.#answered(queues, readProduceResponse(new WireReader(payload), version))
    } catch (thrown) {
      node.inFlight--
      const error = toError(thrown)
      this.#cluster.requestUpdate()
      for (const queue of queues) {
        if (queue.isInFlight)
          this.#retryOrGiveUp(queue, error, error instanceof KafkaError && error.retriable)
      }
    }
    this.drain()
  }

  #close({ batches, producer, sequence }: PartitionQueue): Buffer | Promise<Buffer> {
    const { builder, body } = batches[0]!
    if (body !== null) return body
    const { codec, codecLevel } = this.#settings
    const identity =
      producer === null
        ? {}
        : { producerId: producer.id, producerEpoch: producer.epoch, baseSequence: sequence }
    if (codec === 'none') return builder.close(identity)
    const options = { ...identity, codec: codecIds[codec] }
    const compressed = compress(codec, builder.records(), codecLevel)
    return compressed instanceof Promise
      ? compressed.then((bytes) => builder.close(options, bytes))
      : builder.close(options, compressed)
  }

  #sentWithoutAnswer(queues: readonly PartitionQueue[]): void {
    for (const queue of queues) {
      const run = { topic: queue.topic, partition: queue.partition, baseOffset: -1, logAppendTime: -1 }
      this.#deliver(queue, run)
    }
  }

  #answered(queues: readonly PartitionQueue[], results: readonly ProduceResult[]): void {
    const byPartition = new Map(results.map((result) => [`${result.topic}-${result.partition}`, result]))
    for (const queue of queues) {
      const result = byPartition.get(`${queue.topic}-${queue.partition}`)
      if (result === undefined) {
        const error = new KafkaError(`The broker did not answer for ${queue.topic}-${queue.partition}.`, {
          retriable: true,
        })
        this.#retryOrGiveUp(queue, error, true)
      } else if (result.error === 0 || errorName(result.error) === 'DUPLICATE_SEQUENCE_NUMBER') {
        this.#deliver(queue, result)
      } else this.#refused(queue, result)
    }
  }

  #deliver(queue: PartitionQueue, { topic, partition, baseOffset, logAppendTime }: AckedRun): void {
    const batch = this.#remove(queue)
    queue.sequence = (queue.sequence + batch.contexts.length) & 0x7fffffff
    this.#deps.delivered(batch, { topic, partition, baseOffset, logAppendTime })
  }

  #refused(queue: PartitionQueue, { error: code, errorMessage }: ProduceResult): void {
    const name = errorName(code)
    const batch = queue.batches[0]!
    const error = brokerError(code, `Sending records to ${queue.topic}-${queue.partition}`)
    if (errorMessage !== null) error.message += ` ${errorMessage}`
    if (name === 'MESSAGE_TOO_LARGE' && batch.contexts.length > 1) {
      // The limit of this topic is lower than what we took for granted; learn it.
      queue.fillBytes = Math.max(1024, Math.min(queue.fillBytes, Math.floor(batch.builder.length / 2)))
      queue.batches.splice(0, 1, ...splitBatch(batch))
      this.#release(queue)
    } else if (isForgottenProducer(name) && this.#settings.isIdempotent) {
      this.#forgetIdentity(queue)
      this.#retryOrGiveUp(queue, error, true)
    } else {
      if (isRetriableCode(code)) this.#cluster.requestUpdate()
      this.#retryOrGiveUp(queue, error, isRetriableCode(code))
    }
  }

  #retryOrGiveUp(queue: PartitionQueue, error: Error, isRetriable: boolean): void {
    const batch = queue.batches[0]!
    if (this.#isClosed) return
    const elapsed = performance.now() - batch.createdAt
    if (!isRetriable || batch.attempts > this.#settings.retries) return this.#giveUp(queue, error)
    if (elapsed >= this.#settings.deliveryTimeoutMs) {
      return this.#giveUp(queue, expiredError(queue, batch, elapsed, error))
    }
    this.#warn(queue, error)
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings.connection
    const backoff = Math.min(retryBackoffMs * 2 ** Math.min(batch.attempts - 1, 20), retryBackoffMaxMs)
    queue.isInFlight = false
    queue.retryTimer = setTimeout(
      () => {
        queue.retryTimer = null
        this.#release(queue)
        this.drain()
      },
      backoff * (0.8 + Math.random() * 0.4),
    )
  }

  #giveUp(queue: PartitionQueue, error: Error): void {
    const batch = this.#remove(queue)
    // Whether an attempt was written is unknown: the sequence numbers of the next batches start afresh.
    if (batch.attempts > 0) this.#forgetIdentity(queue)
    this.#deps.failed(batch, error)
  }

  #failAll(error: Error): void {
    for (const queue of [...this.#waiting]) {
      while (queue.batches.length > 0 && !this.#isClosed) this.#giveUp(queue, error)
    }
  }

  #remove(queue: PartitionQueue): ProducerBatch {
    const batch = queue.batches.shift()!
    this.#release(queue)
    return batch
  }

  #release(queue: PartitionQueue): void {
    queue.isInFlight = false
    if (queue.batches.length > 0) this.#waiting.add(queue)
    else this.#waiting.delete(queue)
  }

  /** Gives the partition a producer id where it has none; false while we wait for one. */
  #identify(queue: PartitionQueue): boolean {
    if (queue.producer !== null) return true
    if (this.#identity !== null) {
      queue.producer = this.#identity
      queue.sequence = 0
      return true
    }
    if (!this.#isAskingIdentity) void this.#askIdentity()
    return false
  }

  #forgetIdentity(queue: PartitionQueue): void {
    if (queue.producer === null) return
    if (this.#identity === queue.producer) this.#identity = null
    queue.producer = null
  }

  async #askIdentity(): Promise<void> {
    this.#isAskingIdentity = true
    const { retryBackoffMs } = this.#settings.connection
    while (this.#identity === null && !this.#isClosed) {
      try {
        const connection = await this.#cluster.anyConnection()
        const answer = await connection.request(initProducerIdApi, undefined)
        if (answer.error === 0) this.#identity = { id: answer.id, epoch: answer.epoch }
        else throw brokerError(answer.error, 'Asking for a producer id')
      } catch (thrown) {
        const error = toError(thrown)
        if (error instanceof KafkaError && !error.retriable) {
          this.#failAll(error)
          break
        }
        await sleep(retryBackoffMs)
      }
    }
    this.#isAskingIdentity = false
    this.drain()
  }

  /** Batches that cannot be sent at all (no leader, no broker) run out of time here. */
  #watchExpiry(): void {
    const { deliveryTimeoutMs } = this.#settings
    if (this.#expiryTimer !== null || deliveryTimeoutMs >= 2 ** 31 - 1) return
    this.#expiryTimer = setInterval(
      () => {
        const now = performance.now()
        for (const queue of [...this.#waiting]) {
          for (let batch = queue.batches[0]; batch !== undefined; batch = queue.batches[0]) {
            if (now - batch.createdAt < deliveryTimeoutMs || queue.isInFlight) break
            this.#giveUp(queue, expiredError(queue, batch, now - batch.createdAt, this.#cluster.fatalError))
          }
        }
        if (this.#waiting.size > 0 || this.#expiryTimer === null) return
        clearInterval(this.#expiryTimer)
        this.#expiryTimer = null
      },
      Math.max(10, Math.min(1000, deliveryTimeoutMs / 10)),
    )
  }

  #warn(queue: PartitionQueue, error: Error): void {
    const now = performance.now()
    if (now - queue.warnedAt < 10_000) return
    queue.warnedAt = now
    const { attempts, contexts } = queue.batches[0]!
    const what = `${contexts.length} record(s) for ${queue.topic}-${queue.partition}`
    this.#cluster.log.warn(
      `${what} were not accepted in attempt ${attempts}, they are sent again. ${error.message}`,
    )
  }
}

function isForgottenProducer(name: string): boolean {
  return ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'].includes(name)
}

function expiredError(
  queue: PartitionQueue,
  batch: ProducerBatch,
  elapsedMs: number,
  cause: unknown,
): KafkaError {
  const what = `Expiring ${batch.contexts.length} record(s) for ${queue.topic}-${queue.partition}`
  return new KafkaError(`${what}:${Math.round(elapsedMs)} ms has passed since batch creation`, {
    code: 'REQUEST_TIMED_OUT',
    retriable: true,
    cause: cause ?? undefined,
  })
}
