import type { Props } from '../../api/plugin.ts'
import { SinkRecord, SourceRecord, type ConnectRecord, type TimestampType } from '../../api/record.ts'
import { Headers } from '../../data/headers.ts'
import { builtinPlugins } from '../../plugins/builtin.ts'
import { PluginRegistry } from '../../plugins/registry.ts'
import { buildChain } from '../../runtime/transformation-chain.ts'
import { equalJsonTexts } from '../compare.ts'
import { Envelopes, type EnvelopeConfig } from '../envelope.ts'
import type { Suite } from '../suite.ts'

interface RecordJson {
  readonly topic: string
  readonly partition: number | null
  readonly timestamp: number | null
  readonly offset?: number
  readonly timestampType?: TimestampType
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
}

interface Input {
  readonly kind: 'source' | 'sink'
  readonly envelopeConfig?: EnvelopeConfig
  readonly record: RecordJson
  readonly config: Props
}

interface Answer {
  readonly record?: RecordJson
  readonly dropped?: boolean
}

const registry = new PluginRegistry(builtinPlugins)

/** Every transform and predicate, chains, and their settings. */
export const transformsSuite: Suite<Input, Answer, Answer> = {
  async run({ kind, envelopeConfig, record, config }) {
    const envelopes = new Envelopes(envelopeConfig)
    const chain = await buildChain(config, registry)
    const result = await chain.apply(
      kind === 'sink' ? sinkRecord(record, envelopes) : sourceRecord(record, envelopes),
    )
    return result === null ? { dropped: true } : { record: rendered(result, envelopes) }
  },
  matches(answer, expected) {
    if (expected.record === undefined || answer.record === undefined)
      return answer.dropped === expected.dropped
    return equalRecords(answer.record, expected.record)
  },
}

function common({ topic, timestamp, key, value, headers }: RecordJson, envelopes: Envelopes) {
  return {
    topic,
    timestamp,
    key: envelopes.read(key),
    value: envelopes.read(value),
    headers: Headers.of(headers.map(({ key, value }) => ({ key, ...envelopes.read(value) }))),
  }
}

function sourceRecord(record: RecordJson, envelopes: Envelopes): ConnectRecord {
  const { partition } = record
  return new SourceRecord({
    ...common(record, envelopes),
    partition,
    sourcePartition: { p: '1' },
    sourceOffset: { o: 1 },
  })
}

function sinkRecord(record: RecordJson, envelopes: Envelopes): ConnectRecord {
  const { partition, offset, timestampType } = record
  return new SinkRecord({
    ...common(record, envelopes),
    partition: partition!,
    offset: offset!,
    ...(timestampType === undefined ? {} : { timestampType }),
  })
}

function rendered(record: ConnectRecord, envelopes: Envelopes): RecordJson {
  const { topic, partition, timestamp, key, value, headers } = record
  return {
    topic,
    partition,
    timestamp,
    key: envelopes.write(key),
    value: envelopes.write(value),
    headers: [...headers].map((header) => ({ key: header.key, value: envelopes.write(header) })),
  }
}

function equalRecords(a: RecordJson, b: RecordJson): boolean {
  return (
    a.topic === b.topic &&
    a.partition === b.partition &&
    a.timestamp === b.timestamp &&
    equalJsonTexts(a.key, b.key) &&
    equalJsonTexts(a.value, b.value) &&
    a.headers.length === b.headers.length &&
    a.headers.every(
      ({ key, value }, i) => key === b.headers[i]!.key && equalJsonTexts(value, b.headers[i]!.value),
    )
  )
}
