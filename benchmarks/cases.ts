import { statSync } from 'node:fs'
import type { Bench, Input } from './lab/bench.ts'
import { type Flow, watchFlow } from './lab/flow.ts'
import { kafkaConnect, type Subject, tsconnect, tunedKafkaConnect } from './lab/subjects.ts'

export type Figures = Readonly<Record<string, number>>

export interface BenchCase {
  readonly name: string
  readonly about: string
  readonly subjects: readonly Subject[]
  run(bench: Bench, subject: Subject): Promise<Figures>
}

type Settings = Readonly<Record<string, string>>

interface Variation {
  readonly lineBytes?: number
  readonly count?: number
  readonly partitions?: number
  readonly compression?: string
  readonly converter?: 'string' | 'json' | 'json with schema'
  readonly hasChain?: boolean
  /** Further settings of the worker file. */
  readonly worker?: Settings
}

const million = 1_000_000

const converters: Record<NonNullable<Variation['converter']>, { settings: Settings; envelope: string }> = {
  'string': { settings: {}, envelope: '%s' },
  'json': {
    settings: {
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    },
    envelope: '"%s"',
  },
  'json with schema': {
    settings: { 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' },
    envelope: '{"schema":{"type":"string","optional":false},"payload":"%s"}',
  },
}

/** The line into a field, a second field beside it, another topic. */
const chain = (regex: string, replacement: string): Settings => ({
  'transforms': 'hoist,origin,route',
  'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
  'transforms.hoist.field': 'line',
  'transforms.origin.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.origin.static.field': 'origin',
  'transforms.origin.static.value': 'bench',
  'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
  'transforms.route.regex': regex,
  'transforms.route.replacement': replacement,
})

/** File -> topic. */
async function source(bench: Bench, subject: Subject, variation: Variation): Promise<Figures> {
  const { partitions = 1, compression, converter = 'string', hasChain = false, worker } = variation
  const input = inputOf(variation)
  const file = await bench.input(input)
  const topic = await bench.topic(partitions)
  const settings = {
    ...converters[converter].settings,
    ...(compression !== undefined && { 'producer.compression.type': compression }),
    ...worker,
  }
  const connector = {
    'name': 'bench',
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    file,
    'topic': hasChain ? `before-${topic}` : topic,
    ...(hasChain && chain('before-(.*)', '$1')),
  }
  const { program } = await bench.start(subject, settings, [connector])
  const flow = await watchFlow(program, input.count, () => bench.count(topic), 20)
  return { ...figuresOf(flow), peakMb: program.peakMb }
}

/** Topic -> file. */
async function sink(bench: Bench, subject: Subject, variation: Variation): Promise<Figures> {
  const { partitions = 1, compression = 'none', converter = 'string', hasChain = false, worker } = variation
  const input = inputOf(variation)
  const { settings, envelope } = converters[converter]
  const topic = await bench.filledTopic(input, { partitions, compression, envelope })
  const file = bench.path('out.txt')
  const connector = {
    'name': `bench-${topic}-${Date.now()}`,
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    file,
    'topics': topic,
    ...(hasChain && chain('(.*)', 'after-$1')),
  }
  const { program } = await bench.start(subject, { ...settings, ...worker }, [connector])
  const lineBytes = hasChain ? `Struct{line=,origin=bench}\n`.length + input.lineBytes : input.lineBytes + 1
  const count = () => Math.floor((statSync(file, { throwIfNoEntry: false })?.size ?? 0) / lineBytes)
  const flow = await watchFlow(program, input.count, count, 5)
  return { ...figuresOf(flow), peakMb: program.peakMb }
}

const inputOf = ({ lineBytes = 100, count = million }: Variation): Input => ({ lineBytes, count })

const figuresOf = (flow: Flow): Figures => ({ ...flow })

const all = [tsconnect, kafkaConnect, tunedKafkaConnect]
/** Only sources are faster with the three settings. */
const untuned = [tsconnect, kafkaConnect]

const sourceCase = (
  name: string,
  about: string,
  variation: Variation,
  subjects: readonly Subject[] = all,
): BenchCase => ({
  name,
  about: `file -> topic, ${about}`,
  subjects,
  run: (bench, subject) => source(bench, subject, variation),
})

const sinkCase = (name: string, about: string, variation: Variation): BenchCase => ({
  name,
  about: `topic -> file, ${about}`,
  subjects: untuned,
  run: (bench, subject) => sink(bench, subject, variation),
})

export const cases: readonly BenchCase[] = [
  sourceCase('source', '100 B, String', {}),
  sourceCase('source-long', '100 B, String, 5M', { count: 5 * million }, [tsconnect, tunedKafkaConnect]),
  sourceCase('source-json', '100 B, Json without schema', { converter: 'json' }),
  sourceCase('source-json-schema', '100 B, Json with schema', { converter: 'json with schema' }),
  sourceCase('source-chain', '100 B, String, chain of 3', { hasChain: true }),
  sourceCase('source-json-schema-chain', '100 B, Json with schema, chain of 3', {
    converter: 'json with schema',
    hasChain: true,
  }),
  sourceCase('source-1k', '1 KB, String', { lineBytes: 1000, count: million / 2 }),
  sourceCase('source-8-partitions', '100 B, String, 8 partitions', { partitions: 8 }),
  sourceCase('source-gzip', '100 B, String, gzip', { compression: 'gzip' }),
  sourceCase('source-lz4', '100 B, String, lz4', { compression: 'lz4' }),
  sourceCase('source-zstd', '100 B, String, zstd', { compression: 'zstd' }),
  sourceCase('source-idempotent', '100 B, String, idempotent', {
    worker: { 'producer.enable.idempotence': 'true' },
  }),
  sourceCase('source-not-idempotent', '100 B, String, not idempotent', {
    worker: { 'producer.enable.idempotence': 'false' },
  }),
  sinkCase('sink', '100 B, String', {}),
  sinkCase('sink-json', '100 B, Json without schema', { converter: 'json' }),
  sinkCase('sink-json-schema', '100 B, Json with schema', { converter: 'json with schema' }),
  sinkCase('sink-chain', '100 B, String, chain of 3', { hasChain: true }),
  sinkCase('sink-1k', '1 KB, String', { lineBytes: 1000, count: million / 2 }),
  sinkCase('sink-8-partitions', '100 B, String, 8 partitions', { partitions: 8 }),
  sinkCase('sink-gzip', '100 B, String, gzip', { compression: 'gzip' }),
  sinkCase('sink-lz4', '100 B, String, lz4', { compression: 'lz4' }),
  sinkCase('sink-zstd', '100 B, String, zstd', { compression: 'zstd' }),
]
