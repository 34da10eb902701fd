import type { SinkRecord } from '../api/record.ts'
import type { SinkTask, SinkTaskContext, TopicPartition, TopicPartitionOffset } from '../api/sink.ts'
import { ConnectError, IllegalWorkerStateError, RetriableError, toError } from '../errors.ts'
import type { Consumer, ConsumerRecord, RebalanceListener } from '../kafka/client.ts'
import { type BackoffSettings, jitteredBackoff } from '../util/backoff.ts'
import type { Logger } from '../util/logger.ts'
import type { SinkErrors } from './errors/sink-errors.ts'
import { PluginCall } from './plugin-calls.ts'
import type { RunState } from './run-state.ts'
import type { SinkPipeline } from './sink-pipeline.ts'
import type { StatusListener } from './status.ts'
import { type TaskId, taskText } from './task-id.ts'
import type { TaskReport } from './task-report.ts'

export interface SinkTaskDeps {
  readonly id: TaskId
  readonly log: Logger
  readonly state: RunState
  readonly onStatus: StatusListener
  readonly topics: readonly string[] | RegExp
  /** Gets the topics that records came from; null: nobody asks. */
  readonly activeTopics: Set<string> | null
  readonly report: TaskReport
  readonly startTask: (context: SinkTaskContext) => Promise<SinkTask>
  readonly openConsumer: () => Consumer
  readonly pipeline: SinkPipeline
  /** Opened and closed by the runner. */
  readonly errors: SinkErrors
  readonly configs: SinkTaskContext['configs']
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
  /** How soon a batch comes again that the task refused with RetriableError; null: when Kafka Connect would offer it. */
  readonly redelivery: BackoffSettings | null
}

/** What is known of one assigned partition. */
interface Position extends TopicPartition {
  /** Delivered to the task: the offset behind the last record of the last batch it took. */
  current: number
  /** Consumed: handed to the task, taken or not. */
  consumed: number
  committed: number
  isAssigned: boolean
}

/**
 * Runs one sink task: polls its consumer, converts, delivers, commits what the task says may be committed, and
 * hands partitions over when the group rebalances (Connect's WorkerSinkTask).
 */
export class SinkTaskRunner implements RebalanceListener {
  readonly #deps: SinkTaskDeps
  readonly #name: string
  readonly #call: PluginCall
  readonly #positions = new Map<string, Position>()
  readonly #pausedByTask = new Map<string, TopicPartition>()
  #rewinds = new Map<string, TopicPartitionOffset>()
  #task: SinkTask | null = null
  #consumer!: Consumer
  /** Converted and not yet taken by the task. */
  #batch: SinkRecord[] = []
  #isRedelivering = false
  /** How often the task has refused the batch. */
  #refusals = 0
  #isPaused = false
  #timeoutMs = -1
  #rebalanceError: Error | null = null
  #isCommitRequested = false
  #nextCommit: number
  /** Numbers the commits, so that a late answer is known for one. */
  #commitNumber = 0
  #commitStarted: number | null = null
  #latest: Position | null = null

  constructor(deps: SinkTaskDeps) {
    this.#deps = deps
    this.#name = `WorkerSinkTask{id=${taskText(deps.id)}}`
    this.#call = new PluginCall(`task ${taskText(deps.id)}`)
    this.#nextCommit = performance.now() + deps.flushIntervalMs
  }

  /** Runs until stopped or failed. Rejects with what failed the task. */
  async run(): Promise<void> {
    const { state, onStatus, log } = this.#deps
    if (state.isPaused) onStatus('PAUSED')
    await state.untilActive()
    if (state.isStopping) return
    let failure: Error | null = null
    this.#consumer = this.#deps.openConsumer()
    state.onChange = () => this.#consumer.wakeup()
    state.cancelled.addEventListener('abort', () => void this.#consumer.close(0))
    try {
      await this.#deps.errors.open()
      this.#consumer.subscribe(this.#deps.topics, this)
      this.#task = await this.#deps.startTask(this.#context())
      log.info(`${this.#name} Sink task finished initialization and start`)
      onStatus('RUNNING')
      while (!state.isStopping) await this.#iterate(this.#task)
    } catch (error) {
      failure = toError(error)
    }
    state.onChange = null
    await this.#finish(failure)
    this.#call.close()
    if (failure !== null) throw failure
  }

  async assigned(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return
    await this.#rebalance(async () => {
      for (const partition of partitions) {
        const offset = await this.#consumer.position(partition)
        const { topic, partition: number } = partition
        const position = {
          topic,
          partition: number,
          current: offset,
          consumed: offset,
          committed: offset,
          isAssigned: true,
        }
        this.#positions.set(keyOf(partition), position)
      }
      this.#latest = null
      const inTask = new Set(partitions.map(keyOf))
      for (const [key, paused] of this.#pausedByTask) {
        if (inTask.has(key)) this.#consumer.pause([paused])
        else if (this.#positions.get(key)?.isAssigned !== true) this.#pausedByTask.delete(key)
      }
      if (this.#isRedelivering || this.#isPaused) this.#consumer.pause(this.#consumer.assignment())
      await this.#task?.open?.(partitions)
      this.#applyRewinds()
    })
  }

  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0 || this.#deps.state.isStopping) return
    await this.#rebalance(async () => {
      await this.#commit(this.#positionsOf(partitions), true)
      this.#forget(partitions)
    })
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return
    await this.#rebalance(async () => {
      try {
        await this.#task?.close?.(partitions)
      } finally {
        this.#forget(partitions)
      }
    })
  }

  async #iterate(task: SinkTask): Promise<void> {
    const now = performance.now()
    const { flushIntervalMs, flushTimeoutMs, log, state } = this.#deps
    if (this.#commitStarted === null && (this.#isCommitRequested || now >= this.#nextCommit)) {
      this.#isCommitRequested = false
      this.#nextCommit = now + flushIntervalMs
      await this.#commit(
        [...this.#positions.values()].filter(({ isAssigned }) => isAssigned),
        false,
      )
    }
    if (this.#commitStarted !== null && now >= this.#commitStarted + flushTimeoutMs) {
      log.warn(`${this.#name} Commit of offsets timed out`)
      this.#commitStarted = null
    }
    this.#applyRewinds()
    if (state.isStopping) return
    const records = await this.#consumer.poll(this.#pollTimeout())
    if (this.#rebalanceError !== null) throw this.#rebalanceError
    this.#followPauses()
    if (records.length > 0) await this.#convert(records)
    await this.#deliver(task)
  }

  #pollTimeout(): number {
    const untilCommit = Math.max(0, this.#nextCommit - performance.now())
    const asked = this.#timeoutMs
    this.#timeoutMs = -1
    if (asked > 0) return Math.min(untilCommit, asked)
    const { redelivery } = this.#deps
    // Kafka Connect offers a refused batch again at the next commit only, up to a minute later.
    if (this.#refusals > 0 && redelivery !== null)
      return Math.min(untilCommit, jitteredBackoff(this.#refusals, redelivery))
    return untilCommit
  }

  /** Follows a pause or resume asked for over REST. */
  #followPauses(): void {
    const { state, onStatus, log } = this.#deps
    if (state.isPaused === this.#isPaused) return
    this.#isPaused = state.isPaused
    if (this.#isPaused) {
      this.#consumer.pause(this.#consumer.assignment())
      onStatus('PAUSED')
      log.info(`${this.#name} Sink task paused`)
      this.#isCommitRequested = true
    } else {
      if (!this.#isRedelivering) this.#resumeAll()
      onStatus('RUNNING')
    }
  }

  async #convert(records: readonly ConsumerRecord[]): Promise<void> {
    const { activeTopics } = this.#deps
    let topic = ''
    for (const record of records) {
      if (record.topic !== topic) activeTopics?.add((topic = record.topic))
      const converted = this.#deps.pipeline.process(record)
      const done = converted instanceof Promise ? await converted : converted
      this.#positionOf(record).consumed = record.offset + 1
      if (done !== null) this.#batch.push(done)
    }
  }

  /** Records come in runs of one partition: the last one found is mostly the next one asked for. */
  #positionOf(record: ConsumerRecord): Position {
    const latest = this.#latest
    if (latest !== null && latest.partition === record.partition && latest.topic === record.topic)
      return latest
    const key = keyOf(record)
    let position = this.#positions.get(key)
    if (position === undefined) {
      const { topic, partition, offset } = record
      position = { topic, partition, current: offset, consumed: offset, committed: offset, isAssigned: true }
      this.#positions.set(key, position)
    }
    this.#latest = position
    return position
  }

  async #deliver(task: SinkTask): Promise<void> {
    const { state, log } = this.#deps
    this.#call.begin('put()')
    try {
      const taken = task.put(this.#batch.length === 0 ? none : [...this.#batch], state.cancelled)
      if (taken !== undefined) await taken
      this.#deps.errors.throwIfExceeded()
    } catch (error) {
      if (!(error instanceof RetriableError)) {
        throw new ConnectError('Exiting WorkerSinkTask due to unrecoverable exception.', { cause: error })
      }
      log.error(`${this.#name} RetriableException from SinkTask:`, error)
      this.#refusals++
      if (!this.#isRedelivering) {
        this.#isRedelivering = true
        this.#consumer.pause(this.#consumer.assignment())
      }
      return
    } finally {
      this.#call.end()
    }
    if (this.#batch.length > 0) this.#deps.report.position = this.#position
    for (const position of this.#positions.values()) position.current = position.consumed
    this.#batch = []
    const room = this.#deps.errors.room()
    if (room !== null) await room
    if (this.#isRedelivering) {
      this.#isRedelivering = false
      this.#refusals = 0
      if (!this.#isPaused) this.#resumeAll()
    }
  }

  readonly #position = (): string =>
    [...this.#positions].map(([key, { current }]) => `${key}@${current}`).join(', ')

  #resumeAll(): void {
    this.#consumer.resume(
      this.#consumer.assignment().filter((partition) => !this.#pausedByTask.has(keyOf(partition))),
    )
  }

  /** Commits what the task lets through. `isClosing`: the partitions are given away, or the task ends. */
  async #commit(positions: readonly Position[], isClosing: boolean): Promise<void> {
    if (positions.length === 0 || this.#task === null) return
    const number = ++this.#commitNumber
    const started = performance.now()
    const { safe, lost } = await this.#withSafeReports(positions)
    if (lost !== null && !isClosing) throw lost
    let offsets: readonly TopicPartitionOffset[] = []
    try {
      if (lost === null && safe.length > 0) offsets = await this.#preCommit(safe)
    } catch (error) {
      this.#preCommitFailed(safe, isClosing, toError(error))
    } finally {
      if (isClosing) await this.#task.close?.(positions.map(({ topic, partition }) => ({ topic, partition })))
    }
    if (lost !== null) throw lost
    const committable = this.#committable(offsets, safe)
    if (committable.length === 0 || this.#deps.state.isCancelled) return
    if (isClosing) {
      await this.#commitNow(committable, number)
      return
    }
    this.#commitStarted = started
    void this.#commitNow(committable, number)
  }

  /**
   * Waits for what was reported of these partitions. Kafka Connect waits only for what the task itself reported, and
   * then without limit; here a partition whose dead letters are not written yet is left out of this commit.
   */
  async #withSafeReports(
    positions: readonly Position[],
  ): Promise<{ readonly safe: readonly Position[]; readonly lost: ConnectError | null }> {
    const { errors, flushTimeoutMs, log } = this.#deps
    if (positions.some((position) => errors.isPending(position)))
      await errors.settled(positions, flushTimeoutMs)
    const cause = errors.lost(positions)
    const lost =
      cause === null
        ? null
        : new ConnectError('A record that the task reported could not be written as a dead letter.', {
            cause,
          })
    const safe = positions.filter((position) => !errors.isPending(position))
    if (safe.length < positions.length) {
      log.warn(
        `${this.#name} Dead letters of ${positions.length - safe.length} partitions were not written within ` +
          `${flushTimeoutMs} ms (offset.flush.timeout.ms). Their offsets are not committed yet.`,
      )
    }
    return { safe, lost }
  }

  async #preCommit(positions: readonly Position[]): Promise<readonly TopicPartitionOffset[]> {
    const offsets = positions.map(({ topic, partition, current }) => ({ topic, partition, offset: current }))
    if (this.#task?.preCommit !== undefined) return this.#task.preCommit(offsets)
    await this.#task?.flush?.(offsets)
    return offsets
  }

  #preCommitFailed(positions: readonly Position[], isClosing: boolean, error: Error): void {
    const { log } = this.#deps
    if (isClosing) {
      log.warn(`${this.#name} Offset commit failed during close`, error)
      return
    }
    log.error(`${this.#name} Offset commit failed, rewinding to last committed offsets`, error)
    for (const position of positions) {
      log.debug(`${this.#name} Rewinding topic partition ${keyOf(position)} to offset ${position.committed}`)
      this.#consumer.seek(position, position.committed)
      position.current = position.consumed = position.committed
    }
  }

  /** Only what was delivered, is assigned and moves on. */
  #committable(
    offsets: readonly TopicPartitionOffset[],
    positions: readonly Position[],
  ): TopicPartitionOffset[] {
    const known = new Map(positions.map((position) => [keyOf(position), position]))
    return offsets.filter((asked) => {
      const position = known.get(keyOf(asked))
      if (position === undefined) {
        this.#deps.log.warn(
          `${this.#name} Ignoring invalid task provided offset ${keyOf(asked)}/${asked.offset} -- partition not assigned`,
        )
        return false
      }
      if (asked.offset > position.consumed) {
        this.#deps.log.warn(
          `${this.#name} Ignoring invalid task provided offset ${keyOf(asked)}/${asked.offset} -- not yet consumed, taskOffset=${asked.offset} currentOffset=${position.consumed}`,
        )
        return false
      }
      return asked.offset !== position.committed && position.isAssigned
    })
  }

  async #commitNow(offsets: readonly TopicPartitionOffset[], number: number): Promise<void> {
    try {
      await this.#consumer.commit(offsets)
      for (const { topic, partition, offset } of offsets) {
        const position = this.#positions.get(`${topic}-${partition}`)
        if (position !== undefined && number === this.#commitNumber) position.committed = offset
      }
    } catch (error) {
      this.#deps.log.error(
        `${this.#name} Commit of offsets threw an unexpected exception for sequence number ${number}`,
        error,
      )
    } finally {
      if (number === this.#commitNumber) this.#commitStarted = null
    }
  }

  #applyRewinds(): void {
    if (this.#rewinds.size === 0) return
    for (const [key, rewind] of this.#rewinds) {
      const position = this.#positions.get(key)
      if (position === undefined) continue
      this.#consumer.seek(rewind, rewind.offset)
      position.current = position.consumed = position.committed = rewind.offset
    }
    this.#rewinds = new Map()
  }

  async #rebalance(change: () => Promise<void>): Promise<void> {
    try {
      await change()
    } catch (error) {
      this.#rebalanceError ??= toError(error)
    }
  }

  #positionsOf(partitions: readonly TopicPartition[]): Position[] {
    return partitions
      .map((partition) => this.#positions.get(keyOf(partition)))
      .filter((found) => found !== undefined)
  }

  #forget(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions.map(keyOf))
    for (const key of gone) {
      this.#positions.delete(key)
      this.#pausedByTask.delete(key)
    }
    this.#deps.errors.forget(partitions)
    this.#latest = null
    this.#batch = this.#batch.filter(({ topic, partition }) => !gone.has(`${topic}-${partition}`))
  }

  async #finish(failure: Error | null): Promise<void> {
    const { state, log } = this.#deps
    try {
      if (!state.isCancelled) await this.#commit([...this.#positions.values()], true)
    } catch (error) {
      if (failure === null) log.error(`${this.#name} Could not close its partitions`, error)
    }
    try {
      await this.#task?.stop?.()
    } catch (error) {
      log.warn(`${this.#name} Could not stop the task`, error)
    }
    await this.#consumer.close(state.isCancelled ? 0 : this.#deps.flushTimeoutMs)
    try {
      await this.#deps.errors.close()
    } catch (error) {
      log.warn(`${this.#name} Could not close the reporters of errors`, error)
    }
  }

  #context(): SinkTaskContext {
    const { id, log, configs } = this.#deps
    const checkAssigned = (partitions: readonly TopicPartition[], what: 'pause' | 'resume') => {
      if (partitions.every((partition) => this.#positions.has(keyOf(partition)))) return
      throw new IllegalWorkerStateError(
        `SinkTasks may not ${what} partitions that are not currently assigned to them.`,
      )
    }
    return {
      connector: id.connector,
      task: id.task,
      log,
      configs,
      offset: (offsets) => {
        for (const offset of offsets) this.#rewinds.set(keyOf(offset), offset)
      },
      timeout: (ms) => {
        this.#timeoutMs = ms
      },
      assignment: () => this.#consumer.assignment(),
      pause: (partitions) => {
        checkAssigned(partitions, 'pause')
        for (const partition of partitions) this.#pausedByTask.set(keyOf(partition), partition)
        if (!this.#isPaused) this.#consumer.pause(partitions)
      },
      resume: (partitions) => {
        checkAssigned(partitions, 'resume')
        for (const partition of partitions) this.#pausedByTask.delete(keyOf(partition))
        if (!this.#isPaused && !this.#isRedelivering) this.#consumer.resume(partitions)
      },
      requestCommit: () => {
        this.#isCommitRequested = true
        this.#consumer.wakeup()
      },
      errantRecordReporter: () => this.#deps.errors.errantRecordReporter,
    }
  }
}

const none: readonly SinkRecord[] = Object.freeze([])

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
