import type { Logger } from '../util/logger.ts'
import type { MaybePromise, Plugin, Props } from './plugin.ts'
import type { OffsetMap, SourceRecord } from './record.ts'
import type { TextRun } from './text-run.ts'

/** Reads the offsets that were committed for this connector. */
export interface OffsetReader {
  /** The offset of one source partition, or null. Integers beyond 2^53 are bigint. */
  offset(partition: OffsetMap): Promise<OffsetMap | null>
  offsets(partitions: readonly OffsetMap[]): Promise<readonly (OffsetMap | null)[]>
}

export interface SourceConnectorContext {
  readonly name: string
  readonly log: Logger
  readonly offsetReader: OffsetReader
  /** Asks for `taskConfigs` again; tasks restart if they changed. */
  requestTaskReconfiguration(): void
  /** Fails the connector; running tasks go on. */
  raiseError(error: Error): void
}

/** A connector while it is started. Pausing or stopping ends it; resuming starts another. */
export interface RunningConnector {
  /** Takes precedence over the definition's own. */
  taskConfigs?(maxTasks: number): MaybePromise<readonly Props[]>
  stop?(): MaybePromise<void>
}

/**
 * Where a task says how its transactions end (`transaction.boundary=connector`). With a record: behind that one,
 * which `poll` is about to return; without: behind the batch that `poll` returns next. What is aborted is passed
 * over: its offsets are committed all the same. To have it read again, throw instead.
 */
export interface TransactionContext {
  commitTransaction(record?: SourceRecord): void
  abortTransaction(record?: SourceRecord): void
}

export interface SourceTaskContext {
  readonly connector: string
  readonly task: number
  readonly log: Logger
  readonly offsetReader: OffsetReader
  /** null unless `exactly.once.source.support=enabled` and `transaction.boundary=connector`. */
  readonly transactionContext: TransactionContext | null
  /** The task's settings as text, variables resolved. */
  configs(): Props
}

export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 when the broker was not asked to acknowledge. */
  readonly offset: number
  readonly timestamp: number | null
}

/** A source task exists only while it runs: `startTask` opens it, `stop` ends it. */
export interface SourceTask {
  /**
   * The next records, in order; null or an empty list where there are none. Must wait by itself when the
   * source has nothing, and return what it has when `stopping` is aborted. A RetriableError is tried again.
   */
  poll(stopping: AbortSignal): Promise<readonly SourceRecord[] | TextRun | null>
  /** After offsets were committed, every `offset.flush.interval.ms`. */
  commit?(): MaybePromise<void>
  /** After a record was acknowledged; metadata is null when it was filtered or skipped. */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void
  /** After the last poll and the final commit. */
  stop?(): MaybePromise<void>
}

export interface SourceConnector<S = unknown> extends Plugin<S> {
  readonly kind: 'source'
  /** Absent: nothing to do while the connector runs. */
  start?(settings: S, context: SourceConnectorContext): MaybePromise<RunningConnector>
  /** Absent: one task with the connector's own settings. */
  taskConfigs?(settings: S, maxTasks: number, props: Props): MaybePromise<readonly Props[]>
  startTask(settings: S, context: SourceTaskContext): MaybePromise<SourceTask>
  exactlyOnceSupport?(props: Props): 'supported' | 'unsupported' | null
  canDefineTransactionBoundaries?(props: Props): 'supported' | 'unsupported'
  /**
   * Asked before offsets are changed over REST (a null offset resets). Throws to refuse; true: the change is
   * known to be right. Absent: accepted unchecked.
   */
  alterOffsets?(props: Props, offsets: readonly SourceOffsetChange[]): MaybePromise<boolean>
}

export interface SourceOffsetChange {
  readonly partition: OffsetMap | null
  readonly offset: OffsetMap | null
}

export function defineSourceConnector<S>(connector: Omit<SourceConnector<S>, 'kind'>): SourceConnector<S> {
  return { kind: 'source', ...connector }
}
