import type { Props } from '../api/plugin.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { SourceConnector } from '../api/source.ts'
import { AlreadyExistsError, ConnectError, NotFoundError, toError } from '../errors.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { ConnectorInfo, ConnectorStatus, Herder, TaskInfo } from '../rest/herder.ts'
import type { Logger } from '../util/logger.ts'
import { deferred } from '../util/deferred.ts'
import { SerialQueue } from '../util/serial-queue.ts'
import { type ConnectorSettings, readConnectorSettings } from './connector-settings.ts'
import type { RunningTask } from './running-task.ts'
import type { TargetState } from './status.ts'
import type { Offsets, Worker } from './worker.ts'
import { WorkerConnector } from './worker-connector.ts'

export interface HerderDeps {
  readonly worker: Worker
  readonly plugins: PluginRegistry
  readonly offsets: Offsets
  /** Resolves `${provider:path:key}`. */
  readonly resolve: (props: Props) => Props
  readonly workerProps: Props
  readonly shutdownTimeoutMs: number
  readonly workerId: string
  readonly version: string
  readonly commit: string
  readonly clusterId: string | null
  readonly log: Logger
}

interface Managed {
  /** As given, variables unresolved. */
  readonly config: Props
  readonly plugin: SourceConnector | SinkConnector
  readonly settings: ConnectorSettings
  readonly instance: WorkerConnector
  target: TargetState
  tasks: readonly RunningTask[]
  /** Raw, as REST shows them. */
  taskConfigs: readonly Props[]
  /** What the tasks were started with, to know whether they have to be replaced. */
  applied: string
}

/** Keeps the connectors of this process and their tasks (Connect's StandaloneHerder). One operation at a time. */
export class StandaloneHerder implements Herder {
  readonly workerId: string
  readonly version: string
  readonly commit: string
  readonly clusterId: string | null
  readonly #deps: HerderDeps
  readonly #connectors = new Map<string, Managed>()
  readonly #queue = new SerialQueue()
  readonly #ready = deferred()
  #isReady = false

  constructor(deps: HerderDeps) {
    this.#deps = deps
    this.workerId = deps.workerId
    this.version = deps.version
    this.commit = deps.commit
    this.clusterId = deps.clusterId
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** To be called when all connectors of the command line were created. */
  setReady(): void {
    this.#isReady = true
    this.#ready.resolve()
  }

  async whenIdle(): Promise<void> {
    await this.#ready.promise
    await this.#queue.run(async () => {})
  }

  connectors(): readonly string[] {
    return [...this.#connectors.keys()]
  }

  connector(name: string): ConnectorInfo | null {
    const found = this.#connectors.get(name)
    if (found === undefined) return null
    return { name, config: found.config, tasks: found.tasks.map(({ id }) => id), type: found.plugin.kind }
  }

  connectorStatus(name: string): ConnectorStatus | null {
    const found = this.#connectors.get(name)
    if (found === undefined) return null
    return {
      type: found.plugin.kind,
      version: found.plugin.version ?? this.version,
      connector: found.instance.status,
      tasks: found.tasks.map((task) => ({ id: task.id.task, ...task.status })),
    }
  }

  taskInfos(name: string): readonly TaskInfo[] | null {
    const found = this.#connectors.get(name)
    if (found === undefined) return null
    return found.tasks.map(({ id }, i) => ({ id, config: found.taskConfigs[i]! }))
  }

  /**
   * Creates a connector and starts it, unless it is to begin paused or stopped. Throws ConfigError for bad
   * settings (nothing is kept), AlreadyExistsError, or what failed its start (it is kept as FAILED).
   */
  async createConnector(
    name: string,
    config: Props,
    target: TargetState = 'STARTED',
  ): Promise<ConnectorInfo> {
    return this.#queue.run(async () => {
      const resolved = this.#deps.resolve(config)
      const { plugin, settings } = await readConnectorSettings(resolved, this.#deps)
      if (this.#connectors.has(name)) throw new AlreadyExistsError(`Connector ${name} already exists`)
      const log = this.#deps.log.inContext(`[${name}|worker] `)
      log.info(`Creating connector ${name} of type ${plugin.name}`)
      if (settings.common['errors.retry.timeout'] !== 0) {
        log.warn(
          'errors.retry.timeout has no effect in this version of tsconnect: a failed operation is not tried again.',
        )
      }
      const managed: Managed = {
        config,
        plugin,
        settings,
        instance: this.#instance(name, plugin, settings, resolved, log),
        target,
        tasks: [],
        taskConfigs: [],
        applied: '',
      }
      this.#connectors.set(name, managed)
      try {
        this.#deps.worker.checkStart(plugin.kind, resolved)
      } catch (error) {
        // Kafka Connect keeps such a connector, too, and shows it as failed.
        managed.instance.fail(toError(error))
        throw error
      }
      await managed.instance.transitionTo(target)
      await this.#updateTasks(name, managed)
      log.info(`Finished creating connector ${name}`)
      return this.connector(name)!
    })
  }

  async deleteConnector(name: string): Promise<void> {
    await this.#queue.run(async () => {
      const managed = this.#connectors.get(name)
      if (managed === undefined) throw new NotFoundError(`Connector ${name} not found`)
      await this.#stopTasks(managed)
      await managed.instance.shutdown()
      this.#connectors.delete(name)
    })
  }

  /** Stops every connector and its tasks. */
  async stop(): Promise<void> {
    await this.#queue.run(async () => {
      const all = [...this.#connectors.values()]
      await Promise.all(all.map((managed) => this.#stopTasks(managed)))
      await Promise.all(all.map((managed) => managed.instance.shutdown()))
    })
  }

  #instance(
    name: string,
    plugin: SourceConnector | SinkConnector,
    settings: ConnectorSettings,
    props: Props,
    log: Logger,
  ): WorkerConnector {
    const context = {
      name,
      log: log.named(plugin.name),
      offsetReader: this.#deps.offsets.reader(name),
      requestTaskReconfiguration: () => void this.#reconfigure(name),
      raiseError: (error: Error) => instance.fail(error),
    }
    const instance = new WorkerConnector(
      name,
      {
        start: async () => (plugin.start === undefined ? {} : plugin.start(settings.own, context)),
        taskConfigs: async (maxTasks) => {
          if (plugin.taskConfigs !== undefined) return plugin.taskConfigs(settings.own, maxTasks, props)
          return Array.from({ length: plugin.kind === 'sink' ? maxTasks : 1 }, () => props)
        },
      },
      log,
    )
    return instance
  }

  async #reconfigure(name: string): Promise<void> {
    await this.#queue.run(async () => {
      const managed = this.#connectors.get(name)
      if (managed === undefined) return
      try {
        await this.#updateTasks(name, managed)
      } catch (error) {
        managed.instance.fail(toError(error))
      }
    })
  }

  /** Generates the tasks' settings and restarts the tasks if anything changed. */
  async #updateTasks(name: string, managed: Managed): Promise<void> {
    const { log, worker, resolve } = this.#deps
    if (!managed.instance.isRunning) {
      log.info(`Skipping update of tasks for connector ${name} since it is not running`)
      return
    }
    const props = resolve(managed.config)
    const generated = await this.#taskConfigs(name, managed)
    const applied = JSON.stringify([generated, props])
    if (applied === managed.applied) return
    await this.#stopTasks(managed)
    managed.applied = applied
    managed.taskConfigs = generated.map((config) => rawAgain(config, managed))
    managed.tasks = generated.map((task, i) =>
      worker.startTask({
        id: { connector: name, task: i },
        plugin: managed.plugin,
        connector: props,
        common: managed.settings.common,
        task,
        isPaused: false,
      }),
    )
  }

  async #taskConfigs(name: string, managed: Managed): Promise<readonly Props[]> {
    const { 'tasks.max': max, 'tasks.max.enforce': isEnforced } = managed.settings.common
    const generated = await managed.instance.taskConfigs(max)
    if (generated.length > max) {
      const message =
        `The connector ${name} has generated ${generated.length} tasks, which is greater than ${max}, ` +
        'the maximum number of tasks it is configured to create. '
      if (isEnforced) {
        const error = new ConnectError(
          `${message}This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`,
        )
        managed.instance.fail(error)
        throw error
      }
      this.#deps.log.warn(message)
    }
    const { plugin, config } = managed
    const shared: Record<string, string | null> = { 'task.class': taskClass(plugin) }
    for (const key of ['topics', 'topics.regex']) if (config[key] !== undefined) shared[key] = config[key]
    return generated.map((task) => ({ ...task, ...shared }))
  }

  async #stopTasks(managed: Managed): Promise<void> {
    const deadline = performance.now() + this.#deps.shutdownTimeoutMs
    for (const task of managed.tasks) task.stop()
    for (const task of managed.tasks) await task.ended(deadline)
    managed.tasks = []
    managed.applied = ''
  }
}

/** Settings whose raw text holds a variable go back to that text, so that no secret is kept or shown. */
function rawAgain(task: Props, { config }: Managed): Props {
  return Object.fromEntries(
    Object.entries(task).map(([key, value]) => {
      const raw = config[key]
      return [key, typeof raw === 'string' && /\$\{[^}]*\}/.test(raw) ? raw : value]
    }),
  )
}

/** Kafka's task classes are named after their connectors: `FileStreamSourceTask`. */
function taskClass({ name }: { readonly name: string }): string {
  return name.endsWith('Connector') ? `${name.slice(0, -'Connector'.length)}Task` : `${name}Task`
}
