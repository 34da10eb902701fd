import type { MaybePromise } from '../../api/plugin.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { ErrantRecordReporter } from '../../api/sink.ts'
import type { ConsumerRecord, RawHeader } from '../../kafka/client.ts'
import type { Converters } from '../converters.ts'
import { ConsumedSinkRecord } from './consumed-record.ts'
import type { Failure } from './failure.ts'
import type { PendingReports } from './pending-reports.ts'
import type { RetryWithToleranceOperator } from './retry-with-tolerance-operator.ts'

export interface ErrantRecordReporterDeps {
  readonly operator: RetryWithToleranceOperator<ConsumerRecord>
  readonly converters: Converters
  readonly reports: PendingReports
}

/** Takes the records that a sink task cannot write (Connect's WorkerErrantRecordReporter). */
export class WorkerErrantRecordReporter implements ErrantRecordReporter {
  readonly #deps: ErrantRecordReporterDeps
  #first: Failure<ConsumerRecord> | null = null

  constructor(deps: ErrantRecordReporterDeps) {
    this.#deps = deps
  }

  report(record: SinkRecord, error: Error): Promise<void> {
    if (record instanceof ConsumedSinkRecord) return this.#report(record, record.consumed, error)
    const serialized = this.#serialize(record)
    if (!(serialized instanceof Promise)) return this.#report(record, serialized, error)
    return serialized.then((done) => this.#report(record, done, error))
  }

  /** Throws when something was reported that is not tolerated: the task may have caught it. */
  throwIfExceeded(): void {
    const { operator } = this.#deps
    if (this.#first !== null && !operator.isUnlimited) throw operator.exceeded(this.#first)
  }

  #report(record: SinkRecord, consumed: ConsumerRecord, error: Error): Promise<void> {
    const { operator, reports } = this.#deps
    const className = 'org.apache.kafka.connect.sink.SinkTask'
    const failure: Failure<ConsumerRecord> = { stage: 'TASK_PUT', className, record: consumed, error }
    this.#first ??= failure
    const safe = operator.report(failure)
    if (safe === null) return Promise.resolve()
    reports.add({ topic: record.originalTopic, partition: record.originalPartition }, safe, true)
    const done = safe.then((lost) => {
      if (lost !== null) throw lost
    })
    // A task need not wait: the next commit does, and fails then.
    done.catch(() => {})
    return done
  }

  /** For records that the task made itself. */
  #serialize(record: SinkRecord): MaybePromise<ConsumerRecord> {
    const { key, value, header } = this.#deps.converters
    const { topic } = record
    const parts = [
      key.converter.fromConnectData(topic, record.key),
      value.converter.fromConnectData(topic, record.value),
      ...[...record.headers].map((each) => header.converter.fromConnectData(topic, each)),
    ]
    if (parts.some((part) => part instanceof Promise)) {
      return Promise.all(parts.map(async (part) => part)).then((done) => consumerRecord(record, done))
    }
    return consumerRecord(record, parts as (Buffer | null)[])
  }
}

function consumerRecord(
  record: SinkRecord,
  [key, value, ...headers]: readonly (Buffer | null)[],
): ConsumerRecord {
  return {
    topic: record.topic,
    partition: record.partition ?? record.originalPartition,
    offset: record.offset,
    leaderEpoch: null,
    timestamp: record.timestamp ?? -1,
    timestampType: record.timestampType,
    key: key!,
    value: value!,
    headers: [...record.headers].map(({ key: name }, i): RawHeader => [name, headers[i]!]),
  }
}
