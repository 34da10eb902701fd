import { toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { aborted, within } from '../util/within.ts'
import { inScope } from './plugin-scope.ts'
import { RunState } from './run-state.ts'
import type { StatusListener } from './status.ts'
import { type TaskId, taskText } from './task-id.ts'

/** Builds and runs a task until it is stopped or fails. What it throws fails the task. */
export type TaskBody = (state: RunState, onStatus: StatusListener) => Promise<void>

export interface RunningTaskOptions {
  readonly isPaused: boolean
  readonly onStatus: StatusListener
  readonly log: Logger
}

/** How long a task that failed outside of its own calls has to end before it is left behind. */
const failedEndMs = 5000

/** One run of a task, from its start to its stop or failure. */
export class RunningTask {
  readonly id: TaskId
  /** What failed the task, or null when it was asked to stop and did. Never rejects. */
  readonly outcome: Promise<Error | null>
  readonly #state: RunState
  readonly #onStatus: StatusListener
  readonly #log: Logger
  #hasFailed = false

  constructor(id: TaskId, body: TaskBody, { isPaused, onStatus, log }: RunningTaskOptions) {
    this.id = id
    this.#log = log.named('org.apache.kafka.connect.runtime.WorkerTask')
    this.#onStatus = onStatus
    this.#state = new RunState(isPaused)
    const scope = { owner: `task ${taskText(id)}`, fail: (error: Error) => this.#failOutside(error) }
    this.outcome = inScope(scope, () => this.#run(body))
  }

  pause(): void {
    this.#state.setPaused(true)
  }

  resume(): void {
    this.#state.setPaused(false)
  }

  /** Asks the task to end; `ended` tells whether it did. */
  stop(): void {
    this.#state.stop()
  }

  /** Waits for the end; a task that has not ended by `deadline` (performance.now) is cancelled and left behind. */
  async ended(deadline: number): Promise<void> {
    if (await within(deadline - performance.now(), this.outcome)) return
    this.#log.error(
      `Graceful stop of task ${taskText(this.id)} failed. It is left behind; what it does from now on does not count.`,
    )
    this.#state.cancel()
    this.#onStatusUnlessFailed('UNASSIGNED')
  }

  async #run(body: TaskBody): Promise<Error | null> {
    const onStatus: StatusListener = (state, error) => {
      if (!this.#state.isCancelled) this.#onStatusUnlessFailed(state, error)
    }
    let thrown: Error | null = null
    try {
      // What has been cancelled may never end.
      await Promise.race([body(this.#state, onStatus), aborted(this.#state.cancelled)])
    } catch (error) {
      thrown = toError(error)
    }
    const failure = this.#state.failure
    if (failure !== null) return failure
    if (thrown === null || this.#state.isStopping) {
      if (thrown !== null)
        this.#log.error(`Task ${taskText(this.id)} threw an exception during its stop.`, thrown)
      onStatus('UNASSIGNED')
      return null
    }
    onStatus('FAILED', thrown)
    return thrown
  }

  /** The status is told at once: a plugin that is broken may not come to an end. */
  #failOutside(error: Error): void {
    if (this.#state.isStopping) {
      this.#log.warn(`Task ${taskText(this.id)} threw an exception after it was asked to stop.`, error)
      return
    }
    this.#onStatus('FAILED', error)
    this.#hasFailed = true
    this.#state.fail(error)
    setTimeout(() => this.#state.cancel(), failedEndMs).unref()
  }

  #onStatusUnlessFailed(state: Parameters<StatusListener>[0], error?: Error): void {
    if (!this.#hasFailed) this.#onStatus(state, error)
  }
}
