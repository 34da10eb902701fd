import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaError, toError } from '../errors.ts'
import {
  batchHeaderBytes,
  recordSizeUpperBound,
  type RecordRun,
  runRecordSizeUpperBound,
  runValue,
} from '../protocol/record-batch.ts'
import type { Logger } from '../util/logger.ts'
import type {
  AckedRun,
  ClientSettings,
  Producer,
  ProducerListener,
  ProducerRecord,
  ProducerRun,
} from './client.ts'
import { Cluster } from './cluster.ts'
import { brokerError, errorName } from './error-codes.ts'
import { partitionForKey } from './murmur2-partitioner.ts'
import { PartitionQueue } from './partition-queue.ts'
import { BufferPool, Generation, ProducerBatch } from './producer-batch.ts'
import { readProducerSettings } from './producer-settings.ts'
import type { ProducerSettings } from './producer-settings.ts'
import { Sender } from './sender.ts'
import { StickyPartitioner } from './sticky-partitioner.ts'
import { Transactions } from './transactions.ts'

interface Topic {
  readonly name: string
  readonly sticky: StickyPartitioner
  readonly queues: PartitionQueue[]
  /** Partitions with a leader, where keyless records may go. */
  available: readonly number[]
  /** Records that wait for the topic's (or their partition's) metadata, in order. */
  pending: Pending[]
  pendingTimer: NodeJS.Timeout | null
}

interface Pending {
  readonly record: ProducerRecord
  readonly context: unknown
  readonly generation: Generation
  readonly bytes: number
  readonly since: number
}

/** Gathers records into one batch per partition and has the Sender send them. */
export class KafkaProducer implements Producer {
  readonly #settings: ProducerSettings
  readonly #listener: ProducerListener
  readonly #cluster: Cluster
  readonly #sender: Sender
  readonly #transactions: Transactions | null
  readonly #pool = new BufferPool()
  readonly #topics = new Map<string, Topic>()
  readonly #generations = new Set<Generation>()
  #generation = new Generation()
  #lastTopic: Topic | null = null
  #bufferedBytes = 0
  #whenReady: (() => void)[] = []
  #isClosed = false

  constructor(settings: ClientSettings, listener: ProducerListener, log: Logger) {
    this.#settings = readProducerSettings(settings, log)
    this.#listener = listener
    this.#cluster = new Cluster(this.#settings.connection, log, { allowAutoTopicCreation: true })
    this.#cluster.onUpdate(() => this.#metadataChanged())
    this.#transactions = this.#openTransactions()
    this.#sender = new Sender({
      settings: this.#settings,
      cluster: this.#cluster,
      transactions: this.#transactions,
      delivered: (batch, run) => this.#delivered(batch, run),
      failed: (batch, error) => this.#failed(batch, error),
    })
    this.#generations.add(this.#generation)
  }

  send(record: ProducerRecord, context: unknown): boolean {
    const generation = this.#generation
    generation.unreported++
    const refusal = this.#refusal()
    if (refusal !== null) {
      this.#failSoon(context, generation, refusal)
      return true
    }
    const topic = this.#topicOf(record)
    if (topic.pending.length > 0 || !this.#append(topic, record, context, generation)) {
      this.#wait(topic, record, context, generation)
    }
    return this.hasRoom
  }

  sendRun(run: ProducerRun, from: number, context: unknown): number {
    const generation = this.#generation
    const refusal = this.#refusal()
    const topic = this.#topicOf(run)
    let next = from
    if (refusal === null && topic.pending.length === 0) {
      next = this.#appendRun(topic, run, from, context, generation)
    }
    if (next > from) {
      generation.unreported += next - from
      return next
    }
    // Until the topic is known a record is as good as a run.
    const value = runValue(run, from)
    const { topic: name, partition, timestamp, key, headers } = run
    this.send({ topic: name, partition, timestamp, key, value, headers }, context)
    return from + 1
  }

  get hasRoom(): boolean {
    return this.#bufferedBytes < this.#settings.bufferMemory
  }

  ready(): Promise<void> {
    if (this.#isClosed || this.#bufferedBytes < this.#settings.bufferMemory) return Promise.resolve()
    return new Promise((resolve) => this.#whenReady.push(resolve))
  }

  async flush(): Promise<void> {
    const flushed = [...this.#generations].filter((generation) => generation.unreported > 0)
    if (flushed.length === 0) return
    this.#startGeneration()
    for (const generation of flushed) generation.isFlushing = true
    for (const topic of this.#topics.values()) {
      for (const queue of topic.queues) {
        const last = queue.batches.at(-1)
        if (last !== undefined) last.isSealed = true
      }
    }
    this.#sender.drain()
    await Promise.all(flushed.map((generation) => generation.done()))
    for (const generation of flushed) this.#generations.delete(generation)
  }

  async close(timeoutMs: number): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true
      const timeout = new AbortController()
      const timedOut = sleep(Math.min(timeoutMs, 2 ** 31 - 1), undefined, { signal: timeout.signal })
      await Promise.race([this.#finish(), timedOut.catch(() => {})])
      timeout.abort()
      this.#transactions?.close()
      this.#failEverything(closedError())
      this.#cluster.close()
      this.#wakeReady(true)
    }
  }

  async initTransactions(): Promise<void> {
    await this.#transactional().init()
  }

  beginTransaction(): void {
    this.#transactional().begin()
  }

  async commitTransaction(): Promise<void> {
    await this.#transactional().commit()
  }

  async abortTransaction(): Promise<void> {
    await this.#transactional().abort()
  }

  #openTransactions(): Transactions | null {
    const { transactionalId } = this.#settings
    if (transactionalId === null) return null
    return new Transactions(transactionalId, {
      settings: this.#settings,
      cluster: this.#cluster,
      drain: () => this.#sender.drain(),
      discard: (error) => this.#discard(error),
      flush: () => this.flush(),
    })
  }

  #transactional(): Transactions {
    if (this.#transactions !== null) return this.#transactions
    throw new KafkaError('This producer has no transactions, because transactional.id is not set.')
  }

  /** What is left to do before closing: an open transaction would keep its readers waiting. */
  async #finish(): Promise<void> {
    if (this.#transactions?.isOpen !== true) return this.flush()
    try {
      await this.#transactions.abort()
    } catch (error) {
      const { message } = toError(error)
      this.#cluster.log.warn(`The open transaction is left to transaction.timeout.ms. ${message}`)
    }
  }

  #discard(error: Error): boolean {
    for (const topic of this.#topics.values()) this.#failPending(topic.pending.splice(0), error)
    return this.#sender.discard(error)
  }

  /** Adds the record to its partition's open batch. False when the partition is not known yet. */
  #append(topic: Topic, record: ProducerRecord, context: unknown, generation: Generation): boolean {
    const { key, value, headers } = record
    const partition = this.#partition(topic, record)
    const queue = topic.queues[partition]
    if (queue === undefined) return false
    const bound = recordSizeUpperBound(key, value, headers)
    if (bound + batchHeaderBytes > this.#settings.maxRequestSize) {
      this.#appendTooLarge(queue, context, generation, bound + batchHeaderBytes)
      return true
    }
    const isSticky = record.partition === null && key === null
    const batch = this.#openBatch(topic, queue, generation, bound, isSticky)
    const before = batch.contexts.length === 0 ? 0 : batch.builder.length
    batch.builder.append(record.timestamp ?? Date.now(), key, value, headers)
    batch.contexts.push(context)
    this.#appended(topic, queue, batch, before, isSticky)
    return true
  }

  /** Adds records of the run to their partition's open batch; `from` when the partition is not known yet. */
  #appendRun(topic: Topic, run: ProducerRun, from: number, context: unknown, generation: Generation): number {
    const queue = topic.queues[this.#partition(topic, run)]
    if (queue === undefined) return from
    const records: RecordRun = run.timestamp === null ? { ...run, timestamp: Date.now() } : (run as RecordRun)
    const bound = runRecordSizeUpperBound(records, from)
    if (bound + batchHeaderBytes > this.#settings.maxRequestSize) {
      this.#appendTooLarge(queue, context, generation, bound + batchHeaderBytes)
      return from + 1
    }
    const isSticky = run.partition === null && run.key === null
    const batch = this.#openBatch(topic, queue, generation, bound, isSticky)
    const before = batch.contexts.length === 0 ? 0 : batch.builder.length
    const next = batch.builder.appendRun(records, from, queue.fillBytes)
    for (let i = from; i < next; i++) batch.contexts.push(context)
    this.#appended(topic, queue, batch, before, isSticky)
    return next
  }

  // No object of options here: these run for every record.

  /** The batch that a record of at most `bound` bytes goes into, a new one where the last is full or closed. */
  #openBatch(
    topic: Topic,
    queue: PartitionQueue,
    generation: Generation,
    bound: number,
    isSticky: boolean,
  ): ProducerBatch {
    const last = queue.batches.length === 0 ? undefined : queue.batches[queue.batches.length - 1]!
    if (
      last !== undefined &&
      !last.isSealed &&
      last.generation === generation &&
      last.builder.length + bound <= queue.fillBytes
    ) {
      return last
    }
    // The one before is full now, if there is one.
    if (isSticky && last !== undefined) topic.sticky.sent(0, true)
    // Behind a full batch comes another one of that size; alone, it may well stay small.
    const memory =
      this.#pool.take() ?? (last === undefined ? undefined : Buffer.allocUnsafeSlow(queue.fillBytes))
    const batch = new ProducerBatch(memory, generation)
    queue.batches.push(batch)
    this.#sender.added(queue)
    if (last !== undefined) {
      this.#sender.drain()
      this.#sender.finishEarly(queue, last)
    }
    return batch
  }

  /** Takes account of what was added to the batch, which had `before` bytes. */
  #appended(
    topic: Topic,
    queue: PartitionQueue,
    batch: ProducerBatch,
    before: number,
    isSticky: boolean,
  ): void {
    const added = batch.builder.length - before
    batch.bufferedBytes += added
    this.#bufferedBytes += added
    if (isSticky) topic.sticky.sent(added, queue.batches.length === 1 && before === 0)
  }

  #partition(topic: Topic, { partition, key }: Pick<ProducerRecord, 'partition' | 'key'>): number {
    if (partition !== null) return partition
    const count = topic.queues.length
    if (count === 0) return -1
    if (key !== null && !this.#settings.ignoresKeys) return partitionForKey(key, count)
    return topic.sticky.partition(count, topic.available)
  }

  /** Takes its place in the queue, so that it fails in its turn. */
  #appendTooLarge(queue: PartitionQueue, context: unknown, generation: Generation, bytes: number): void {
    const batch = new ProducerBatch(undefined, generation)
    const limit = this.#settings.maxRequestSize
    batch.isSealed = true
    batch.contexts.push(context)
    const error = new KafkaError(
      `The message is ${bytes} bytes when serialized which is larger than ${limit}, which is the value of the ` +
        `max.request.size configuration.`,
      { code: 'MESSAGE_TOO_LARGE' },
    )
    batch.outcome = { error }
    queue.batches.push(batch)
    this.#sender.added(queue)
  }

  #refusal(): Error | null {
    return this.#isClosed ? closedError() : (this.#transactions?.refusal ?? null)
  }

  #topicOf({ topic: name }: { readonly topic: string }): Topic {
    if (this.#lastTopic === null || this.#lastTopic.name !== name) this.#lastTopic = this.#topic(name)
    return this.#lastTopic
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      const sticky = new StickyPartitioner(this.#settings.stickyBytes)
      topic = { name, sticky, queues: [], available: [], pending: [], pendingTimer: null }
      this.#topics.set(name, topic)
      this.#cluster.wantAlso(name)
      this.#sender.prepare()
    }
    return topic
  }

  #wait(topic: Topic, record: ProducerRecord, context: unknown, generation: Generation): void {
    const bytes = recordSizeUpperBound(record.key, record.value, record.headers)
    this.#bufferedBytes += bytes
    topic.pending.push({ record, context, generation, bytes, since: performance.now() })
    if (topic.pending.length > 1) return
    this.#cluster.requestUpdate()
    this.#watchPending(topic)
  }

  #watchPending(topic: Topic): void {
    const first = topic.pending[0]
    if (first === undefined) return
    const maxBlockMs = Math.min(this.#settings.maxBlockMs, 2 ** 31 - 1)
    topic.pendingTimer = setTimeout(
      () => {
        if (this.#settings.maxBlockMs >= 2 ** 31) return
        const now = performance.now()
        const fresh = topic.pending.findIndex((pending) => now - pending.since < maxBlockMs)
        const late = topic.pending.splice(0, fresh === -1 ? topic.pending.length : fresh)
        if (late.length > 0) this.#failPending(late, this.#notPresent(topic, late[0]!.record.partition))
        this.#watchPending(topic)
      },
      Math.max(1, first.since + maxBlockMs - performance.now()),
    )
  }

  #notPresent(topic: Topic, partition: number | null): KafkaError {
    const { maxBlockMs } = this.#settings
    const message =
      topic.queues.length === 0 || partition === null
        ? `Topic ${topic.name} not present in metadata after ${maxBlockMs} ms.`
        : `Partition ${partition} of topic ${topic.name} with partition count ${topic.queues.length} is not ` +
          `present in metadata after ${maxBlockMs} ms.`
    const cause = this.#cluster.fatalError ?? undefined
    return new KafkaError(message, { code: 'REQUEST_TIMED_OUT', retriable: true, cause })
  }

  #metadataChanged(): void {
    for (const topic of this.#topics.values()) {
      const metadata = this.#cluster.topics.get(topic.name)
      if (metadata !== undefined && metadata.error === 0) {
        for (let p = topic.queues.length; p < metadata.partitions.length; p++) {
          topic.queues.push(new PartitionQueue(topic.name, p, this.#settings.fillBytes))
        }
        topic.available = metadata.partitions.filter((p) => p.leader >= 0).map((p) => p.partition)
      }
      if (topic.pending.length === 0) continue
      const fatal = this.#cluster.fatalError ?? topicError(topic.name, metadata?.error ?? 0)
      if (fatal !== null) this.#failPending(topic.pending.splice(0), fatal)
      else this.#releasePending(topic)
      // A partition that is not there may come; a topic that is not there is asked for anyway.
      if (topic.pending.length > 0 && topic.queues.length > 0) this.#cluster.requestUpdate()
      if (topic.pending.length === 0 && topic.pendingTimer !== null) clearTimeout(topic.pendingTimer)
    }
  }

  #releasePending(topic: Topic): void {
    const { pending } = topic
    let done = 0
    for (const { record, context, generation, bytes } of pending) {
      if (!this.#append(topic, record, context, generation)) break
      this.#bufferedBytes -= bytes
      done++
    }
    topic.pending = pending.slice(done)
  }

  #delivered(batch: ProducerBatch, run: AckedRun): void {
    this.#freeMemory(batch)
    this.#listener.acknowledged(batch.contexts, run)
    this.#reported(batch.generation, batch.contexts.length)
  }

  #failed(batch: ProducerBatch, error: Error): void {
    this.#freeMemory(batch)
    this.#listener.failed(batch.contexts, error)
    this.#transactions?.recordsFailed(error)
    this.#reported(batch.generation, batch.contexts.length)
  }

  #failPending(failed: readonly Pending[], error: Error): void {
    if (failed.length === 0) return
    for (const { bytes } of failed) this.#bufferedBytes -= bytes
    this.#listener.failed(
      failed.map(({ context }) => context),
      error,
    )
    this.#transactions?.recordsFailed(error)
    for (const { generation } of failed) this.#reported(generation, 1)
  }

  #failSoon(context: unknown, generation: Generation, error: Error): void {
    queueMicrotask(() => {
      this.#listener.failed([context], error)
      this.#reported(generation, 1)
    })
  }

  #failEverything(error: Error): void {
    this.#sender.close()
    for (const topic of this.#topics.values()) {
      if (topic.pendingTimer !== null) clearTimeout(topic.pendingTimer)
      for (const queue of topic.queues) {
        if (queue.retryTimer !== null) clearTimeout(queue.retryTimer)
        for (const batch of queue.batches.splice(0)) {
          if (batch.outcome !== null && 'run' in batch.outcome) this.#delivered(batch, batch.outcome.run)
          else this.#failed(batch, error)
        }
      }
      this.#failPending(topic.pending.splice(0), error)
    }
  }

  #freeMemory(batch: ProducerBatch): void {
    this.#bufferedBytes -= batch.bufferedBytes
    this.#pool.giveBack(batch.builder.buffer)
    if (this.#bufferedBytes === 0) this.#pool.trim()
    this.#wakeReady(false)
  }

  #reported(generation: Generation, count: number): void {
    generation.reported(count)
    this.#wakeReady(false)
  }

  #startGeneration(): void {
    this.#generation = new Generation()
    this.#generations.add(this.#generation)
  }

  #wakeReady(always: boolean): void {
    if (this.#whenReady.length === 0) return
    if (!always && this.#bufferedBytes >= this.#settings.bufferMemory) return
    const waiting = this.#whenReady
    this.#whenReady = []
    for (const resolve of waiting) resolve()
  }
}

/** What a topic's metadata say that no waiting will change. */
function topicError(topic: string, code: number): KafkaError | null {
  const name = errorName(code)
  if (name !== 'INVALID_TOPIC_EXCEPTION' && name !== 'TOPIC_AUTHORIZATION_FAILED') return null
  return brokerError(code, `Sending records to topic ${topic}`)
}

function closedError(): KafkaError {
  return new KafkaError('The producer was closed before the record was sent.')
}
