import type { MaybePromise, Props } from '../api/plugin.ts'
import type { RunningConnector } from '../api/source.ts'
import { ConnectError, toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { within } from '../util/within.ts'
import { type Status, StatusHolder, type TargetState } from './status.ts'

export interface ConnectorBody {
  /** Starts the connector; called again, with nothing kept, after a pause. */
  start(): MaybePromise<RunningConnector>
  /** The settings of the tasks, when the running connector does not make them. */
  taskConfigs(maxTasks: number): MaybePromise<readonly Props[]>
}

/** How long stopping a connector may take, as in Kafka Connect. */
const stopTimeoutMs = 5000

/** One connector instance and its states (Connect's WorkerConnector): failure is final except for a stop. */
export class WorkerConnector {
  readonly #name: string
  readonly #body: ConnectorBody
  readonly #log: Logger
  readonly #status = new StatusHolder()
  #running: RunningConnector | null = null
  #hasFailed = false

  constructor(name: string, body: ConnectorBody, log: Logger) {
    this.#name = name
    this.#body = body
    this.#log = log
  }

  get status(): Status {
    return this.#status.current
  }

  get isRunning(): boolean {
    return this.#running !== null && !this.#hasFailed
  }

  /** Throws ConnectError when the state cannot be reached; the status says why. */
  async transitionTo(target: TargetState): Promise<void> {
    if (this.#hasFailed && target !== 'STOPPED') {
      throw new ConnectError(
        `WorkerConnector{id=${this.#name}} Cannot transition connector to ${target} since it has failed`,
      )
    }
    if (target === 'STARTED') {
      if (this.#running === null) await this.#start()
      this.#status.listener('RUNNING')
      return
    }
    try {
      await this.#stopRunning()
    } catch (error) {
      if (target === 'PAUSED') {
        this.fail(toError(error))
        throw new ConnectError(`Failed to transition connector ${this.#name} to state ${target}`, {
          cause: error,
        })
      }
      this.#log.warn(`WorkerConnector{id=${this.#name}} Could not stop cleanly`, error)
    }
    this.#hasFailed = false
    this.#status.listener(target)
  }

  async taskConfigs(maxTasks: number): Promise<readonly Props[]> {
    return this.#running?.taskConfigs === undefined
      ? this.#body.taskConfigs(maxTasks)
      : this.#running.taskConfigs(maxTasks)
  }

  /** Fails the connector; its tasks go on. */
  fail(error: Error): void {
    this.#hasFailed = true
    this.#log.error(`WorkerConnector{id=${this.#name}} Connector failed`, error)
    this.#status.listener('FAILED', error)
  }

  /** Never throws; a stop that fails shows in the status. */
  async shutdown(): Promise<void> {
    try {
      if (!(await within(stopTimeoutMs, this.#stopRunning()))) {
        this.#log.error(
          `WorkerConnector{id=${this.#name}} did not stop within ${stopTimeoutMs} ms and is left behind.`,
        )
      }
      this.#status.listener('UNASSIGNED')
    } catch (thrown) {
      const error = toError(thrown)
      this.#log.error(`WorkerConnector{id=${this.#name}} Error while shutting down connector`, error)
      this.#status.listener('FAILED', error)
    }
  }

  async #start(): Promise<void> {
    try {
      this.#running = await this.#body.start()
    } catch (error) {
      this.fail(toError(error))
      throw new ConnectError(`Failed to transition connector ${this.#name} to state STARTED`, {
        cause: error,
      })
    }
  }

  async #stopRunning(): Promise<void> {
    const running = this.#running
    this.#running = null
    await running?.stop?.()
  }
}
