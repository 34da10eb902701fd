import type { MaybePromise } from '../api/plugin.ts'
import type { SourceRecord } from '../api/record.ts'
import { ConnectError } from '../errors.ts'
import type { ProducerRecord, RawHeader } from '../kafka/client.ts'
import type { Converters } from './converters.ts'
import type { Tolerance } from './tolerance.ts'
import type { TransformationChain } from './transformation-chain.ts'

/**
 * From what a task polled to what the producer sends: transforms, then header, key and value converter.
 * Answers at once unless a plugin itself returns a promise. null: dropped by a transform, or failed and
 * tolerated. Throws when a failure is not tolerated.
 */
export class SourcePipeline {
  readonly #chain: TransformationChain
  readonly #converters: Converters
  readonly #tolerance: Tolerance

  constructor(chain: TransformationChain, converters: Converters, tolerance: Tolerance) {
    this.#chain = chain
    this.#converters = converters
    this.#tolerance = tolerance
  }

  process(record: SourceRecord): MaybePromise<ProducerRecord | null> {
    let transformed: MaybePromise<SourceRecord | null>
    try {
      transformed = this.#chain.isEmpty ? record : this.#chain.apply(record)
    } catch (error) {
      return this.#transformFailed(error, record)
    }
    if (transformed instanceof Promise) {
      return transformed.then(
        (done) => (done === null ? null : this.#convert(done)),
        (error: unknown) => this.#transformFailed(error, record),
      )
    }
    return transformed === null ? null : this.#convert(transformed)
  }

  #convert(record: SourceRecord): MaybePromise<ProducerRecord | null> {
    const { key: keyConverter, value: valueConverter } = this.#converters
    let stage: 'HEADER_CONVERTER' | 'KEY_CONVERTER' | 'VALUE_CONVERTER' = 'HEADER_CONVERTER'
    let headers: MaybePromise<readonly RawHeader[] | null>
    let key: MaybePromise<Buffer | null>
    let value: MaybePromise<Buffer | null>
    try {
      headers = record.headers.size === 0 ? null : this.#convertHeaders(record)
      stage = 'KEY_CONVERTER'
      key = keyConverter.converter.fromConnectData(record.topic, record.key)
      stage = 'VALUE_CONVERTER'
      value = valueConverter.converter.fromConnectData(record.topic, record.value)
    } catch (error) {
      return this.#conversionFailed(stage, error, record)
    }
    if (headers instanceof Promise || key instanceof Promise || value instanceof Promise) {
      return this.#whenConverted(record, headers, key, value)
    }
    return producerRecord(record, headers, key, value)
  }

  async #whenConverted(
    record: SourceRecord,
    headers: MaybePromise<readonly RawHeader[] | null>,
    key: MaybePromise<Buffer | null>,
    value: MaybePromise<Buffer | null>,
  ): Promise<ProducerRecord | null> {
    const results = await Promise.allSettled([headers, key, value])
    const stages = ['HEADER_CONVERTER', 'KEY_CONVERTER', 'VALUE_CONVERTER'] as const
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') return this.#conversionFailed(stages[i]!, result.reason, record)
    }
    return producerRecord(record, await headers, await key, await value)
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

  #transformFailed(error: unknown, record: SourceRecord): null {
    this.#tolerance.failed({
      stage: 'TRANSFORMATION',
      className: this.#chain.currentClass,
      error,
      describeRecord: () => `source record is = ${String(record)}`,
    })
    return null
  }

  #conversionFailed(
    stage: 'HEADER_CONVERTER' | 'KEY_CONVERTER' | 'VALUE_CONVERTER',
    error: unknown,
    record: SourceRecord,
  ): null {
    const { key, value, header } = this.#converters
    const used = stage === 'KEY_CONVERTER' ? key : stage === 'VALUE_CONVERTER' ? value : header
    const describeRecord = () => `source record is = ${String(record)}`
    this.#tolerance.failed({ stage, className: used.className, error, describeRecord })
    return null
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
export function checkTimestamp({ timestamp }: ProducerRecord): void {
  if (timestamp !== null && timestamp < 0) throw new ConnectError(`Invalid record timestamp ${timestamp}`)
}
