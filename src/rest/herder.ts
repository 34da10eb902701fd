/** What the REST API needs of the worker. */
export interface Herder {
  readonly workerId: string
  readonly version: string
  readonly commit: string
  readonly clusterId: string | null
  /** True once every connector of the command line was created. */
  readonly isReady: boolean
  /** Resolves when the herder has done what it was asked to before: a sign of life. */
  whenIdle(): Promise<void>
  connectors(): readonly string[]
  /** null: there is no such connector. */
  connector(name: string): ConnectorInfo | null
  connectorStatus(name: string): ConnectorStatus | null
  taskInfos(name: string): readonly TaskInfo[] | null
}

export interface Status {
  /** As Kafka Connect names it: `RUNNING`, `FAILED`, ... */
  readonly state: string
  readonly trace: string | null
}

export interface ConnectorInfo {
  readonly name: string
  /** As given: variables are not resolved. */
  readonly config: Readonly<Record<string, string | null>>
  readonly tasks: readonly TaskRef[]
  readonly type: 'source' | 'sink' | 'unknown'
}

export interface TaskRef {
  readonly connector: string
  readonly task: number
}

export interface TaskInfo {
  readonly id: TaskRef
  readonly config: Readonly<Record<string, string | null>>
}

export interface ConnectorStatus {
  readonly type: ConnectorInfo['type']
  /** The plugin's version, null when it could not be loaded. */
  readonly version: string | null
  readonly connector: Status
  readonly tasks: readonly (Status & { readonly id: number })[]
}
