import { restartBackoff, type RestartSettings } from '../config/restart-config.ts'
import type { TaskHealth } from '../rest/herder.ts'
import { jitteredBackoff } from '../util/backoff.ts'
import type { Logger } from '../util/logger.ts'
import { redact } from '../util/secrets.ts'
import { heals } from './errors/transient.ts'
import { javaClassName } from './java-trace.ts'
import { outsideScopes } from './plugin-scope.ts'
import { RunningTask, type TaskBody } from './running-task.ts'
import { type Status, StatusHolder } from './status.ts'
import { type TaskId, taskText } from './task-id.ts'
import { TaskReport } from './task-report.ts'

export interface SupervisedTaskDeps {
  readonly body: (report: TaskReport) => TaskBody
  /** Which failures heal; read anew at each one. */
  readonly settings: () => RestartSettings
  readonly log: Logger
}

/** After so many restarts at one position a person should look at it. */
const alarmAfter = 10

/**
 * A task over all its runs: it keeps the status that REST shows, and starts the task again, after a pause,
 * when it failed for a reason that is expected to pass.
 */
export class SupervisedTask {
  readonly id: TaskId
  readonly #deps: SupervisedTaskDeps
  readonly #status = new StatusHolder()
  readonly #report = new TaskReport()
  #running: RunningTask | null = null
  #runs = 0
  #isPaused: boolean
  #timer: NodeJS.Timeout | null = null
  #nextRestart: number | null = null
  #restarts = 0
  #lastError: TaskHealth['lastError'] = null
  /** The failures in a row without progress: their number, their start and where the task stood. */
  #streak: { failures: number; readonly since: number; readonly position: string | null } | null = null

  constructor(id: TaskId, isPaused: boolean, deps: SupervisedTaskDeps) {
    this.id = id
    this.#isPaused = isPaused
    this.#deps = deps
  }

  get status(): Status {
    return this.#status.current
  }

  get health(): TaskHealth {
    const position = this.#report.position()
    const isFailing = this.#streak !== null && this.#streak.position === position
    return {
      id: this.id.task,
      state: this.status.state,
      lastError: this.#lastError,
      failingSince: isFailing ? this.#streak!.since : null,
      restarts: this.#restarts,
      nextRestart: this.#nextRestart,
      position,
      errors: this.#report.errors(),
    }
  }

  /** Starts a run; whatever ran before has ended or was left behind. */
  start(): void {
    this.#cancelRestart()
    const number = ++this.#runs
    const run = outsideScopes(
      () =>
        new RunningTask(this.id, this.#deps.body(this.#report), {
          isPaused: this.#isPaused,
          onStatus: (state, error) => {
            if (number === this.#runs) this.#status.listener(state, error)
          },
          log: this.#deps.log,
        }),
    )
    this.#running = run
    void run.outcome.then((failure) => {
      if (failure !== null && this.#running === run) this.#failed(failure)
    })
  }

  pause(): void {
    this.#isPaused = true
    this.#running?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#running?.resume()
  }

  /** Asks the task to end; `ended` waits for it. A restart that was due is off. */
  stop(): void {
    this.#cancelRestart()
    this.#running?.stop()
  }

  async ended(deadline: number): Promise<void> {
    const running = this.#running
    await running?.ended(deadline)
    if (this.#running === running) this.#running = null
  }

  /** Shows a state that no run has: the task is about to be started again. */
  show(state: 'RESTARTING' | 'UNASSIGNED'): void {
    this.#status.listener(state)
  }

  #failed(error: Error): void {
    const { settings, log } = this.#deps
    this.#lastError = { message: redact(messagesOf(error)), class: javaClassName(error), at: Date.now() }
    const position = this.#report.position()
    if (this.#streak === null || this.#streak.position !== position) {
      this.#streak = { failures: 0, since: this.#lastError.at, position }
    }
    const tries = ++this.#streak.failures
    const restart = settings()
    if (!heals(restart, error)) {
      log.error(
        `Task ${taskText(this.id)} threw an uncaught and unrecoverable exception. ` +
          'Task is being killed and will not recover until manually restarted',
        error,
      )
      return
    }
    const delayMs = jitteredBackoff(tries, restartBackoff(restart))
    // Without numbers the further ones are the same, and are counted instead of being written.
    const what =
      tries === 1
        ? `failed and is started again in ${Math.round(delayMs)} ms.`
        : 'failed again without having got on, and is started again.'
    log.warn(`Task ${taskText(this.id)} ${what}`, error)
    if (tries === alarmAfter + 1) {
      log.error(
        `Task ${taskText(this.id)} was started ${alarmAfter} times without getting on from ${position ?? 'its start'}. ` +
          'It will be tried on, but somebody should look at it.',
      )
    }
    this.#nextRestart = Date.now() + Math.round(delayMs)
    this.#timer = outsideScopes(() =>
      setTimeout(() => {
        this.#restarts++
        this.start()
      }, delayMs),
    )
  }

  #cancelRestart(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#nextRestart = null
  }
}

/** An error's message and those of its causes: the first often says only where, the last one why. */
function messagesOf(error: Error): string {
  const messages: string[] = []
  const seen = new Set<unknown>()
  for (let at: unknown = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at)
    const { message } = at
    if (!messages.some((earlier) => earlier.includes(message))) messages.push(message)
  }
  return messages.join(': ')
}
