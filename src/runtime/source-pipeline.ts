import type { MaybePromise } from '../api/plugin.ts'
import type { SourceRecord } from '../api/record.ts'
import type { TextRun } from '../api/text-run.ts'
import { ConnectError } from '../errors.ts'
import type { ProducerRecord, ProducerRun, RawHeader } from '../kafka/client.ts'
import type { Converters } from './converters.ts'
import type { Operation } from './errors/failure.ts'
import { failed, type RetryWithToleranceOperator } from './errors/retry-with-tolerance-operator.ts'
import { started, startedUntil } from './errors/started.ts'
import { producerRun } from './run-template.ts'
import type { StageRecovery, TransformationChain } from './transformation-chain.ts'

/** Fewer records than this are processed sooner than it is learnt how their run is written. */
const fewestInRun = 16

/**
 * From what a task polled to what the producer sends: transforms, then header, key and value converter.
 * Answers at once unless a plugin itself returns a promise, or something fails and is tried again. null: dropped by a
 * transform, or failed and tolerated. Throws when a failure is not tolerated.
 */
export class SourcePipeline {
  readonly #chain: TransformationChain
  readonly #converters: Converters
  readonly #operator: RetryWithToleranceOperator<SourceRecord>
  readonly #isUniform: boolean

  constructor(
    chain: TransformationChain,
    converters: Converters,
    operator: RetryWithToleranceOperator<SourceRecord>,
  ) {
    this.#chain = chain
    this.#converters = converters
    this.#operator = operator
    const { key, value, header } = converters
    const isUniform = [key, value, header].every(({ converter }) => converter.isUniform === true)
    this.#isUniform = isUniform && chain.isUniform
  }

  /** The whole run as the producer takes it; null where its records have to be processed one by one. */
  processRun(run: TextRun): ProducerRun | null {
    if (!this.#isUniform || run.length < fewestInRun) return null
    try {
      return producerRun(run, this.#sample)
    } catch {
      // Whatever fails, fails again with the record that is to blame.
      return null
    }
  }

  process(record: SourceRecord): MaybePromise<ProducerRecord | null> {
    const transformed = this.#chain.isEmpty ? record : this.#chain.apply(record, this.#recover, record)
    if (transformed instanceof Promise) return this.#whenTransformed(transformed, record)
    return transformed === null ? null : this.#convert(transformed, record)
  }

  async #whenTransformed(
    transformed: Promise<SourceRecord | null>,
    original: SourceRecord,
  ): Promise<ProducerRecord | null> {
    const record = await transformed
    return record === null ? null : this.#convert(record, original)
  }

  #convert(record: SourceRecord, original: SourceRecord): MaybePromise<ProducerRecord | null> {
    const { key: keyConverter, value: valueConverter } = this.#converters
    let headers: MaybePromise<readonly RawHeader[] | null> = null
    let key: MaybePromise<Buffer | null> = null
    let value: MaybePromise<Buffer | null> = null
    let done = 0
    try {
      headers = record.headers.size === 0 ? null : this.#convertHeaders(record)
      done = 1
      key = keyConverter.converter.fromConnectData(record.topic, record.key)
      done = 2
      value = valueConverter.converter.fromConnectData(record.topic, record.value)
    } catch (error) {
      return this.#convertSlowly(record, original, startedUntil(done, error, headers, key))
    }
    if (headers instanceof Promise || key instanceof Promise || value instanceof Promise) {
      return this.#convertSlowly(record, original, started(headers, key, value))
    }
    return producerRecord(record, headers, key, value)
  }

  /** With what was started; where something failed or answers later. */
  async #convertSlowly(
    record: SourceRecord,
    original: SourceRecord,
    started: readonly Promise<unknown>[],
  ): Promise<ProducerRecord | null> {
    const results = await this.#operator.finish(this.#conversions(record, original), started)
    if (results === failed) return null
    const [headers, key, value] = results as [readonly RawHeader[] | null, Buffer | null, Buffer | null]
    return producerRecord(record, headers, key, value)
  }

  #conversions(record: SourceRecord, original: SourceRecord): Operation<SourceRecord, unknown>[] {
    const { key, value, header } = this.#converters
    const { topic } = record
    return [
      {
        stage: 'HEADER_CONVERTER',
        className: header.className,
        record: original,
        run: () => (record.headers.size === 0 ? null : this.#convertHeaders(record)),
      },
      {
        stage: 'KEY_CONVERTER',
        className: key.className,
        record: original,
        run: () => key.converter.fromConnectData(topic, record.key),
      },
      {
        stage: 'VALUE_CONVERTER',
        className: value.className,
        record: original,
        run: () => value.converter.fromConnectData(topic, record.value),
      },
    ]
  }

  #convertHeaders(record: SourceRecord): MaybePromise<readonly RawHeader[]> {
    const { converter } = this.#converters.header
    const converted: (readonly [string, MaybePromise<Buffer | null>])[] = []
    let isPromised = false
    for (const header of record.headers) {
      const bytes = converter.fromConnectData(record.topic, header)
      isPromised ||= bytes instanceof Promise
      converted.push([header.key, bytes])
    }
    if (!isPromised) return converted as RawHeader[]
    return Promise.all(converted.map(async ([name, bytes]) => [name, await bytes] as const))
  }

  /** As `process`, but for no record that counts: null where it is dropped or a plugin answers later. */
  readonly #sample = (record: SourceRecord): ProducerRecord | null => {
    const transformed = this.#chain.apply(record)
    if (transformed === null || transformed instanceof Promise) return null
    const { key: keyConverter, value: valueConverter } = this.#converters
    const { topic } = transformed
    const headers = transformed.headers.size === 0 ? null : this.#convertHeaders(transformed)
    const key = keyConverter.converter.fromConnectData(topic, transformed.key)
    const value = valueConverter.converter.fromConnectData(topic, transformed.value)
    const isLater = headers instanceof Promise || key instanceof Promise || value instanceof Promise
    return isLater ? null : producerRecord(transformed, headers, key, value)
  }

  readonly #recover: StageRecovery<SourceRecord> = async (className, record, error, again) => {
    const operation = { stage: 'TRANSFORMATION', className, record, run: again } as const
    const result = await this.#operator.recover(operation, error)
    return result === failed ? null : result
  }
}

function producerRecord(
  record: SourceRecord,
  headers: readonly RawHeader[] | null,
  key: Buffer | null,
  value: Buffer | null,
): ProducerRecord {
  const { topic, partition, timestamp } = record
  return { topic, partition, timestamp: timestamp === -1 ? null : timestamp, key, value, headers }
}

/** Throws when the record's own timestamp is not one. Not tolerated, as in Kafka Connect. */
export function checkTimestamp({ timestamp }: Pick<ProducerRecord, 'timestamp'>): void {
  if (timestamp !== null && timestamp < 0) throw new ConnectError(`Invalid record timestamp ${timestamp}`)
}
