import { toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { within } from '../util/within.ts'
import { RunState } from './run-state.ts'
import { type Status, StatusHolder, type StatusListener } from './status.ts'
import { type TaskId, taskText } from './task-id.ts'

/** Builds and runs a task until it is stopped or fails. What it throws fails the task. */
export type TaskBody = (state: RunState, onStatus: StatusListener) => Promise<void>

/** A task from its start to its stop, replacement or deletion; a failed one stays with its trace. */
export class RunningTask {
  readonly id: TaskId
  readonly #state: RunState
  readonly #status = new StatusHolder()
  readonly #log: Logger
  readonly #done: Promise<void>

  constructor(id: TaskId, body: TaskBody, { isPaused, log }: { isPaused: boolean; log: Logger }) {
    this.id = id
    this.#log = log
    this.#state = new RunState(isPaused)
    this.#done = this.#run(body)
  }

  get status(): Status {
    return this.#status.current
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
    if (await within(deadline - performance.now(), this.#done)) return
    this.#log.error(`Graceful stop of task ${taskText(this.id)} failed.`)
    this.#state.cancel()
  }

  async #run(body: TaskBody): Promise<void> {
    const onStatus: StatusListener = (state, error) => {
      if (!this.#state.isCancelled) this.#status.listener(state, error)
    }
    try {
      await body(this.#state, onStatus)
      onStatus('UNASSIGNED')
    } catch (thrown) {
      const error = toError(thrown)
      if (this.#state.isStopping) {
        this.#log.error(`Task ${taskText(this.id)} threw an exception during its stop.`, error)
        onStatus('UNASSIGNED')
        return
      }
      this.#log.error(
        `Task ${taskText(this.id)} threw an uncaught and unrecoverable exception. ` +
          'Task is being killed and will not recover until manually restarted',
        error,
      )
      onStatus('FAILED', error)
    }
  }
}
