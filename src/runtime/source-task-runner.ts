import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SourceRecord } from '../api/record.ts'
import type { SourceTask } from '../api/source.ts'
import { TextRun } from '../api/text-run.ts'
import { ConnectError, isRetriable } from '../errors.ts'
import type { ProducerRun } from '../kafka/client.ts'
import type { Logger } from '../util/logger.ts'
import { pause } from '../util/within.ts'
import type { RetryWithToleranceOperator } from './errors/retry-with-tolerance-operator.ts'
import { PluginCall } from './plugin-calls.ts'
import type { RunState } from './run-state.ts'
import type { DeliveryFailed, SourceDelivery } from './source-delivery.ts'
import { checkTimestamp, type SourcePipeline } from './source-pipeline.ts'
import type { StatusListener } from './status.ts'
import { type TaskId, taskText } from './task-id.ts'
import type { TopicCreator } from './topic-creation.ts'

/** What runs a source task; the delivery decides how its records and offsets get to where they belong. */
export interface SourceTaskDeps {
  readonly id: TaskId
  readonly log: Logger
  readonly state: RunState
  readonly onStatus: StatusListener
  /** Opens the task; called once the runner runs. */
  readonly startTask: () => Promise<SourceTask>
  readonly openDelivery: (failed: DeliveryFailed) => SourceDelivery
  readonly pipeline: SourcePipeline
  /** Its reporters are opened and closed by the runner. */
  readonly operator: RetryWithToleranceOperator<SourceRecord>
  readonly topicCreator: TopicCreator | null
}

/** A pause before the same thing is tried again. */
const retryMs = 100
/** How long records may be handled before timers and sockets get their turn. */
const sliceMs = 10

/** Runs one source task: polls it and hands its records, transformed and converted, to their delivery. */
export class SourceTaskRunner {
  readonly #deps: SourceTaskDeps
  readonly #delivery: SourceDelivery
  readonly #name: string
  readonly #call: PluginCall
  #task: SourceTask | null = null
  /** The first record, or dead letter, that could not be delivered; ends the task. */
  #failure: ConnectError | null = null
  /** The record that has just become a dead letter. */
  #deadLetter: SourceRecord | null = null
  /** Aborted by a stop and by a failed delivery: whatever waits for new records need not wait on. */
  readonly #pollSignal = new AbortController()
  #sliceStart = performance.now()

  constructor(deps: SourceTaskDeps) {
    this.#deps = deps
    this.#name = `WorkerSourceTask{id=${taskText(deps.id)}}`
    this.#call = new PluginCall(`task ${taskText(deps.id)}`)
    this.#delivery = deps.openDelivery((what, cause) => {
      this.#failure ??= new ConnectError(what, { cause })
      this.#pollSignal.abort()
    })
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
    const { state, onStatus, log, operator } = this.#deps
    if (state.isPaused) onStatus('PAUSED')
    await state.untilActive()
    if (state.isStopping) return
    const onStop = () => this.#pollSignal.abort()
    state.stopping.addEventListener('abort', onStop)
    let hasFailed = true
    try {
      operator.onSkipped = (record, safe) => {
        this.#deadLetter = record
        this.#delivery.skipped(record, safe)
      }
      await operator.reporters.open()
      await this.#delivery.open()
      if (!state.isStopping) {
        this.#task = await this.#deps.startTask()
        log.info(`${this.#name} Source task finished initialization and start`)
        onStatus('RUNNING')
        this.#delivery.begin(this.#task)
        await this.#loop(this.#task)
      }
      hasFailed = this.#failure !== null || state.failure !== null
    } finally {
      state.stopping.removeEventListener('abort', onStop)
      await this.#finish(hasFailed)
    }
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
      this.#throwFailure()
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

  async #poll(task: SourceTask): Promise<readonly SourceRecord[] | TextRun | null> {
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

  async #send(records: readonly SourceRecord[] | TextRun): Promise<void> {
    const { pipeline, state, operator } = this.#deps
    const delivery = this.#delivery
    // What the producer gave up may have filled the dead letter queue.
    const room = operator.reporters.room()
    if (room !== null) await room
    const ready = delivery.ready()
    if (ready !== null) await ready
    const run = records instanceof TextRun && delivery.takesRuns ? pipeline.processRun(records) : null
    if (run === null) await this.#sendEach(records)
    else await this.#sendRun(run, records as TextRun)
    if (state.isCancelled) return
    const done = delivery.batchDone()
    if (done !== null) await done
  }

  async #sendRun(sendable: ProducerRun, run: TextRun): Promise<void> {
    checkTimestamp(sendable)
    this.#throwFailure()
    if (await this.#isTopicThere(sendable.topic)) await this.#delivery.sendRun(sendable, run)
  }

  async #sendEach(records: Iterable<SourceRecord>): Promise<void> {
    const { pipeline, topicCreator, state } = this.#deps
    const delivery = this.#delivery
    for (const record of records) {
      let sendable = pipeline.process(record)
      if (sendable instanceof Promise) sendable = await sendable
      let wait: Promise<void> | null = null
      if (sendable !== null) {
        checkTimestamp(sendable)
        this.#throwFailure()
        if (topicCreator !== null && !topicCreator.isKnown(sendable.topic)) {
          if (!(await this.#isTopicThere(sendable.topic))) return
        }
        wait = delivery.send(sendable, record)
      } else if (record === this.#deadLetter) this.#deadLetter = null
      else wait = delivery.dropped(record)
      if (wait !== null) await wait
      if (state.isCancelled) return
    }
  }

  /** Makes the topic where it is missing; false when the task is asked to stop before it is there. */
  async #isTopicThere(topic: string): Promise<boolean> {
    const { topicCreator } = this.#deps
    for (;;) {
      try {
        if (topicCreator?.isKnown(topic) === false) await topicCreator.ensure(topic)
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

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure
  }

  /** The last commit, after a stop and after a failure alike, then everything is closed. */
  async #finish(hasFailed: boolean): Promise<void> {
    const { state, log } = this.#deps
    try {
      if (!state.isCancelled && this.#task !== null) await this.#delivery.finish(hasFailed)
    } finally {
      try {
        await this.#task?.stop?.()
      } catch (error) {
        log.warn(`${this.#name} Could not stop the task`, error)
      }
      await this.#delivery.close()
      await this.#deps.topicCreator?.close()
      await this.#closeReporters()
    }
  }

  async #closeReporters(): Promise<void> {
    try {
      await this.#deps.operator.reporters.close()
    } catch (error) {
      this.#deps.log.warn(`${this.#name} Could not close the reporters of errors`, error)
    }
  }
}
