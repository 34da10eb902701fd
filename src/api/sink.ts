import type { Logger } from '../util/logger.ts'
import type { MaybePromise, Plugin, Props } from './plugin.ts'
import type { SinkRecord } from './record.ts'
import type { RunningConnector } from './source.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The offset of the next record to deliver. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number
}

export interface SinkConnectorContext {
  readonly name: string
  readonly log: Logger
  requestTaskReconfiguration(): void
  raiseError(error: Error): void
}

/** Hands records to the dead-letter topic and the error log. */
export interface ErrantRecordReporter {
  /** Resolves when the report is safe. Throws when the tolerance is exceeded. */
  report(record: SinkRecord, error: Error): Promise<void>
}

export interface SinkTaskContext {
  readonly connector: string
  readonly task: number
  readonly log: Logger
  configs(): Props
  /** Rewinds before the next poll. */
  offset(offsets: readonly TopicPartitionOffset[]): void
  /** Upper bound of the next poll only, in ms: how soon a batch refused with RetriableError comes again. */
  timeout(ms: number): void
  assignment(): readonly TopicPartition[]
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  /** Commits at the next iteration. */
  requestCommit(): void
  /** null unless dead letters or error logging are configured. */
  errantRecordReporter(): ErrantRecordReporter | null
}

/** A sink task exists only while it runs: `startTask` opens it, `stop` ends it. */
export interface SinkTask {
  /**
   * Takes a batch, possibly empty, in order per partition. Returning does not mean written: `flush` and
   * `preCommit` do. A RetriableError brings the same batch again. `cancelled` is aborted when a stop has
   * lasted longer than `task.shutdown.graceful.timeout.ms`.
   */
  put(records: readonly SinkRecord[], cancelled: AbortSignal): MaybePromise<void>
  /** Makes everything up to these offsets durable. */
  flush?(offsets: readonly TopicPartitionOffset[]): MaybePromise<void>
  /** What may be committed of these offsets. Absent: `flush`, then all of them. */
  preCommit?(offsets: readonly TopicPartitionOffset[]): MaybePromise<readonly TopicPartitionOffset[]>
  open?(partitions: readonly TopicPartition[]): MaybePromise<void>
  close?(partitions: readonly TopicPartition[]): MaybePromise<void>
  stop?(): MaybePromise<void>
}

export interface SinkConnector<S = unknown> extends Plugin<S> {
  readonly kind: 'sink'
  start?(settings: S, context: SinkConnectorContext): MaybePromise<RunningConnector>
  /** Absent: `maxTasks` tasks with the connector's own settings. */
  taskConfigs?(settings: S, maxTasks: number, props: Props): MaybePromise<readonly Props[]>
  startTask(settings: S, context: SinkTaskContext): MaybePromise<SinkTask>
  /** As for sources; a null offset resets. */
  alterOffsets?(
    props: Props,
    offsets: readonly (TopicPartition & { readonly offset: number | null })[],
  ): MaybePromise<boolean>
}

export function defineSinkConnector<S>(connector: Omit<SinkConnector<S>, 'kind'>): SinkConnector<S> {
  return { kind: 'sink', ...connector }
}
