import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, Input } from './lab/bench.ts'
import { watchFlow } from './lab/flow.ts'
import { kcat, type Peer, rsyslog, syslogNg } from './lab/peers.ts'
import type { Program } from './lab/program.ts'
import { kafkaConnect, type Subject, tsconnect, tunedKafkaConnect } from './lab/subjects.ts'

export type Figures = Readonly<Record<string, number>>

export interface BenchCase {
  readonly name: string
  readonly about: string
  readonly subjects: readonly (Subject | Peer)[]
  run(bench: Bench, subject: Subject | Peer): Promise<Figures>
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
export async function source(bench: Bench, subject: Subject | Peer, variation: Variation): Promise<Figures> {
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
    ...sourceOf('bench', file, hasChain ? `before-${topic}` : topic),
    ...(hasChain && chain('before-(.*)', '$1')),
  }
  const program = isConnect(subject)
    ? (await bench.start(subject, settings, [connector])).program
    : bench.run(subject.source!(bench, file, topic))
  const flow = await watchFlow(program, input.count, () => bench.count(topic), 20)
  return { ...flow, peakMb: program.peakMb }
}

/** Topic -> file. */
export async function sink(bench: Bench, subject: Subject | Peer, variation: Variation): Promise<Figures> {
  const { partitions = 1, compression = 'none', converter = 'string', hasChain = false, worker } = variation
  const input = inputOf(variation)
  const { settings, envelope } = converters[converter]
  const topic = await bench.filledTopic(input, { partitions, compression, envelope })
  const file = bench.path('out.txt')
  const connector = {
    ...sinkOf('bench', file, topic),
    ...(hasChain && chain('(.*)', 'after-$1')),
  }
  const program = isConnect(subject)
    ? (await bench.start(subject, { ...settings, ...worker }, [connector])).program
    : bench.run(subject.sink!(bench, topic, input.count, file))
  const lineBytes = hasChain ? `Struct{line=,origin=bench}\n`.length + input.lineBytes : input.lineBytes + 1
  const flow = await watchFlow(program, input.count, () => linesOf(file, lineBytes), 5)
  return { ...flow, peakMb: program.peakMb }
}

/** File -> topic -> another file, in one worker. */
async function through(bench: Bench, subject: Subject, count: number): Promise<Figures> {
  const input = { lineBytes: 100, count }
  const topic = await bench.topic()
  const from = await bench.input(input)
  const to = bench.path('out.txt')
  const connectors = [sourceOf('in', from, topic), sinkOf('out', to, topic)]
  const { program } = await bench.start(subject, {}, connectors)
  const flow = await watchFlow(program, count, () => linesOf(to, 101), 5)
  return { ...flow, peakMb: program.peakMb }
}

/** A file of one line: how long until it is in the topic, and what the worker takes when nothing goes on. */
async function start(bench: Bench, subject: Subject): Promise<Figures> {
  const topic = await bench.topic()
  const file = bench.path('in.txt')
  writeFileSync(file, 'the only line\n')
  const { program, rest } = await bench.start(subject, {}, [sourceOf('start', file, topic)])
  const since = async (isReached: () => Promise<boolean>) => {
    while (!(await isReached())) {
      program.checkAlive()
      await delay(2)
    }
    return performance.now() - program.startedAt
  }
  const [restMs, firstMs] = await Promise.all([
    since(() =>
      fetch(rest).then(
        ({ ok }) => ok,
        () => false,
      ),
    ),
    since(async () => (await bench.count(topic)) > 0),
  ])
  const startCpu = program.cpuSeconds
  await delay(5000)
  const idle = await atRest(program, 10)
  const stopAt = performance.now()
  await program.stop()
  return { restMs, firstMs, startCpu, ...idle, stopMs: performance.now() - stopAt }
}

/** Many sources, each with a line a second, or none. */
async function many(bench: Bench, subject: Subject, isBusy: boolean): Promise<Figures> {
  const count = 100
  const topic = await bench.topic()
  const files = Array.from({ length: count }, (_, i) => bench.path(`in-${i}.txt`))
  for (const file of files) writeFileSync(file, 'first\n')
  const connectors = files.map((file, i) => sourceOf(`many-${i}`, file, topic))
  const { program } = await bench.start(subject, {}, connectors)
  while ((await bench.count(topic)) < count) {
    program.checkAlive()
    await delay(20)
  }
  const firstMs = performance.now() - program.startedAt
  await delay(5000)
  let lines = count
  const append = () => appendFileSync(files[lines++ % count]!, 'another line\n')
  const writing = isBusy ? setInterval(append, 10) : undefined
  const idle = await atRest(program, 20)
  clearInterval(writing)
  while ((await bench.count(topic)) < lines) await delay(20)
  return { firstMs, ...idle }
}

/** Lines appended at 100 a second, from a file to a topic to a file: the time from one file to the other. */
async function latency(bench: Bench, subject: Subject): Promise<Figures> {
  const count = 2000
  const topic = await bench.topic()
  const [from, to] = [bench.path('in.txt'), bench.path('out.txt')]
  writeFileSync(from, 'first\n')
  const connectors = [sourceOf('in', from, topic), sinkOf('out', to, topic)]
  const { program } = await bench.start(subject, {}, connectors)
  while (linesOf(to, 6) < 1) {
    program.checkAlive()
    await delay(20)
  }
  await delay(2000)
  const cpuBefore = program.cpuSeconds
  const begun = performance.now()
  const writtenAt: number[] = []
  const latencies: number[] = []
  while (latencies.length < count) {
    program.checkAlive()
    const now = performance.now()
    if (writtenAt.length < count && now - begun >= writtenAt.length * 10) {
      writtenAt.push(now)
      appendFileSync(from, 'x'.repeat(99) + '\n')
    }
    const arrived = Math.floor((statSync(to).size - 'first\n'.length) / 100)
    while (latencies.length < arrived) latencies.push(performance.now() - writtenAt[latencies.length]!)
    await delay(1)
  }
  const seconds = (performance.now() - begun) / 1000
  latencies.sort((a, b) => a - b)
  return {
    p50Ms: latencies[count / 2]!,
    p99Ms: latencies[count * 0.99]!,
    maxMs: latencies.at(-1)!,
    cpuPercent: ((program.cpuSeconds - cpuBefore) / seconds) * 100,
    residentMb: program.residentMb,
  }
}

async function atRest(program: Program, seconds: number): Promise<Figures> {
  const before = program.cpuSeconds
  await delay(seconds * 1000)
  program.checkAlive()
  return {
    cpuPercent: ((program.cpuSeconds - before) / seconds) * 100,
    residentMb: program.residentMb,
  }
}

const sourceOf = (name: string, file: string, topic: string): Settings => ({
  name,
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  file,
  topic,
})

const sinkOf = (name: string, file: string, topics: string): Settings => ({
  // Another group in every run: it begins at the start of the topic.
  'name': `${name}-${topics}-${Date.now()}`,
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  file,
  topics,
})

function linesOf(file: string, lineBytes: number): number {
  return Math.floor((statSync(file, { throwIfNoEntry: false })?.size ?? 0) / lineBytes)
}

const inputOf = ({ lineBytes = 100, count = million }: Variation): Input => ({ lineBytes, count })

const isConnect = (subject: Subject | Peer): subject is Subject => 'command' in subject

function connectOnly(run: (bench: Bench, subject: Subject) => Promise<Figures>): BenchCase['run'] {
  return (bench, subject) => {
    if (!isConnect(subject)) throw new Error(`${subject.name} cannot do this.`)
    return run(bench, subject)
  }
}

const all = [tsconnect, kafkaConnect, tunedKafkaConnect]
const peers = [kcat, ...(process.env['TSCONNECT_SHIPPERS'] === undefined ? [] : [rsyslog, syslogNg])]
/** Only sources are faster with the three settings. */
const untuned = [tsconnect, kafkaConnect]

/** Makes cases of one direction; `usual` are their subjects where nothing else is said. */
const flowCases =
  (direction: string, run: typeof source, usual: readonly (Subject | Peer)[]) =>
  (name: string, about: string, variation: Variation, subjects = usual): BenchCase => ({
    name,
    about: `${direction}, ${about}`,
    subjects,
    run: (bench, subject) => run(bench, subject, variation),
  })

const sourceCase = flowCases('file -> topic', source, all)
const sinkCase = flowCases('topic -> file', sink, untuned)

export const cases: readonly BenchCase[] = [
  { name: 'start', about: 'start and rest', subjects: untuned, run: connectOnly(start) },
  {
    name: 'latency',
    about: '100 lines/s, file -> topic -> file',
    subjects: untuned,
    run: connectOnly(latency),
  },
  sourceCase('source', '100 B, String', {}, [...all, ...peers]),
  sourceCase('source-long', '100 B, String, 5M', { count: 5 * million }, [tsconnect, tunedKafkaConnect]),
  sourceCase('source-json', '100 B, Json without schema', { converter: 'json' }),
  sourceCase('source-json-schema', '100 B, Json with schema', { converter: 'json with schema' }),
  sourceCase('source-chain', '100 B, String, chain of 3', { hasChain: true }),
  sourceCase('source-json-schema-chain', '100 B, Json with schema, chain of 3', {
    converter: 'json with schema',
    hasChain: true,
  }),
  sourceCase('source-1k', '1 KB, String', { lineBytes: 1000, count: million / 2 }, [...all, ...peers]),
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
  sinkCase('sink', '100 B, String', {}, [...untuned, kcat]),
  sinkCase('sink-json', '100 B, Json without schema', { converter: 'json' }),
  sinkCase('sink-json-schema', '100 B, Json with schema', { converter: 'json with schema' }),
  sinkCase('sink-chain', '100 B, String, chain of 3', { hasChain: true }),
  sinkCase('sink-1k', '1 KB, String', { lineBytes: 1000, count: million / 2 }, [...untuned, kcat]),
  sinkCase('sink-8-partitions', '100 B, String, 8 partitions', { partitions: 8 }),
  sinkCase('sink-gzip', '100 B, String, gzip', { compression: 'gzip' }),
  sinkCase('sink-lz4', '100 B, String, lz4', { compression: 'lz4' }),
  sinkCase('sink-zstd', '100 B, String, zstd', { compression: 'zstd' }),
  sinkCase('sink-committed', '100 B, String, read_committed', {
    worker: { 'consumer.isolation.level': 'read_committed' },
  }),
  {
    name: 'through',
    about: 'file -> topic -> file, 100 B, String',
    subjects: all,
    run: connectOnly((bench, subject) => through(bench, subject, million)),
  },
  {
    name: 'many-idle',
    about: '100 sources without new lines',
    subjects: untuned,
    run: connectOnly((bench, subject) => many(bench, subject, false)),
  },
  {
    name: 'many-slow',
    about: '100 sources, a line a second each',
    subjects: untuned,
    run: connectOnly((bench, subject) => many(bench, subject, true)),
  },
]
