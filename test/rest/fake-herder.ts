import type { ConnectorInfo, ConnectorStatus, Herder, TaskInfo } from '../../src/rest/herder.ts'

/** What the REST API asks of a worker, with the connectors that the test puts in. */
export class FakeHerder implements Herder {
  readonly workerId = 'worker-1:8083'
  readonly version = '1.2.3'
  readonly commit = 'abc'
  clusterId: string | null = 'cluster-1'
  isReady = true
  /** A sick worker rejects, or never answers. */
  idle: () => Promise<void> = async () => {}
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
}
