import type { Props } from '../api/plugin.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { OffsetReader, SourceConnector } from '../api/source.ts'
import { type RestartSettings, restartConfig } from '../config/restart-config.ts'
import { ConfigError, ConnectError, NotFoundError, toError } from '../errors.ts'
import type {
  ConnectorHealth,
  ConnectorInfo,
  ConnectorStatus,
  RestartRequest,
  TaskInfo,
} from '../rest/herder.ts'
import type { Logger } from '../util/logger.ts'
import { deferred } from '../util/deferred.ts'
import { SerialQueue } from '../util/serial-queue.ts'
import type { ConnectorSettings } from './connector-settings.ts'
import { inScope, outsideScopes } from './plugin-scope.ts'
import type { TargetState } from './status.ts'
import { SupervisedTask } from './supervised-task.ts'
import type { Worker } from './worker.ts'
import { completeTaskConfigs, rawAgain } from './task-configs.ts'
import { type Stage, WorkerConnector } from './worker-connector.ts'

/** A connector's settings, read and found good. */
export interface CheckedConfig {
  /** As given, variables unresolved. */
  readonly raw: Props
  readonly plugin: SourceConnector | SinkConnector
  readonly settings: ConnectorSettings
  /** After so many ms a value from a config provider has to be read again; null: they stay good. */
  readonly ttlMs: number | null
}

export interface ManagedConnectorDeps {
  readonly worker: Worker
  readonly offsetReader: (name: string, props: Props) => OffsetReader
  readonly resolve: (props: Props) => Props
  /** Reads the settings once more: a value from a config provider has expired. */
  readonly recheck: (raw: Props) => Promise<CheckedConfig>
  readonly shutdownTimeoutMs: number
  readonly defaultVersion: string
  readonly log: Logger
}

/**
 * A connector as the herder keeps it: its settings, what it is meant to do, the instance that does it and its
 * tasks. Operations on it run one after the other; none holds up another connector.
 */
export class ManagedConnector {
  readonly name: string
  readonly #deps: ManagedConnectorDeps
  readonly #log: Logger
  readonly #queue = new SerialQueue()
  #config: CheckedConfig
  #instance: WorkerConnector
  #target: TargetState
  #tasks: readonly SupervisedTask[] = []
  /** The tasks' settings, variables unresolved, as REST shows them. */
  #taskConfigs: readonly Props[] = []
  /** What the tasks were made from, to know whether they have to be replaced. */
  #applied: string | null = null
  #expiry: NodeJS.Timeout | null = null

  constructor(name: string, config: CheckedConfig, target: TargetState, deps: ManagedConnectorDeps) {
    this.name = name
    this.#deps = deps
    this.#log = deps.log.inContext(`[${name}|worker] `)
    this.#config = config
    this.#target = target
    this.#instance = this.#newInstance()
  }

  get config(): Props {
    return this.#config.raw
  }

  get plugin(): SourceConnector | SinkConnector {
    return this.#config.plugin
  }

  get info(): ConnectorInfo {
    return {
      name: this.name,
      config: this.#config.raw,
      tasks: this.#tasks.map(({ id }) => id),
      type: this.plugin.kind,
    }
  }

  get status(): ConnectorStatus {
    return {
      type: this.plugin.kind,
      version: this.plugin.version ?? this.#deps.defaultVersion,
      connector: this.#instance.status,
      tasks: this.#tasks.map((task) => ({ id: task.id.task, ...task.status })),
    }
  }

  get health(): ConnectorHealth {
    return { state: this.#instance.status.state, tasks: this.#tasks.map(({ health }) => health) }
  }

  get taskInfos(): readonly TaskInfo[] {
    return this.#tasks.map(({ id }, i) => ({ id, config: this.#taskConfigs[i]! }))
  }

  get stage(): Stage | null {
    return this.#instance.stage
  }

  /** Whether it was asked to stop and all its tasks are gone. */
  get isStopped(): boolean {
    return this.#target === 'STOPPED' && this.#tasks.length === 0
  }

  /** Brings a new connector to its target state and makes its tasks. */
  start(): Promise<void> {
    return this.#queue.run(() => this.#startInstance())
  }

  /** Takes new settings: another instance starts, tasks are replaced where something changed for them. */
  replace(config: CheckedConfig): Promise<void> {
    return this.#afterShutdown(async () => {
      this.#config = config
      this.#instance = this.#newInstance()
      await this.#startInstance()
    })
  }

  /** Stops the instance and starts a new one; tasks only where their settings changed. */
  restart(): Promise<void> {
    return this.#afterShutdown(async () => {
      this.#instance = this.#newInstance()
      await this.#startInstance()
    })
  }

  /** Stops what the request chooses, and starts it again; the answer is the plan. */
  async restartChosen({ includeTasks, onlyFailed }: RestartRequest): Promise<ConnectorStatus> {
    const isChosen = ({ state }: { readonly state: string }) => !onlyFailed || state === 'FAILED'
    const before = this.status
    const withConnector = isChosen(before.connector)
    const tasks = includeTasks ? this.#tasks.filter(({ status }) => isChosen(status)) : []
    const chosen = new Set(tasks.map(({ id }) => id.task))
    const restarting = { state: 'RESTARTING', trace: null }
    const plan: ConnectorStatus = {
      ...before,
      connector: withConnector ? restarting : before.connector,
      tasks: before.tasks.map((task) => (chosen.has(task.id) ? { ...task, ...restarting } : task)),
    }
    const stopped = deferred()
    const work = async () => {
      await stopTasks(tasks, this.#deps.shutdownTimeoutMs)
      for (const task of tasks) task.show('RESTARTING')
      if (withConnector) {
        this.#instance = this.#newInstance()
        this.#instance.show('RESTARTING')
      }
      stopped.resolve()
      for (const task of tasks) if (this.#tasks.includes(task)) task.start()
      if (withConnector) await this.#startInstance()
    }
    outsideScopes(() => (withConnector ? this.#afterShutdown(work) : this.#queue.run(work))).catch(
      (error: unknown) => this.#log.error(`Failed to restart connector ${this.name}`, error),
    )
    await stopped.promise
    return plan
  }

  restartTask(number: number): Promise<void> {
    return this.#queue.run(async () => {
      const task = this.#tasks[number]
      if (task === undefined) throw new NotFoundError(`Task ${this.name}-${number} not found`)
      await stopTasks([task], this.#deps.shutdownTimeoutMs)
      task.start()
    })
  }

  pause(): void {
    if (this.#target === 'PAUSED') return
    this.#target = 'PAUSED'
    for (const task of this.#tasks) task.pause()
    this.#inBackground('pause', () => this.#transition())
  }

  resume(): void {
    if (this.#target === 'STARTED') return
    this.#target = 'STARTED'
    for (const task of this.#tasks) task.resume()
    this.#inBackground('resume', () => this.#startInstance())
  }

  stop(): Promise<void> {
    this.#target = 'STOPPED'
    return this.#queue.run(async () => {
      if (this.#target !== 'STOPPED') return
      await this.#removeTasks()
      await this.#transition()
    })
  }

  /** Ends the instance and its tasks for good. */
  async shutdown(): Promise<void> {
    this.#instance.scheduleShutdown()
    await this.#queue.run(async () => {
      await this.#removeTasks()
      await this.#instance.shutdown()
      this.#forgetExpiry()
    })
  }

  /**
   * The old instance is told at once, outside of the queue: a plugin that does not come back would otherwise
   * hold up everything that is to replace it.
   */
  #afterShutdown(job: () => Promise<void>): Promise<void> {
    this.#instance.scheduleShutdown()
    return this.#queue.run(async () => {
      await this.#instance.shutdown()
      await job()
    })
  }

  async #startInstance(): Promise<void> {
    await this.#transition()
    await this.#updateTasks()
  }

  async #transition(): Promise<void> {
    try {
      this.#checkStart()
    } catch (error) {
      // Kafka Connect keeps such a connector, too, and shows it as failed.
      this.#instance.fail(toError(error))
      throw error
    }
    await this.#instance.transitionTo(this.#target)
    if (this.#target === 'STARTED') this.#watchExpiry()
  }

  #checkStart(): void {
    const { raw, plugin } = this.#config
    for (const [key, value] of Object.entries(raw)) {
      if (value === null)
        throw new ConfigError(`Non-string value found in original settings for key ${key}: null`, { key })
    }
    this.#deps.worker.checkStart(plugin.kind, this.#deps.resolve(raw))
  }

  #newInstance(): WorkerConnector {
    const { plugin, settings, raw } = this.#config
    const name = this.name
    const reject = (what: string) =>
      `The request ${what} has been rejected because this instance of the connector '${name}' has already been shut down.`
    const context = {
      name,
      log: this.#log.named(plugin.name),
      offsetReader: this.#deps.offsetReader(name, raw),
      requestTaskReconfiguration: () => {
        if (instance.isShutdown) throw new ConnectError(reject('for task reconfiguration'))
        this.#inBackground('reconfigure the tasks of', async () => {
          if (this.#instance === instance) await this.#updateTasks()
        })
      },
      raiseError: (error: Error) => {
        if (instance.isShutdown) throw new ConnectError(reject('to fail the connector'))
        instance.fail(error)
      },
    }
    const scope = { owner: `connector ${name}`, fail: (error: Error) => instance.fail(error) }
    const instance: WorkerConnector = new WorkerConnector(
      name,
      {
        start: async () =>
          plugin.start === undefined ? {} : inScope(scope, async () => plugin.start!(settings.own, context)),
        taskConfigs: async (maxTasks) => {
          const props = this.#deps.resolve(raw)
          if (plugin.taskConfigs !== undefined) return plugin.taskConfigs(settings.own, maxTasks, props)
          return Array.from({ length: plugin.kind === 'sink' ? maxTasks : 1 }, () => props)
        },
      },
      this.#log.named('org.apache.kafka.connect.runtime.WorkerConnector'),
    )
    return instance
  }

  /** Generates the tasks' settings and replaces the tasks if anything changed. */
  async #updateTasks(): Promise<void> {
    if (this.#target !== 'STARTED') {
      this.#log.info(
        `Skipping update of tasks for connector ${this.name} since its target state is ${this.#target}`,
      )
      return
    }
    if (!this.#instance.isRunning) {
      this.#log.info(`Skipping update of tasks for connector ${this.name} since it is not running`)
      return
    }
    const config = this.#config
    const resolved = this.#deps.resolve(config.raw)
    const generated = await this.#generateTaskConfigs()
    const applied = JSON.stringify([generated, resolved])
    if (applied === this.#applied) return
    await this.#removeTasks()
    if (this.#target !== 'STARTED') return
    this.#applied = applied
    this.#taskConfigs = generated.map((task) => rawAgain(task, config.raw))
    this.#tasks = this.#taskConfigs.map((task, i) => this.#newTask(i, task))
    for (const task of this.#tasks) task.start()
  }

  #newTask(number: number, taskConfig: Props): SupervisedTask {
    const { plugin } = this.#config
    const { worker, resolve } = this.#deps
    const id = { connector: this.name, task: number }
    const kind = plugin.kind === 'source' ? 'WorkerSourceTask' : 'WorkerSinkTask'
    const log = this.#deps.log
      .named(`org.apache.kafka.connect.runtime.${kind}`)
      .inContext(`[${this.name}|task-${number}] `)
    const settings = () => ({
      connector: resolve(this.#config.raw),
      common: this.#config.settings.common,
      task: resolve(taskConfig),
    })
    const instance = this.#instance
    const failConnector = (error: Error) => instance.fail(error)
    return new SupervisedTask(id, this.#target === 'PAUSED', {
      body: (report) => worker.taskBody({ id, plugin, settings, failConnector }, report, log),
      settings: () => restartSettings(this.#config.raw, resolve),
      log,
    })
  }

  async #generateTaskConfigs(): Promise<readonly Props[]> {
    const { plugin, raw, settings } = this.#config
    try {
      const generated = await this.#instance.taskConfigs(settings.common['tasks.max'])
      return completeTaskConfigs(this.name, generated, {
        plugin,
        raw,
        common: settings.common,
        log: this.#log,
      })
    } catch (error) {
      if (!this.#instance.isShutdown) this.#instance.fail(toError(error))
      throw error
    }
  }

  async #removeTasks(): Promise<void> {
    await stopTasks(this.#tasks, this.#deps.shutdownTimeoutMs)
    this.#tasks = []
    this.#taskConfigs = []
    this.#applied = null
  }

  /** Values from a config provider that expire are read again: the connector restarts with them (`config.action.reload`). */
  #watchExpiry(): void {
    this.#forgetExpiry()
    const { ttlMs, settings } = this.#config
    if (ttlMs === null || settings.common['config.action.reload'] === 'none') return
    this.#expiry = setTimeout(
      () =>
        this.#inBackground('reload the settings of', async () => {
          const config = await this.#deps.recheck(this.#config.raw)
          await this.#instance.shutdown()
          this.#config = config
          this.#instance = this.#newInstance()
          await this.#startInstance()
        }),
      Math.min(ttlMs, 0x7fffffff),
    )
  }

  #forgetExpiry(): void {
    if (this.#expiry !== null) clearTimeout(this.#expiry)
    this.#expiry = null
  }

  /** Nobody waits for these; what fails shows in the status and the log. */
  #inBackground(what: string, job: () => Promise<void>): void {
    outsideScopes(() => this.#queue.run(job)).catch((error: unknown) =>
      this.#log.error(`Failed to ${what} connector ${this.name}`, error),
    )
  }
}

/** All are asked first, then awaited within one budget. */
export async function stopTasks(tasks: readonly SupervisedTask[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (const task of tasks) task.stop()
  for (const task of tasks) await task.ended(deadline)
}

function restartSettings(raw: Props, resolve: (props: Props) => Props): RestartSettings {
  const own = Object.fromEntries(Object.entries(raw).filter(([key]) => key.startsWith('errors.restart.')))
  return restartConfig.parse(resolve(own))
}
