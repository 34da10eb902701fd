import type { OffsetMap, SourceRecord } from '../api/record.ts'
import type { SourceTask } from '../api/source.ts'
import type { TextRun } from '../api/text-run.ts'
import { RetriableError } from '../errors.ts'
import type { AckedRun, Producer, ProducerListener, ProducerRecord, ProducerRun } from '../kafka/client.ts'
import type { Logger } from '../util/logger.ts'
import { aborted, within } from '../util/within.ts'
import type { RetryWithToleranceOperator } from './errors/retry-with-tolerance-operator.ts'
import type { RunState } from './run-state.ts'
import {
  commitRecord,
  commitTask,
  type DeliveryFailed,
  lostLetter,
  metadataOf,
  positionText,
  type SourceDelivery,
} from './source-delivery.ts'
import { type Submitted, SubmittedRecords } from './submitted-records.ts'
import { type TaskId, taskText } from './task-id.ts'
import type { TaskReport } from './task-report.ts'

/** Where acknowledged offsets go. */
export interface OffsetStore {
  /** Written at once, durable soon after. Throws nothing: what fails is tried again with the next. */
  put(offsets: ReadonlyMap<OffsetMap | null, OffsetMap | null>): void
  /** Resolves when everything put so far is durable. */
  flush(): Promise<void>
}

export interface AtLeastOnceDeps {
  readonly id: TaskId
  readonly log: Logger
  readonly state: RunState
  readonly openProducer: (listener: ProducerListener) => Producer
  readonly operator: RetryWithToleranceOperator<SourceRecord>
  /** Awaited before the first record. */
  readonly prepare?: () => Promise<void>
  readonly offsets: OffsetStore
  /** Gets the topics that records were written to; null: nobody asks. */
  readonly activeTopics: Set<string> | null
  readonly report: TaskReport
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
  readonly failed: DeliveryFailed
}

/**
 * Stores offsets as their records are acknowledged, per source partition in order: what was sent and not noted
 * when the worker dies is sent again (Connect's WorkerSourceTask).
 */
export class AtLeastOnceDelivery implements SourceDelivery, ProducerListener {
  readonly #deps: AtLeastOnceDeps
  readonly #submitted = new SubmittedRecords()
  readonly #name: string
  #producer: Producer | null = null
  #task: SourceTask | null = null
  #ackedSinceCommit = 0
  /** The last offset that may be committed, with its partition. */
  #latest: readonly [OffsetMap | null, OffsetMap | null] | null = null
  #commitTimer: NodeJS.Timeout | undefined
  #keepsRecords = false

  constructor(deps: AtLeastOnceDeps) {
    this.#deps = deps
    this.#name = `WorkerSourceTask{id=${taskText(deps.id)}}`
  }

  async open(): Promise<void> {
    await this.#deps.prepare?.()
    this.#producer = this.#deps.openProducer(this)
    this.#deps.state.cancelled.addEventListener('abort', () => void this.#producer?.close(0))
  }

  begin(task: SourceTask): void {
    this.#task = task
    this.#keepsRecords = task.commitRecord !== undefined || this.#deps.operator.isUnlimited
    this.#scheduleCommit()
  }

  ready(): null {
    return null
  }

  send(sendable: ProducerRecord, record: SourceRecord): Promise<void> | null {
    const producer = this.#producer!
    const submitted = this.#submitted.submit(
      record.sourcePartition,
      record.sourceOffset,
      this.#keepsRecords ? record : null,
    )
    return producer.send(sendable, submitted) ? null : producer.ready()
  }

  get takesRuns(): boolean {
    return !this.#keepsRecords
  }

  async sendRun(sendable: ProducerRun, run: TextRun): Promise<void> {
    const producer = this.#producer!
    for (let next = 0; next < run.length && !this.#deps.state.isCancelled;) {
      const from = next
      const submitted = this.#submitted.submit(run.sourcePartition, null, null)
      next = producer.sendRun(sendable, from, submitted)
      this.#submitted.extend(submitted, next - from, run.sourceOffset(next - 1))
      if (!producer.hasRoom) await producer.ready()
    }
  }

  dropped(record: SourceRecord): null {
    commitRecord(this.#task, record, null, this.#teller)
    return null
  }

  /** Its offset goes on, and the task hears of it, when the dead letter is there. */
  skipped(record: SourceRecord, safe: Promise<Error | null>): void {
    this.#passWhenSafe(this.#submitted.submit(record.sourcePartition, record.sourceOffset, record), safe)
  }

  batchDone(): null {
    return null
  }

  acknowledged(contexts: readonly unknown[], run: AckedRun): void {
    const records = contexts as readonly Submitted[]
    this.#passed(records)
    this.#deps.activeTopics?.add(run.topic)
    if (this.#task?.commitRecord === undefined) return
    for (const [i, { record }] of records.entries()) {
      commitRecord(this.#task, record, metadataOf(run, i, record), this.#teller)
    }
  }

  failed(contexts: readonly unknown[], error: Error): void {
    const { operator, state } = this.#deps
    if (state.isCancelled) return
    if (!operator.isUnlimited) {
      this.#deps.failed('Unrecoverable exception from producer send callback', error)
      return
    }
    const className = 'org.apache.kafka.connect.runtime.WorkerSourceTask'
    for (const submitted of contexts as readonly Submitted[]) {
      const record = submitted.record!
      const safe = operator.report({ stage: 'KAFKA_PRODUCE', className, record, error })
      this.#passWhenSafe(submitted, safe)
    }
  }

  async finish(): Promise<void> {
    const { state, flushTimeoutMs, log } = this.#deps
    void this.#producer?.flush()
    // What the producer gave up never comes; Kafka Connect waits for it all the same.
    await within(flushTimeoutMs, Promise.race([this.#submitted.whenAcknowledged(), aborted(state.cancelled)]))
    if (this.#submitted.unacked > 0) {
      log.warn(
        `${this.#name} ${this.#submitted.unacked} records were not acknowledged; they will be sent again after a restart.`,
      )
    }
    this.#stopTimer()
    await this.#commit()
  }

  async close(): Promise<void> {
    this.#stopTimer()
    await this.#producer?.close(0)
  }

  get #teller() {
    return { log: this.#deps.log, name: this.#name }
  }

  #passWhenSafe(submitted: Submitted, safe: Promise<Error | null> | null): void {
    if (safe === null) {
      this.#passed([submitted])
      commitRecord(this.#task, submitted.record, null, this.#teller)
      return
    }
    void safe.then((lost) => {
      if (lost === null) this.#passWhenSafe(submitted, null)
      else if (!this.#deps.state.isCancelled) {
        this.#deps.failed(lostLetter(submitted.queue.partition, submitted.offset), lost)
      }
    })
  }

  /** The records need no more care: offsets may go on behind them. */
  #passed(records: readonly Submitted[]): void {
    this.#ackedSinceCommit += records.length
    const committable = this.#submitted.acknowledge(records)
    if (committable.size > 0) this.#store(committable)
  }

  #store(committable: ReadonlyMap<OffsetMap | null, OffsetMap | null>): void {
    this.#deps.offsets.put(committable)
    for (const latest of committable) this.#latest = latest
    this.#deps.report.position = this.#position
  }

  readonly #position = (): string | null => positionText(this.#latest)

  /** The next commit is due an interval after the previous one has ended. */
  #scheduleCommit(): void {
    const timer = setTimeout(() => {
      void this.#commit().finally(() => {
        if (this.#commitTimer === timer) this.#scheduleCommit()
      })
    }, this.#deps.flushIntervalMs).unref()
    this.#commitTimer = timer
  }

  #stopTimer(): void {
    clearTimeout(this.#commitTimer)
    this.#commitTimer = undefined
  }

  async #commit(): Promise<void> {
    const { log, offsets, flushTimeoutMs, state } = this.#deps
    const acked = this.#ackedSinceCommit
    this.#ackedSinceCommit = 0
    const inOffsets = log.inContext(`[${this.#deps.id.connector}|task-${this.#deps.id.task}|offsets] `)
    if (acked > 0) inOffsets.info(`${this.#name} Committing offsets for ${acked} acknowledged messages`)
    try {
      if (!(await within(flushTimeoutMs, offsets.flush()))) {
        throw new RetriableError(
          `Offsets were not on disk within ${flushTimeoutMs} ms (offset.flush.timeout.ms).`,
        )
      }
    } catch (error) {
      this.#ackedSinceCommit += acked
      inOffsets.error(`${this.#name} Failed to commit offsets. They are kept and will be tried again.`, error)
      return
    }
    if (!state.isCancelled) await commitTask(this.#task, { log: inOffsets, name: this.#name })
  }
}
