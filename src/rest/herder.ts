/**
 * What the REST API needs of the worker. Names that do not exist throw NotFoundError, bad settings
 * InvalidConnectorError or ConfigError; what a plugin throws comes as it is or wrapped in ConnectError. No
 * call waits for ever on a plugin of another connector.
 */
export interface Herder {
  readonly workerId: string
  readonly version: string
  readonly commit: string
  readonly clusterId: string | null
  /** True once every connector of the command line was created. */
  readonly isReady: boolean
  /** What keeps the worker waiting, as a sentence for requests that time out; null for nothing. */
  readonly stage: string | null
  /** Resolves when the herder is ready and able to act: a sign of life. */
  whenIdle(): Promise<void>

  connectors(): readonly string[]
  /** null: there is no such connector. */
  connector(name: string): ConnectorInfo | null
  connectorStatus(name: string): ConnectorStatus | null
  connectorHealth(name: string): ConnectorHealth | null
  taskInfos(name: string): readonly TaskInfo[] | null

  /** Resolves when the connector has started and its tasks are made. A connector that fails to start is kept. */
  createConnector(name: string, config: RawConfig, target?: TargetState): Promise<ConnectorInfo>
  /** Creates or replaces; the target state stays. */
  putConnectorConfig(name: string, config: RawConfig): Promise<{ info: ConnectorInfo; isNew: boolean }>
  /** null removes a setting. */
  patchConnectorConfig(name: string, changes: RawConfig): Promise<ConnectorInfo>
  deleteConnector(name: string): Promise<void>
  /** Asks for it; the state follows. */
  pauseConnector(name: string): void
  resumeConnector(name: string): void
  /** Resolves when the tasks are gone. */
  stopConnector(name: string): Promise<void>
  /** Restarts the connector itself; its tasks only where their settings changed. */
  restartConnector(name: string): Promise<void>
  /** Begins the restart; the answer is the plan, in which what was chosen is RESTARTING. */
  restartConnectorAndTasks(name: string, plan: RestartRequest): Promise<ConnectorStatus>
  restartTask(name: string, task: number): Promise<void>

  /** Empty for a name that nobody knows. */
  activeTopics(name: string): readonly string[]
  resetActiveTopics(name: string): void

  connectorOffsets(name: string): Promise<readonly OffsetEntry[]>
  /** Changes the offsets of a stopped connector; null resets. True: the connector itself checked them. */
  alterConnectorOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<boolean>
  resetConnectorOffsets(name: string): Promise<boolean>
}

/** Settings as given: variables are not resolved. */
export type RawConfig = Readonly<Record<string, string | null>>

/** What a connector is meant to do. */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'

export interface RestartRequest {
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

/** One offset as REST shows it: Connect's own for sources, topic, partition and offset for sinks. */
export interface OffsetEntry {
  readonly partition: Readonly<Record<string, unknown>> | null
  readonly offset: Readonly<Record<string, unknown>> | null
}

export interface Status {
  /** As Kafka Connect names it: `RUNNING`, `FAILED`, ... */
  readonly state: string
  readonly trace: string | null
}

export interface ConnectorInfo {
  readonly name: string
  readonly config: RawConfig
  readonly tasks: readonly TaskRef[]
  readonly type: 'source' | 'sink' | 'unknown'
}

export interface TaskRef {
  readonly connector: string
  readonly task: number
}

export interface TaskInfo {
  readonly id: TaskRef
  readonly config: RawConfig
}

export interface ConnectorStatus {
  readonly type: ConnectorInfo['type']
  /** The plugin's version, null when it could not be loaded. */
  readonly version: string | null
  readonly connector: Status
  readonly tasks: readonly (Status & { readonly id: number })[]
}

/** What Kafka Connect has no place for: how a connector's tasks fail and heal. */
export interface ConnectorHealth {
  readonly state: string
  readonly tasks: readonly TaskHealth[]
}

export interface TaskHealth {
  readonly id: number
  readonly state: string
  /** The newest failure since the task was made, healed or not. */
  readonly lastError: { readonly message: string; readonly class: string; readonly at: number } | null
  /** Since when the task fails without progress; null when it does not. Milliseconds since the epoch, as all here. */
  readonly failingSince: number | null
  /** Restarts that the worker made by itself. */
  readonly restarts: number
  readonly nextRestart: number | null
  /** How far the task has come, as text; null before its first record. */
  readonly position: string | null
  /** By Kafka's names in the group `task-error-metrics`. */
  readonly errors: Readonly<Record<string, number>>
}
