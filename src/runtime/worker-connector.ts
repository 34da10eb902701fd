import type { MaybePromise, Props } from '../api/plugin.ts'
import type { RunningConnector } from '../api/source.ts'
import { ConnectError, toError } from '../errors.ts'
import { deferred, type Deferred } from '../util/deferred.ts'
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

/** Something that lasts, for the message of a request that waited for it in vain. */
export interface Stage {
  readonly what: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

interface Transition extends Deferred<void> {
  readonly target: TargetState
}

/**
 * One connector instance and its states (Connect's WorkerConnector): one transition at a time, a newer request
 * takes the place of one that has not begun, failure is final except for a stop. A plugin that never returns
 * holds up its own connector only, and that until `shutdown`.
 */
export class WorkerConnector {
  readonly #name: string
  readonly #body: ConnectorBody
  readonly #log: Logger
  readonly #status = new StatusHolder()
  /** Rejects when the instance is left behind, so that nobody waits for it any more. */
  readonly #abandoned = deferred<never>()
  #pending: Transition | null = null
  #working: Promise<void> | null = null
  #asking: Promise<unknown> | null = null
  #idle: Promise<boolean> | null = null
  #stage: Stage | null = null
  #running: RunningConnector | null = null
  #hasFailed = false
  #isShutdown = false
  #isAbandoned = false

  constructor(name: string, body: ConnectorBody, log: Logger) {
    this.#name = name
    this.#body = body
    this.#log = log
    this.#abandoned.promise.catch(() => {})
  }

  get status(): Status {
    return this.#status.current
  }

  get isRunning(): boolean {
    return this.#running !== null && !this.#hasFailed && !this.#isShutdown
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** What the plugin has been asked to do and has not done yet. */
  get stage(): Stage | null {
    return this.#stage
  }

  get isShutdown(): boolean {
    return this.#isShutdown
  }

  /** Throws ConnectError when the state cannot be reached; the status says why. */
  async transitionTo(target: TargetState): Promise<void> {
    if (this.#isShutdown) throw this.#preempted(target, 'as the connector has been scheduled for shutdown')
    this.#replacePending(
      `before another request to change state was made; the new request (which is to change the state to ${target}) has pre-empted this one`,
    )
    const transition = { target, ...deferred() }
    this.#pending = transition
    this.#working ??= this.#work()
    return Promise.race([transition.promise, this.#abandoned.promise])
  }

  async taskConfigs(maxTasks: number): Promise<readonly Props[]> {
    const asked = async () =>
      this.#running?.taskConfigs === undefined
        ? this.#body.taskConfigs(maxTasks)
        : this.#running.taskConfigs(maxTasks)
    const answer = this.#during('generating the configurations of the tasks of', asked)
    this.#asking = answer
    return Promise.race([answer, this.#abandoned.promise])
  }

  /** Fails the connector; its tasks go on. */
  fail(error: Error): void {
    this.#hasFailed = true
    this.#log.error(`WorkerConnector{id=${this.#name}} Connector failed`, error)
    this.#status.listener('FAILED', error)
  }

  /** Shows a state that the instance itself does not have: it is about to be replaced. */
  show(state: 'RESTARTING'): void {
    this.#status.listener(state)
  }

  /** From now on nothing new begins; what is under way has five seconds to come back. */
  scheduleShutdown(): void {
    if (this.#isShutdown) return
    this.#isShutdown = true
    this.#replacePending('as the connector has been scheduled for shutdown')
    this.#idle = this.#orAbandon(Promise.allSettled([this.#working, this.#asking]))
  }

  /** Never throws; a stop that fails shows in the status, one that lasts too long leaves the instance behind. */
  async shutdown(): Promise<void> {
    this.scheduleShutdown()
    try {
      if (await this.#idle) await this.#orAbandon(this.#stopRunning())
      this.#status.listener('UNASSIGNED')
    } catch (thrown) {
      const error = toError(thrown)
      this.#log.error(`WorkerConnector{id=${this.#name}} Error while shutting down connector`, error)
      this.#status.listener('FAILED', error)
    }
  }

  async #work(): Promise<void> {
    for (let next = this.#pending; next !== null; next = this.#pending) {
      this.#pending = null
      try {
        await this.#change(next.target)
        next.resolve()
      } catch (error) {
        next.reject(toError(error))
      }
    }
    this.#working = null
  }

  async #change(target: TargetState): Promise<void> {
    if (this.#hasFailed && target !== 'STOPPED') {
      throw new ConnectError(
        `WorkerConnector{id=${this.#name}} Cannot transition connector to ${target} since it has failed`,
      )
    }
    if (target === 'STARTED') {
      if (this.#running === null) await this.#start()
      this.#show('RUNNING')
      return
    }
    try {
      await this.#stopRunning()
    } catch (error) {
      if (target === 'PAUSED') {
        this.fail(toError(error))
        throw this.#cannotReach(target, error)
      }
      this.#log.warn(`WorkerConnector{id=${this.#name}} Could not stop cleanly`, error)
    }
    this.#hasFailed = false
    this.#show(target)
  }

  async #start(): Promise<void> {
    try {
      const running = await this.#during('starting', async () => this.#body.start())
      // It came too late: nobody will ask it to stop.
      if (this.#isAbandoned) await running.stop?.()
      else this.#running = running
    } catch (error) {
      if (!this.#isAbandoned) this.fail(toError(error))
      throw this.#cannotReach('STARTED', error)
    }
  }

  async #stopRunning(): Promise<void> {
    const running = this.#running
    this.#running = null
    // Kafka Connect does not ask a failed connector to stop.
    if (!this.#hasFailed) await this.#during('stopping', async () => running?.stop?.())
  }

  async #during<T>(what: string, call: () => Promise<T>): Promise<T> {
    const stage = { what: `${what} connector ${this.#name}`, since: Date.now() }
    this.#stage = stage
    try {
      return await call()
    } finally {
      if (this.#stage === stage) this.#stage = null
    }
  }

  #show(state: 'RUNNING' | 'PAUSED' | 'STOPPED'): void {
    if (!this.#isShutdown) this.#status.listener(state)
  }

  async #orAbandon(call: Promise<unknown>): Promise<boolean> {
    if (await within(stopTimeoutMs, call)) return true
    call.catch(() => {})
    this.#isAbandoned = true
    this.#log.error(
      `WorkerConnector{id=${this.#name}} did not come back within ${stopTimeoutMs} ms and is left behind; ` +
        'what it does from now on does not count.',
    )
    this.#abandoned.reject(
      new ConnectError(`The connector ${this.#name} did not answer and has been left behind.`),
    )
    return false
  }

  #replacePending(why: string): void {
    const pending = this.#pending
    this.#pending = null
    pending?.reject(this.#preempted(pending.target, why))
  }

  #preempted(target: TargetState, why: string): ConnectError {
    return new ConnectError(`Could not begin changing connector state to ${target} ${why}`)
  }

  #cannotReach(target: TargetState, cause: unknown): ConnectError {
    return new ConnectError(`Failed to transition connector ${this.#name} to state ${target}`, { cause })
  }
}
