import { NotFoundError } from '../../src/errors.ts'
import type {
  ConnectorHealth,
  ConnectorInfo,
  ConnectorStatus,
  Herder,
  OffsetEntry,
  RawConfig,
  RestartRequest,
  TargetState,
  TaskInfo,
} from '../../src/rest/herder.ts'

/** What the REST API asks of a worker, with the connectors that the test puts in. */
export class FakeHerder implements Herder {
  readonly workerId = 'worker-1:8083'
  readonly version = '1.2.3'
  readonly commit = 'abc'
  clusterId: string | null = 'cluster-1'
  isReady = true
  stage: string | null = null
  /** A sick worker rejects, or never answers. */
  idle: () => Promise<void> = async () => {}
  /** What was asked for that changes something, with its arguments. */
  readonly calls: unknown[][] = []
  readonly infos = new Map<string, ConnectorInfo>()
  readonly statuses = new Map<string, ConnectorStatus>()

  add(
    name: string,
    config: Readonly<Record<string, string | null>>,
    { trace = null }: { trace?: string | null } = {},
  ): this {
    this.infos.set(name, {
      name,
      config: { ...config, name },
      tasks: [{ connector: name, task: 0 }],
      type: 'source',
    })
    this.statuses.set(name, {
      type: 'source',
      version: '4.5.6',
      connector: { state: 'RUNNING', trace: null },
      tasks: [{ id: 0, state: trace === null ? 'RUNNING' : 'FAILED', trace }],
    })
    return this
  }

  whenIdle(): Promise<void> {
    return this.idle()
  }

  connectors(): readonly string[] {
    return [...this.infos.keys()]
  }

  connector(name: string): ConnectorInfo | null {
    return this.infos.get(name) ?? null
  }

  connectorStatus(name: string): ConnectorStatus | null {
    return this.statuses.get(name) ?? null
  }

  taskInfos(name: string): readonly TaskInfo[] | null {
    const found = this.infos.get(name)
    return found === undefined ? null : found.tasks.map((id) => ({ id, config: found.config }))
  }

  connectorHealth(name: string): ConnectorHealth | null {
    return this.infos.has(name) ? { state: 'RUNNING', tasks: [] } : null
  }

  async createConnector(name: string, config: RawConfig, target: TargetState = 'STARTED') {
    this.#note('create', name, config, target)
    return this.add(name, config).infos.get(name)!
  }

  async putConnectorConfig(name: string, config: RawConfig) {
    this.#note('put', name, config)
    const isNew = !this.infos.has(name)
    return { info: this.add(name, config).infos.get(name)!, isNew }
  }

  async patchConnectorConfig(name: string, changes: RawConfig) {
    this.#note('patch', name, changes)
    return this.#existing(name)
  }

  async deleteConnector(name: string) {
    this.#existing(name)
    this.#note('delete', name)
  }

  pauseConnector(name: string) {
    this.#existing(name)
    this.#note('pause', name)
  }

  resumeConnector(name: string) {
    this.#existing(name)
    this.#note('resume', name)
  }

  async stopConnector(name: string) {
    this.#existing(name)
    this.#note('stop', name)
  }

  async restartConnector(name: string) {
    this.#existing(name)
    this.#note('restart', name)
  }

  async restartConnectorAndTasks(name: string, request: RestartRequest) {
    this.#existing(name)
    this.#note('restart', name, request)
    return this.statuses.get(name)!
  }

  async restartTask(name: string, task: number) {
    this.#existing(name)
    this.#note('restart task', name, task)
  }

  activeTopics(name: string): readonly string[] {
    return this.infos.has(name) ? ['t'] : []
  }

  resetActiveTopics(name: string) {
    this.#note('reset topics', name)
  }

  async connectorOffsets(name: string): Promise<readonly OffsetEntry[]> {
    this.#existing(name)
    return [{ partition: { file: 'in' }, offset: { position: 3 } }]
  }

  async alterConnectorOffsets(name: string, offsets: readonly OffsetEntry[]) {
    this.#existing(name)
    this.#note('alter offsets', name, offsets)
    return true
  }

  async resetConnectorOffsets(name: string) {
    this.#existing(name)
    this.#note('reset offsets', name)
    return false
  }

  #existing(name: string): ConnectorInfo {
    const found = this.infos.get(name)
    if (found === undefined) throw new NotFoundError(`Connector ${name} not found`)
    return found
  }

  #note(...call: unknown[]) {
    this.calls.push(call)
  }
}
