import type { Props } from '../api/plugin.ts'
import { AlreadyExistsError, BadRequestError, ConfigError, NotFoundError } from '../errors.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type {
  ConnectorHealth,
  ConnectorInfo,
  ConnectorStatus,
  Herder,
  OffsetEntry,
  RestartRequest,
  TaskInfo,
} from '../rest/herder.ts'
import { deferred } from '../util/deferred.ts'
import type { Logger } from '../util/logger.ts'
import type { ActiveTopics } from './active-topics.ts'
import type { ConnectorOffsets } from './connector-offsets.ts'
import { readConnectorSettings } from './connector-settings.ts'
import { type CheckedConfig, ManagedConnector } from './managed-connector.ts'
import type { TargetState } from './status.ts'
import type { Worker } from './worker.ts'

/** Settings with the variables `${provider:path:key}` resolved, and how long their values stay good (null: for ever). */
export interface Resolved {
  readonly props: Props
  readonly ttlMs: number | null
}

export interface HerderDeps {
  readonly worker: Worker
  readonly plugins: PluginRegistry
  readonly connectorOffsets: ConnectorOffsets
  readonly topics: ActiveTopics
  readonly resolve: (props: Props) => Resolved
  readonly workerProps: Props
  readonly shutdownTimeoutMs: number
  readonly workerId: string
  readonly version: string
  readonly commit: string
  readonly clusterId: string | null
  readonly log: Logger
}

/** Keeps the connectors of this process (Connect's StandaloneHerder); what happens to each is its own business. */
export class StandaloneHerder implements Herder {
  readonly workerId: string
  readonly version: string
  readonly commit: string
  readonly clusterId: string | null
  readonly #deps: HerderDeps
  readonly #connectors = new Map<string, ManagedConnector>()
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

  whenIdle(): Promise<void> {
    return this.#ready.promise
  }

  get stage(): string | null {
    const stages = [...this.#connectors.values()].map(({ stage }) => stage).filter((stage) => stage !== null)
    const oldest = stages.sort((a, b) => a.since - b.since)[0]
    if (oldest === undefined) return null
    return `The worker is currently ${oldest.what}, which began at ${new Date(oldest.since).toISOString()}.`
  }

  connectors(): readonly string[] {
    return [...this.#connectors.keys()]
  }

  connector(name: string): ConnectorInfo | null {
    return this.#connectors.get(name)?.info ?? null
  }

  connectorStatus(name: string): ConnectorStatus | null {
    return this.#connectors.get(name)?.status ?? null
  }

  connectorHealth(name: string): ConnectorHealth | null {
    return this.#connectors.get(name)?.health ?? null
  }

  taskInfos(name: string): readonly TaskInfo[] | null {
    return this.#connectors.get(name)?.taskInfos ?? null
  }

  async createConnector(name: string, raw: Props, target: TargetState = 'STARTED'): Promise<ConnectorInfo> {
    const config = await this.#check(raw)
    if (this.#connectors.has(name)) throw new AlreadyExistsError(`Connector ${name} already exists`)
    return this.#create(name, config, target)
  }

  async putConnectorConfig(name: string, raw: Props): Promise<{ info: ConnectorInfo; isNew: boolean }> {
    const config = await this.#check(raw)
    const connector = this.#connectors.get(name)
    if (connector === undefined) return { info: await this.#create(name, config, 'STARTED'), isNew: true }
    await connector.replace(config)
    return { info: connector.info, isNew: false }
  }

  async patchConnectorConfig(name: string, changes: Props): Promise<ConnectorInfo> {
    const { config } = this.#existing(name)
    const merged = Object.entries({ ...config, ...changes }).filter(([key]) => changes[key] !== null)
    const { info } = await this.putConnectorConfig(name, Object.fromEntries(merged))
    return info
  }

  async deleteConnector(name: string): Promise<void> {
    const connector = this.#existing(name)
    await connector.shutdown()
    if (this.#connectors.get(name) === connector) this.#connectors.delete(name)
  }

  pauseConnector(name: string): void {
    this.#existing(name, 'Unknown connector').pause()
  }

  resumeConnector(name: string): void {
    this.#existing(name, 'Unknown connector').resume()
  }

  async stopConnector(name: string): Promise<void> {
    await this.#existing(name, 'Unknown connector').stop()
  }

  async restartConnector(name: string): Promise<void> {
    await this.#existing(name, 'Unknown connector').restart()
  }

  async restartConnectorAndTasks(name: string, request: RestartRequest): Promise<ConnectorStatus> {
    return this.#existing(name, 'Unknown connector:').restartChosen(request)
  }

  async restartTask(name: string, task: number): Promise<void> {
    await this.#existing(name, 'Unknown connector').restartTask(task)
  }

  activeTopics(name: string): readonly string[] {
    return this.#deps.topics.list(name)
  }

  resetActiveTopics(name: string): void {
    this.#deps.topics.reset(name)
  }

  async connectorOffsets(name: string): Promise<readonly OffsetEntry[]> {
    const { plugin, config } = this.#existing(name)
    return this.#deps.connectorOffsets.list(name, plugin, this.#deps.resolve(config).props)
  }

  async alterConnectorOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<boolean> {
    const { plugin, props } = this.#stopped(name)
    return this.#deps.connectorOffsets.alter(name, plugin, props, offsets)
  }

  async resetConnectorOffsets(name: string): Promise<boolean> {
    const { plugin, props } = this.#stopped(name)
    return this.#deps.connectorOffsets.reset(name, plugin, props)
  }

  /** Stops every connector and its tasks. */
  async stop(): Promise<void> {
    await Promise.all([...this.#connectors.values()].map((connector) => connector.shutdown()))
  }

  async #create(name: string, config: CheckedConfig, target: TargetState): Promise<ConnectorInfo> {
    const { worker, connectorOffsets, resolve, shutdownTimeoutMs, version, log } = this.#deps
    const inConnector = log.named('org.apache.kafka.connect.runtime.Worker').inContext(`[${name}|worker] `)
    inConnector.info(`Creating connector ${name} of type ${config.plugin.name}`)
    const connector = new ManagedConnector(name, config, target, {
      worker,
      offsetReader: (of, props) => connectorOffsets.reader(of, () => resolve(props).props),
      resolve: (props) => resolve(props).props,
      recheck: (props) => this.#check(props),
      shutdownTimeoutMs,
      defaultVersion: version,
      log,
    })
    this.#connectors.set(name, connector)
    await connector.start()
    inConnector.info(`Finished creating connector ${name}`)
    return connector.info
  }

  /** Throws BadRequestError around what is wrong with the settings, before anything has happened. */
  async #check(raw: Props): Promise<CheckedConfig> {
    const { props, ttlMs } = this.#deps.resolve(raw)
    try {
      return { raw, ttlMs, ...(await readConnectorSettings(props, this.#deps)) }
    } catch (error) {
      throw error instanceof ConfigError ? new BadRequestError(error.message, { cause: error }) : error
    }
  }

  #existing(name: string, unknown?: string): ManagedConnector {
    const found = this.#connectors.get(name)
    if (found === undefined) {
      throw new NotFoundError(unknown === undefined ? `Connector ${name} not found` : `${unknown} ${name}`)
    }
    return found
  }

  #stopped(name: string) {
    const connector = this.#existing(name)
    if (!connector.isStopped) {
      throw new BadRequestError(
        'Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the ' +
          `specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
      )
    }
    return { plugin: connector.plugin, props: this.#deps.resolve(connector.config).props }
  }
}
