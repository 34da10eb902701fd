import type { MaybePromise } from '../api/plugin.ts'
import { SinkRecord } from '../api/record.ts'
import { type Header, Headers } from '../data/headers.ts'
import type { SchemaAndValue } from '../data/schema-and-value.ts'
import type { ConsumerRecord } from '../kafka/client.ts'
import type { Converters } from './converters.ts'
import type { Stage, Tolerance } from './tolerance.ts'
import type { TransformationChain } from './transformation-chain.ts'

/**
 * From what the consumer fetched to what the task takes: key, value and header converter, then transforms.
 * Answers at once unless a plugin itself returns a promise. null: dropped by a transform, or failed and
 * tolerated. Throws when a failure is not tolerated.
 */
export class SinkPipeline {
  readonly #chain: TransformationChain
  readonly #converters: Converters
  readonly #tolerance: Tolerance

  constructor(chain: TransformationChain, converters: Converters, tolerance: Tolerance) {
    this.#chain = chain
    this.#converters = converters
    this.#tolerance = tolerance
  }

  process(record: ConsumerRecord): MaybePromise<SinkRecord | null> {
    let stage: Stage = 'KEY_CONVERTER'
    let key: MaybePromise<SchemaAndValue>
    let value: MaybePromise<SchemaAndValue>
    let headers: MaybePromise<Headers>
    try {
      key = this.#converters.key.converter.toConnectData(record.topic, record.key)
      stage = 'VALUE_CONVERTER'
      value = this.#converters.value.converter.toConnectData(record.topic, record.value)
      stage = 'HEADER_CONVERTER'
      headers = record.headers.length === 0 ? Headers.empty : this.#convertHeaders(record)
    } catch (error) {
      return this.#failed(stage, error, record)
    }
    if (key instanceof Promise || value instanceof Promise || headers instanceof Promise) {
      return this.#whenConverted(record, key, value, headers)
    }
    return this.#transform(sinkRecord(record, key, value, headers), record)
  }

  async #whenConverted(
    record: ConsumerRecord,
    key: MaybePromise<SchemaAndValue>,
    value: MaybePromise<SchemaAndValue>,
    headers: MaybePromise<Headers>,
  ): Promise<SinkRecord | null> {
    const results = await Promise.allSettled([key, value, headers])
    const stages = ['KEY_CONVERTER', 'VALUE_CONVERTER', 'HEADER_CONVERTER'] as const
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') return this.#failed(stages[i]!, result.reason, record)
    }
    return this.#transform(sinkRecord(record, await key, await value, await headers), record)
  }

  #transform(converted: SinkRecord, record: ConsumerRecord): MaybePromise<SinkRecord | null> {
    if (this.#chain.isEmpty) return converted
    try {
      const result = this.#chain.apply(converted)
      if (!(result instanceof Promise)) return result
      return result.catch((error: unknown) => this.#failed('TRANSFORMATION', error, record))
    } catch (error) {
      return this.#failed('TRANSFORMATION', error, record)
    }
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

  #failed(stage: Stage, error: unknown, record: ConsumerRecord): null {
    const { key, value, header } = this.#converters
    const className =
      stage === 'TRANSFORMATION'
        ? this.#chain.currentClass
        : (stage === 'KEY_CONVERTER' ? key : stage === 'VALUE_CONVERTER' ? value : header).className
    this.#tolerance.failed({ stage, className, error, describeRecord: () => describe(record) })
    return null
  }
}

function sinkRecord(
  record: ConsumerRecord,
  key: SchemaAndValue,
  value: SchemaAndValue,
  headers: Headers,
): SinkRecord {
  const { topic, partition, offset, timestamp, timestampType } = record
  return new SinkRecord({
    topic,
    partition,
    key,
    value,
    timestamp: timestamp === -1 ? null : timestamp,
    headers,
    offset,
    timestampType,
  })
}

function describe({ topic, partition, offset, timestamp, timestampType }: ConsumerRecord): string {
  const time =
    timestampType === 'NoTimestampType' ? '' : `, timestamp=${timestamp}, timestampType=${timestampType}`
  return `consumed record is {topic='${topic}', partition=${partition}, offset=${offset}${time}}`
}
