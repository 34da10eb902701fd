import type { OffsetMap, SourceRecord } from '../../api/record.ts'
import type { RecordMetadata, SourceTask } from '../../api/source.ts'
import type { TextRun } from '../../api/text-run.ts'
import { ConnectError, KafkaError, RetriableError, toError } from '../../errors.ts'
import type { AckedRun, Producer, ProducerListener, ProducerRecord, ProducerRun } from '../../kafka/client.ts'
import type { Logger } from '../../util/logger.ts'
import type { RunState } from '../run-state.ts'
import {
  commitRecord,
  commitTask,
  type DeliveryFailed,
  lostLetter,
  metadataOf,
  positionText,
  type SourceDelivery,
} from '../source-delivery.ts'
import { type TaskId, taskText } from '../task-id.ts'
import type { TaskReport } from '../task-report.ts'
import type { OffsetChange } from '../offsets/journal-format.ts'
import type { TransactionBoundary, TransactionEnd } from './transaction-boundary.ts'
import { TransactionOffsets } from './transaction-offsets.ts'

/** The offsets of a connector, as its transactions carry them. */
export interface TransactionalOffsets {
  /** Where they are written to, in the same transactions as the records. */
  readonly topic: string
  /** Brings topic and offset file together. `producer` is ready for its first transaction. */
  prepare(producer: Producer): Promise<void>
  /** The key and the value of the topic. Throws DataError for maps of the wrong form. */
  change(partition: OffsetMap | null, offset: OffsetMap | null): OffsetChange
  /** They are committed. */
  committed(changes: readonly OffsetChange[]): void
}

export interface TransactionalDeps {
  readonly id: TaskId
  readonly log: Logger
  readonly state: RunState
  /** With a `transactional.id`. */
  readonly openProducer: (listener: ProducerListener) => Producer
  readonly offsets: TransactionalOffsets
  readonly boundary: TransactionBoundary
  readonly activeTopics: Set<string> | null
  readonly report: TaskReport
  readonly failed: DeliveryFailed
}

/** A record of the open transaction, for a task that wants to hear of it. */
interface Sent {
  readonly record: SourceRecord
  metadata: RecordMetadata | null
}

/**
 * Sends records and their offsets in the same Kafka transactions: readers of committed records see each record once,
 * whenever the worker dies (KIP-618, Connect's ExactlyOnceWorkerSourceTask).
 */
export class TransactionalDelivery implements SourceDelivery, ProducerListener {
  readonly #deps: TransactionalDeps
  readonly #name: string
  readonly #offsets = new TransactionOffsets()
  #producer: Producer | null = null
  #task: SourceTask | null = null
  #isOpen = false
  /** The records of a poll are on their way: a transaction does not end by time between them. */
  #isInBatch = false
  /** Whether what the producer reports as failed is what was aborted here. */
  #isAborting = false
  #sent: Sent[] = []
  /** Dead letters that have to be there before the offsets behind them count. */
  #letters: Promise<ConnectError | null>[] = []
  #ending: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #latest: readonly [OffsetMap | null, OffsetMap | null] | null = null

  constructor(deps: TransactionalDeps) {
    this.#deps = deps
    this.#name = `ExactlyOnceWorkerSourceTask{id=${taskText(deps.id)}}`
  }

  async open(): Promise<void> {
    const { state, offsets, openProducer } = this.#deps
    const producer = (this.#producer = openProducer(this))
    const close = () => void producer.close(0)
    state.cancelled.addEventListener('abort', close)
    // Nothing is under way yet that a stop would have to wait for.
    state.stopping.addEventListener('abort', close)
    try {
      await producer.initTransactions()
      await offsets.prepare(producer)
    } catch (error) {
      if (!state.isStopping) throw explained(toError(error))
    } finally {
      state.stopping.removeEventListener('abort', close)
    }
  }

  begin(task: SourceTask): void {
    this.#task = task
  }

  ready(): Promise<void> | null {
    this.#isInBatch = true
    return this.#ending
  }

  send(sendable: ProducerRecord, record: SourceRecord): Promise<void> | null {
    const producer = this.#producer!
    this.#checkTopic(sendable.topic)
    this.#begin()
    const sent = this.#keep(record)
    this.#offsets.put(record.sourcePartition, record.sourceOffset)
    const hasRoom = producer.send(sendable, sent)
    const end = this.#deps.boundary.afterRecord(record)
    if (end !== null) return this.#end(end)
    return hasRoom ? null : producer.ready()
  }

  get takesRuns(): boolean {
    return this.#task?.commitRecord === undefined && !this.#deps.boundary.isByRecord
  }

  async sendRun(sendable: ProducerRun, run: TextRun): Promise<void> {
    const producer = this.#producer!
    this.#checkTopic(sendable.topic)
    this.#begin()
    this.#offsets.put(run.sourcePartition, run.sourceOffset(run.length - 1))
    for (let next = 0; next < run.length && !this.#deps.state.isCancelled;) {
      next = producer.sendRun(sendable, next, null)
      if (!producer.hasRoom) await producer.ready()
    }
  }

  dropped(record: SourceRecord): Promise<void> | null {
    this.#keep(record)
    const end = this.#deps.boundary.afterRecord(record)
    return end === null ? null : this.#end(end)
  }

  skipped(record: SourceRecord, safe: Promise<Error | null>): void {
    this.#keep(record)
    const { sourcePartition, sourceOffset } = record
    this.#offsets.put(sourcePartition, sourceOffset)
    this.#letters.push(
      safe.then((cause) =>
        cause === null ? null : new ConnectError(lostLetter(sourcePartition, sourceOffset), { cause }),
      ),
    )
  }

  batchDone(): Promise<void> | null {
    this.#isInBatch = false
    const end = this.#deps.boundary.afterBatch()
    return end === null ? null : this.#end(end)
  }

  async finish(hasFailed: boolean): Promise<void> {
    clearTimeout(this.#timer)
    await this.#ending
    if (hasFailed) this.#deps.log.info(`${this.#name} The task has failed: its open transaction is aborted.`)
    else if (this.#deps.boundary.atStop() === 'commit') await this.#end('commit')
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    // Aborts what is open. What the broker does not hear of, it ends itself.
    await this.#producer?.close(this.#deps.state.isCancelled ? 0 : closeMs)
  }

  acknowledged(contexts: readonly unknown[], run: AckedRun): void {
    if (run.topic === this.#deps.offsets.topic) return
    this.#deps.activeTopics?.add(run.topic)
    if (this.#task?.commitRecord === undefined) return
    for (const [i, sent] of (contexts as readonly (Sent | null)[]).entries()) {
      if (sent !== null) sent.metadata = metadataOf(run, i, sent.record)
    }
  }

  failed(_: readonly unknown[], error: Error): void {
    if (this.#isAborting || this.#deps.state.isCancelled) return
    this.#deps.failed('Unrecoverable exception from producer send callback', explained(error))
  }

  #keep(record: SourceRecord): Sent | null {
    if (this.#task?.commitRecord === undefined) return null
    const sent = { record, metadata: null }
    this.#sent.push(sent)
    return sent
  }

  #checkTopic(topic: string): void {
    if (topic !== this.#deps.offsets.topic) return
    throw new ConnectError(`The topic ${topic} keeps this worker's offsets; source tasks cannot write to it.`)
  }

  #begin(): void {
    if (this.#isOpen) return
    this.#producer!.beginTransaction()
    this.#isOpen = true
    const { intervalMs } = this.#deps.boundary
    if (intervalMs !== null) this.#timer = setTimeout(() => this.#timeUp(), intervalMs).unref()
  }

  /** A source that has gone quiet must not keep its last records from their readers. */
  #timeUp(): void {
    // A batch under way sees to it itself.
    if (this.#isInBatch || this.#ending !== null || !this.#isOpen) return
    this.#deps.boundary.afterBatch()
    this.#end('commit').catch((error: unknown) =>
      this.#deps.failed('The transaction could not be committed', toError(error)),
    )
  }

  #end(end: TransactionEnd): Promise<void> {
    clearTimeout(this.#timer)
    const ending = (end === 'commit' ? this.#commit() : this.#abort()).finally(() => {
      if (this.#ending === ending) this.#ending = null
    })
    this.#ending = ending
    return ending
  }

  /** The records are dropped, and passed over: their offsets are committed by themselves. */
  async #abort(): Promise<void> {
    if (this.#isOpen) {
      this.#isAborting = true
      try {
        await this.#producer!.abortTransaction()
      } catch (error) {
        throw explained(toError(error))
      } finally {
        this.#isAborting = false
      }
      this.#isOpen = false
    }
    for (const sent of this.#sent) sent.metadata = null
    await this.#commit()
  }

  async #commit(): Promise<void> {
    const { offsets, log, state, report } = this.#deps
    for (const lost of await Promise.all(this.#letters.splice(0))) if (lost !== null) throw lost
    const latest = this.#offsets.take()
    if (latest.length > 0 || this.#isOpen) {
      const changes = latest.map(([partition, offset]) => offsets.change(partition, offset))
      this.#begin()
      clearTimeout(this.#timer)
      for (const [key, value] of changes) this.#producer!.send(offsetRecord(offsets.topic, key, value), null)
      try {
        await this.#producer!.commitTransaction()
      } catch (error) {
        throw explained(toError(error))
      }
      this.#isOpen = false
      offsets.committed(changes)
      this.#latest = latest.at(-1) ?? this.#latest
      report.position = this.#position
    }
    const teller = { log, name: this.#name }
    for (const { record, metadata } of this.#sent.splice(0)) {
      commitRecord(this.#task, record, metadata, teller)
    }
    if (!state.isCancelled) await commitTask(this.#task, teller)
  }

  readonly #position = (): string | null => positionText(this.#latest)
}

/** How long an orderly end waits for a broker to abort what is open. */
const closeMs = 1000

export function offsetRecord(topic: string, key: string, value: string | null): ProducerRecord {
  return {
    topic,
    partition: 0,
    timestamp: null,
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: null,
  }
}

/**
 * After these the producer is of no use, and another one goes on where the last transaction was committed. They come
 * when a broker was away for longer than `transaction.timeout.ms`, too.
 */
const curedByAnother = new Set([
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'TRANSACTION_COORDINATOR_FENCED',
])

function explained(error: Error): Error {
  if (!(error instanceof KafkaError) || error.retriable) return error
  if (error.code === 'UNSUPPORTED_VERSION') {
    return new ConnectError(
      'The broker has no transactions, which exactly.once.source.support=enabled needs. With "disabled" the connector ' +
        'runs, at least once.',
      { cause: error },
    )
  }
  if (error.code === null || !curedByAnother.has(error.code)) return error
  return new RetriableError(`${error.message} The task goes on behind its last committed transaction.`, {
    cause: error,
  })
}
