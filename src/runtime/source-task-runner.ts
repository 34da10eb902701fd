import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OffsetMap, SourceRecord } from '../api/record.ts'
import type { SourceTask } from '../api/source.ts'
import { ConnectError, isRetriable, RetriableError } from '../errors.ts'
import type { AckedRun, Producer, ProducerListener, ProducerRecord } from '../kafka/client.ts'
import type { Logger } from '../util/logger.ts'
import { aborted, pause, within } from '../util/within.ts'
import type { RetryWithToleranceOperator } from './errors/retry-with-tolerance-operator.ts'
import type { RunState } from './run-state.ts'
import { offsetJson } from './offsets/offset-json.ts'
import { PluginCall } from './plugin-calls.ts'
import { checkTimestamp, type SourcePipeline } from './source-pipeline.ts'
import type { StatusListener } from './status.ts'
import { type Submitted, SubmittedRecords } from './submitted-records.ts'
import { type TaskId, taskText } from './task-id.ts'
import type { TaskReport } from './task-report.ts'
import type { TopicCreator } from './topic-creation.ts'

/** Where acknowledged offsets go. */
export interface OffsetStore {
  /** Written at once, durable soon after. Throws nothing: what fails is tried again with the next. */
  put(offsets: ReadonlyMap<OffsetMap | null, OffsetMap | null>): void
  /** Resolves when everything put so far is durable. */
  flush(): Promise<void>
}

export interface SourceTaskDeps {
  readonly id: TaskId
  readonly log: Logger
  readonly state: RunState
  readonly onStatus: StatusListener
  /** Opens the task; called once the runner runs. */
  readonly startTask: () => Promise<SourceTask>
  readonly openProducer: (listener: ProducerListener) => Producer
  readonly pipeline: SourcePipeline
  /** Its reporters are opened and closed by the runner. */
  readonly operator: RetryWithToleranceOperator<SourceRecord>
  readonly topicCreator: TopicCreator | null
  readonly offsets: OffsetStore
  /** Gets the topics that records were written to; null: nobody asks. */
  readonly activeTopics: Set<string> | null
  readonly report: TaskReport
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
}

/** A pause before the same thing is tried again. */
const retryMs = 100
/** How long records may be handled before timers and sockets get their turn. */
const sliceMs = 10

/**
 * Runs one source task: polls it, sends its records, keeps track of what was acknowledged and stores the
 * offsets that may be committed (Connect's WorkerSourceTask).
 */
export class SourceTaskRunner implements ProducerListener {
  readonly #deps: SourceTaskDeps
  readonly #submitted = new SubmittedRecords()
  readonly #name: string
  readonly #call: PluginCall
  #task: SourceTask | null = null
  #producer: Producer | null = null
  /** The first record, or dead letter, that could not be sent; ends the task. */
  #sendError: ConnectError | null = null
  /** The record that has just become a dead letter. */
  #deadLetter: SourceRecord | null = null
  /** Aborted by a stop and by a failed send: whatever waits for new records need not wait on. */
  readonly #pollSignal = new AbortController()
  #ackedSinceCommit = 0
  /** The last offset that may be committed, with its partition. */
  #latest: readonly [OffsetMap | null, OffsetMap | null] | null = null
  #commitTimer: NodeJS.Timeout | undefined
  #sliceStart = performance.now()

  constructor(deps: SourceTaskDeps) {
    this.#deps = deps
    this.#name = `WorkerSourceTask{id=${taskText(deps.id)}}`
    this.#call = new PluginCall(`task ${taskText(deps.id)}`)
  }

  /** Runs until stopped or failed. Rejects with what failed the task. */
  async run(): Promise<void> {
    try {
      await this.#run()
    } finally {
      this.#call.close()
    }
  }

  async #run(): Promise<void> {
    const { state, onStatus, log } = this.#deps
    if (state.isPaused) onStatus('PAUSED')
    await state.untilActive()
    if (state.isStopping) return
    const onStop = () => this.#pollSignal.abort()
    state.stopping.addEventListener('abort', onStop)
    state.cancelled.addEventListener('abort', () => void this.#producer?.close(0))
    try {
      this.#deps.operator.onSkipped = this.#deadLettered
      await this.#deps.operator.reporters.open()
      this.#producer = this.#deps.openProducer(this)
      this.#task = await this.#deps.startTask()
      log.info(`${this.#name} Source task finished initialization and start`)
      onStatus('RUNNING')
      this.#scheduleCommit()
      await this.#loop(this.#task)
    } finally {
      state.stopping.removeEventListener('abort', onStop)
      clearTimeout(this.#commitTimer)
      this.#commitTimer = undefined
      await this.#finish()
    }
  }

  acknowledged(contexts: readonly unknown[], run: AckedRun): void {
    const records = contexts as readonly Submitted[]
    this.#passed(records)
    this.#deps.activeTopics?.add(run.topic)
    if (this.#task?.commitRecord === undefined) return
    for (const [i, { record }] of records.entries()) {
      const offset = run.baseOffset < 0 ? -1 : run.baseOffset + i
      const timestamp = run.logAppendTime >= 0 ? run.logAppendTime : (record?.timestamp ?? null)
      this.#commitRecord(record, { topic: run.topic, partition: run.partition, offset, timestamp })
    }
  }

  failed(contexts: readonly unknown[], error: Error): void {
    const { operator, state } = this.#deps
    if (state.isCancelled) return
    if (!operator.isUnlimited) {
      this.#fail('Unrecoverable exception from producer send callback', error)
      return
    }
    const className = 'org.apache.kafka.connect.runtime.WorkerSourceTask'
    for (const submitted of contexts as readonly Submitted[]) {
      const record = submitted.record!
      const safe = operator.report({ stage: 'KAFKA_PRODUCE', className, record, error })
      this.#passWhenSafe(submitted, safe)
    }
  }

  /** Its offset goes on, and the task hears of it, when the dead letter is there. */
  readonly #deadLettered = (record: SourceRecord, safe: Promise<Error | null>): void => {
    this.#deadLetter = record
    this.#passWhenSafe(this.#submitted.submit(record.sourcePartition, record.sourceOffset, record), safe)
  }

  #passWhenSafe(submitted: Submitted, safe: Promise<Error | null> | null): void {
    if (safe === null) {
      this.#passed([submitted])
      this.#commitRecord(submitted.record, null)
      return
    }
    void safe.then((lost) => {
      if (lost === null) this.#passWhenSafe(submitted, null)
      else if (!this.#deps.state.isCancelled) this.#fail(this.#lostLetter(submitted), lost)
    })
  }

  #lostLetter({ queue, offset }: Submitted): string {
    const place = `${offsetJson(queue.partition)} at ${offsetJson(offset)}`
    return `The record of ${place} failed, and its dead letter could not be written. It will be read again.`
  }

  #fail(what: string, cause: Error): void {
    this.#sendError ??= new ConnectError(what, { cause })
    this.#pollSignal.abort()
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

  readonly #position = (): string | null => {
    const [partition, offset] = this.#latest ?? [null, null]
    return `${offsetJson(partition)} at ${offsetJson(offset)}`
  }

  async #loop(task: SourceTask): Promise<void> {
    const { state, onStatus } = this.#deps
    while (!state.isStopping) {
      if (state.isPaused) {
        onStatus('PAUSED')
        await state.untilActive()
        if (!state.isStopping) onStatus('RUNNING')
        continue
      }
      this.#throwSendError()
      const records = await this.#poll(task)
      if (records === null || records.length === 0) {
        // A task that returns at once and has nothing must not keep everything else from running.
        await nextTurn()
        continue
      }
      await this.#send(records)
      await this.#giveWay()
    }
  }

  async #poll(task: SourceTask): Promise<readonly SourceRecord[] | null> {
    this.#call.begin('poll()')
    try {
      return await task.poll(this.#pollSignal.signal)
    } catch (error) {
      if (!isRetriable(error)) throw error
      this.#deps.log.warn(
        `${this.#name} failed to poll records from SourceTask. Will retry operation.`,
        error,
      )
      await pause(retryMs, this.#deps.state.stopping)
      return null
    } finally {
      this.#call.end()
    }
  }

  async #send(records: readonly SourceRecord[]): Promise<void> {
    const { pipeline, topicCreator, state, operator } = this.#deps
    const producer = this.#producer!
    const keepsRecords = this.#task?.commitRecord !== undefined || operator.isUnlimited
    // What the producer gave up may have filled the dead letter queue.
    const room = operator.reporters.room()
    if (room !== null) await room
    for (const record of records) {
      let sendable = pipeline.process(record)
      if (sendable instanceof Promise) sendable = await sendable
      if (sendable === null) {
        if (record === this.#deadLetter) this.#deadLetter = null
        else this.#commitRecord(record, null)
        continue
      }
      checkTimestamp(sendable)
      this.#throwSendError()
      if (topicCreator !== null && !topicCreator.isKnown(sendable.topic)) {
        if (!(await this.#createTopic(sendable, topicCreator))) return
      }
      const submitted = this.#submitted.submit(
        record.sourcePartition,
        record.sourceOffset,
        keepsRecords ? record : null,
      )
      if (!producer.send(sendable, submitted)) await producer.ready()
      if (state.isCancelled) return
    }
  }

  /** False when the task is asked to stop before the topic is there. */
  async #createTopic({ topic }: ProducerRecord, creator: TopicCreator): Promise<boolean> {
    for (;;) {
      try {
        await creator.ensure(topic)
        return true
      } catch (error) {
        if (!isRetriable(error)) throw error
        this.#deps.log.warn(`${this.#name} could not check or create topic ${topic}. Will retry.`, error)
        await pause(retryMs, this.#deps.state.stopping)
        if (this.#deps.state.isStopping) return false
      }
    }
  }

  /** Records that are ready one after the other would never let acknowledgements in. */
  async #giveWay(): Promise<void> {
    if (performance.now() - this.#sliceStart < sliceMs) return
    await nextTurn()
    this.#sliceStart = performance.now()
  }

  #throwSendError(): void {
    if (this.#sendError !== null) throw this.#sendError
  }

  /** The next commit is due an interval after the previous one has ended. */
  #scheduleCommit(): void {
    const timer = setTimeout(() => {
      void this.#commit().finally(() => {
        if (this.#commitTimer === timer) this.#scheduleCommit()
      })
    }, this.#deps.flushIntervalMs).unref()
    this.#commitTimer = timer
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
    if (state.isCancelled) return
    try {
      await this.#task?.commit?.()
    } catch (error) {
      inOffsets.error(`${this.#name} Exception thrown while calling task.commit()`, error)
    }
  }

  /** The last commit, after a stop and after a failure alike, then everything is closed. */
  async #finish(): Promise<void> {
    const { state, flushTimeoutMs, log } = this.#deps
    if (!state.isCancelled && this.#producer !== null && this.#task !== null) {
      void this.#producer.flush()
      // What the producer gave up never comes; Kafka Connect waits for it all the same.
      await within(
        flushTimeoutMs,
        Promise.race([this.#submitted.whenAcknowledged(), aborted(state.cancelled)]),
      )
      if (this.#submitted.unacked > 0) {
        log.warn(
          `${this.#name} ${this.#submitted.unacked} records were not acknowledged; they will be sent again after a restart.`,
        )
      }
      await this.#commit()
    }
    try {
      await this.#task?.stop?.()
    } catch (error) {
      log.warn(`${this.#name} Could not stop the task`, error)
    }
    await this.#producer?.close(0)
    await this.#deps.topicCreator?.close()
    await this.#closeReporters()
  }

  async #closeReporters(): Promise<void> {
    try {
      await this.#deps.operator.reporters.close()
    } catch (error) {
      this.#deps.log.warn(`${this.#name} Could not close the reporters of errors`, error)
    }
  }

  #commitRecord(
    record: SourceRecord | null,
    metadata: Parameters<NonNullable<SourceTask['commitRecord']>>[1],
  ): void {
    if (record === null || this.#task?.commitRecord === undefined) return
    try {
      this.#task.commitRecord(record, metadata)
    } catch (error) {
      this.#deps.log.error(`${this.#name} Exception thrown while calling task.commitRecord()`, error)
    }
  }
}
