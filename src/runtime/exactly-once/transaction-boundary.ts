import type { SourceRecord } from '../../api/record.ts'
import type { SourceConnector, TransactionContext } from '../../api/source.ts'
import type { Props } from '../../api/plugin.ts'
import { ConfigError, ConnectError } from '../../errors.ts'

export type TransactionEnd = 'commit' | 'abort'

/** Where the transactions of a task end (`transaction.boundary`). */
export interface TransactionBoundary {
  /** Whether single records make a difference to it. */
  readonly isByRecord: boolean
  /** null: the transaction goes on. */
  afterRecord(record: SourceRecord): TransactionEnd | null
  afterBatch(): TransactionEnd | null
  /** What becomes of an open transaction when the task stops. */
  atStop(): TransactionEnd
  /** An open transaction ends after so many ms, also while there are no records; null: not by time. */
  readonly intervalMs: number | null
}

export interface BoundarySettings {
  readonly 'transaction.boundary': string
  readonly 'transaction.boundary.interval.ms': number | bigint | null
}

/** Every batch that `poll` returns is a transaction. */
export const pollBoundary: TransactionBoundary = {
  isByRecord: false,
  afterRecord: () => null,
  afterBatch: () => 'commit',
  atStop: () => 'commit',
  intervalMs: null,
}

/** Ends with the first batch that is done so long after the last end. */
export function intervalBoundary(intervalMs: number): TransactionBoundary {
  let nextAt = performance.now() + intervalMs
  return {
    isByRecord: false,
    afterRecord: () => null,
    afterBatch() {
      const now = performance.now()
      if (now < nextAt) return null
      nextAt = now + intervalMs
      return 'commit'
    },
    atStop: () => 'commit',
    intervalMs,
  }
}

/** The task says where (Connect's ConnectorTransactionBoundaryManager). */
export class ConnectorBoundary implements TransactionBoundary, TransactionContext {
  readonly isByRecord = true
  readonly intervalMs = null
  readonly #records = new Map<SourceRecord, TransactionEnd>()
  #batch: TransactionEnd | null = null

  commitTransaction(record?: SourceRecord): void {
    this.#ask('commit', record)
  }

  abortTransaction(record?: SourceRecord): void {
    this.#ask('abort', record)
  }

  afterRecord(record: SourceRecord): TransactionEnd | null {
    if (this.#records.size === 0) return null
    const end = this.#records.get(record) ?? null
    this.#records.delete(record)
    return end
  }

  afterBatch(): TransactionEnd | null {
    // A record that was not in the batch is not waited for.
    this.#records.clear()
    const end = this.#batch
    this.#batch = null
    return end
  }

  /** What the task did not ask to be committed is read again. */
  atStop(): TransactionEnd {
    return this.afterBatch() ?? 'abort'
  }

  #ask(end: TransactionEnd, record: SourceRecord | undefined): void {
    const before = record === undefined ? this.#batch : this.#records.get(record)
    if (before != null && before !== end) {
      throw new ConnectError('The same transaction was asked both to be committed and to be aborted.')
    }
    if (record === undefined) this.#batch = end
    else this.#records.set(record, end)
  }
}

/** Throws ConfigError where the connector is to define boundaries and cannot. */
export function chooseBoundary(
  settings: BoundarySettings,
  { plugin, props, flushIntervalMs }: { plugin: SourceConnector; props: Props; flushIntervalMs: number },
): TransactionBoundary {
  switch (settings['transaction.boundary'].toLowerCase()) {
    case 'interval':
      return intervalBoundary(Number(settings['transaction.boundary.interval.ms'] ?? flushIntervalMs))
    case 'connector':
      if (plugin.canDefineTransactionBoundaries?.(props) === 'supported') return new ConnectorBoundary()
      throw new ConfigError(
        `The connector ${plugin.name} does not define boundaries of transactions itself; ` +
          'transaction.boundary can be poll or interval.',
        { key: 'transaction.boundary' },
      )
    default:
      return pollBoundary
  }
}
