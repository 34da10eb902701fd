import { until } from '../support/until.ts'
import type { FaultyWorker } from './worker.ts'

export interface TaskState {
  readonly state: string
  readonly trace?: string
}

/** Asks a worker over its REST API. */
export class Rest {
  readonly #worker: FaultyWorker

  constructor(worker: FaultyWorker) {
    this.#worker = worker
  }

  /** Task 0 of a connector; its states are few enough to be compared. */
  async task(connector: string): Promise<TaskState | undefined> {
    const { tasks } = await this.#get<{ tasks: TaskState[] }>(`/connectors/${connector}/status`)
    return tasks[0]
  }

  /** Waits until task 0 of a connector is in this state. */
  async untilTask(connector: string, state: string, timeoutMs = 30_000): Promise<TaskState> {
    return until(
      async () => {
        this.#worker.checkAlive()
        const task = await this.task(connector)
        return task?.state === state && task
      },
      {
        what: () => `${connector} to be ${state}; the worker says\n${this.#worker.log.slice(-1500)}`,
        timeoutMs,
      },
    )
  }

  /** How often the worker has started task 0 again by itself. */
  async restarts(connector: string): Promise<number> {
    const { tasks } = await this.#get<{ tasks: { restarts: number }[] }>(`/connectors/${connector}/health`)
    return tasks[0]?.restarts ?? 0
  }

  async restartTask(connector: string): Promise<void> {
    const answer = await fetch(this.#url(`/connectors/${connector}/tasks/0/restart`), { method: 'POST' })
    if (!answer.ok) throw new Error(`The restart of ${connector} was answered with ${answer.status}.`)
  }

  async #get<T>(path: string): Promise<T> {
    const answer = await fetch(this.#url(path))
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }

  #url(path: string): string {
    const address = [...this.#worker.log.matchAll(/REST API listens on (\S+)/g)].at(-1)?.[1]
    if (address === undefined) throw new Error('The worker has no REST API yet.')
    return `${address}${path}`
  }
}
