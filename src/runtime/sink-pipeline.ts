import type { MaybePromise } from '../api/plugin.ts'
import { SinkRecord } from '../api/record.ts'
import { type Header, Headers } from '../data/headers.ts'
import type { SchemaAndValue } from '../data/schema-and-value.ts'
import type { ConsumerRecord } from '../kafka/client.ts'
import type { Converters } from './converters.ts'
import { ConsumedSinkRecord } from './errors/consumed-record.ts'
import type { Operation } from './errors/failure.ts'
import { failed, type RetryWithToleranceOperator } from './errors/retry-with-tolerance-operator.ts'
import { started, startedUntil } from './errors/started.ts'
import type { StageRecovery, TransformationChain } from './transformation-chain.ts'

/**
 * From what the consumer fetched to what the task takes: key, value and header converter, then transforms.
 * Answers at once unless a plugin itself returns a promise, or something fails and is tried again. null: dropped by a
 * transform, or failed and tolerated. Throws when a failure is not tolerated.
 */
export class SinkPipeline {
  readonly #chain: TransformationChain
  readonly #converters: Converters
  readonly #operator: RetryWithToleranceOperator<ConsumerRecord>
  /** Records remember their bytes: the task may want to report one. */
  readonly #keepsBytes: boolean

  constructor(
    chain: TransformationChain,
    converters: Converters,
    operator: RetryWithToleranceOperator<ConsumerRecord>,
  ) {
    this.#chain = chain
    this.#converters = converters
    this.#operator = operator
    this.#keepsBytes = !operator.reporters.isEmpty
  }

  process(record: ConsumerRecord): MaybePromise<SinkRecord | null> {
    const { key: keyConverter, value: valueConverter } = this.#converters
    let key: MaybePromise<SchemaAndValue> | null = null
    let value: MaybePromise<SchemaAndValue> | null = null
    let headers: MaybePromise<Headers>
    let done = 0
    try {
      key = keyConverter.converter.toConnectData(record.topic, record.key)
      done = 1
      value = valueConverter.converter.toConnectData(record.topic, record.value)
      done = 2
      headers = record.headers.length === 0 ? Headers.empty : this.#convertHeaders(record)
    } catch (error) {
      return this.#convertSlowly(record, startedUntil(done, error, key, value))
    }
    if (key instanceof Promise || value instanceof Promise || headers instanceof Promise) {
      return this.#convertSlowly(record, started(key, value, headers))
    }
    return this.#transform(record, key, value, headers)
  }

  /** With what was started; where something failed or answers later. */
  async #convertSlowly(
    record: ConsumerRecord,
    started: readonly Promise<unknown>[],
  ): Promise<SinkRecord | null> {
    const results = await this.#operator.finish(this.#conversions(record), started)
    if (results === failed) return null
    const [key, value, headers] = results as [SchemaAndValue, SchemaAndValue, Headers]
    return this.#transform(record, key, value, headers)
  }

  #conversions(record: ConsumerRecord): Operation<ConsumerRecord, unknown>[] {
    const { key, value, header } = this.#converters
    const { topic } = record
    return [
      {
        stage: 'KEY_CONVERTER',
        className: key.className,
        record,
        run: () => key.converter.toConnectData(topic, record.key),
      },
      {
        stage: 'VALUE_CONVERTER',
        className: value.className,
        record,
        run: () => value.converter.toConnectData(topic, record.value),
      },
      {
        stage: 'HEADER_CONVERTER',
        className: header.className,
        record,
        run: () => (record.headers.length === 0 ? Headers.empty : this.#convertHeaders(record)),
      },
    ]
  }

  #transform(
    record: ConsumerRecord,
    key: SchemaAndValue,
    value: SchemaAndValue,
    headers: Headers,
  ): MaybePromise<SinkRecord | null> {
    const converted = this.#keepsBytes
      ? consumedSinkRecord(record, key, value, headers)
      : sinkRecord(record, key, value, headers)
    return this.#chain.isEmpty ? converted : this.#chain.apply(converted, this.#recover, record)
  }

  #convertHeaders(record: ConsumerRecord): MaybePromise<Headers> {
    const { converter } = this.#converters.header
    const converted = record.headers.map(([key, bytes]) => {
      const part = converter.toConnectData(record.topic, bytes)
      return part instanceof Promise ? part.then((done) => ({ key, ...done })) : { key, ...part }
    })
    if (converted.some((header) => header instanceof Promise))
      return Promise.all(converted.map(async (header) => header)).then(Headers.of)
    return Headers.of(converted as Header[])
  }

  readonly #recover: StageRecovery<ConsumerRecord> = async (className, record, error, again) => {
    const operation = { stage: 'TRANSFORMATION', className, record, run: again } as const
    const result = await this.#operator.recover(operation, error)
    return result === failed ? null : result
  }
}

// Each with a literal of its own: shared, it would be allocated for every record.
function sinkRecord(
  record: ConsumerRecord,
  key: SchemaAndValue,
  value: SchemaAndValue,
  headers: Headers,
): SinkRecord {
  const { topic, partition, offset, timestampType } = record
  const timestamp = record.timestamp === -1 ? null : record.timestamp
  return new SinkRecord({ topic, partition, key, value, timestamp, headers, offset, timestampType })
}

function consumedSinkRecord(
  record: ConsumerRecord,
  key: SchemaAndValue,
  value: SchemaAndValue,
  headers: Headers,
): ConsumedSinkRecord {
  const { topic, partition, offset, timestampType } = record
  const timestamp = record.timestamp === -1 ? null : record.timestamp
  return new ConsumedSinkRecord(
    { topic, partition, key, value, timestamp, headers, offset, timestampType },
    record,
  )
}
