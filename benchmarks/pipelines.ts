/* eslint-disable no-console -- What a benchmark finds is what it prints. */
import { SourceRecord } from '../src/api/record.ts'
import { jsonConverter } from '../src/converters/json.ts'
import { stringConverter } from '../src/converters/string.ts'
import { SinkRecord } from '../src/index.ts'
import type { ConsumerRecord } from '../src/kafka/client.ts'
import { builtinPlugins } from '../src/plugins/builtin.ts'
import { PluginRegistry } from '../src/plugins/registry.ts'
import { ErrorCounts } from '../src/runtime/errors/error-counts.ts'
import { Reporters, type ErrorReporter } from '../src/runtime/errors/reporters.ts'
import { RetryWithToleranceOperator } from '../src/runtime/errors/retry-with-tolerance-operator.ts'
import { SinkPipeline } from '../src/runtime/sink-pipeline.ts'
import { SourcePipeline } from '../src/runtime/source-pipeline.ts'
import { buildChain, TransformationChain } from '../src/runtime/transformation-chain.ts'

/** How many records per second go through converters and transforms together, as tasks run them, on one core. */
const rounds = 7
const roundMs = 1000
const variety = 256

const settings = { 'errors.retry.timeout': 0, 'errors.retry.delay.max.ms': 60_000, 'errors.tolerance': 'all' }

function operator<R>(reporters: readonly (() => Promise<ErrorReporter<R>>)[] = []) {
  const { signal } = new AbortController()
  const counts = new ErrorCounts()
  return new RetryWithToleranceOperator<R>({
    settings,
    counts,
    reporters: new Reporters(reporters),
    describe: String,
    comesAgain: () => false,
    cancelled: signal,
  })
}

const toText = stringConverter.create({ 'converter.encoding': 'UTF-8' }, 'value')
const text = { className: stringConverter.name, converter: toText }
const toJson = jsonConverter.create(jsonConverter.config.parse({ 'schemas.enable': 'false' }), 'value')
const json = { className: jsonConverter.name, converter: toJson }
const texts = { key: text, value: text, header: text }
const jsons = { key: text, value: json, header: text }

const none = new TransformationChain([])
const routed = await buildChain(
  {
    'transforms': 'route,stamp',
    'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
    'transforms.route.regex': 'orders-(.*)',
    'transforms.route.replacement': 'all-orders-$1',
    'transforms.stamp.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.stamp.static.field': 'source',
    'transforms.stamp.static.value': 'shop',
  },
  new PluginRegistry(builtinPlugins),
)

const values = Array.from({ length: variety }, (_, i) => ({
  id: i,
  customer: `Customer ${i}`,
  paid: i % 2 === 0,
}))
const consumed = (value: (i: number) => string) =>
  values.map((_, i): ConsumerRecord => ({
    topic: 'orders-2024',
    partition: 0,
    offset: i,
    leaderEpoch: 0,
    timestamp: 1_700_000_000_000,
    timestampType: 'CreateTime',
    key: null,
    value: Buffer.from(value(i)),
    headers: [],
  }))
const polled = (value: (i: number) => unknown) =>
  values.map(
    (_, i) =>
      new SourceRecord({
        topic: 'orders-2024',
        value: { schema: null, value: value(i) },
        sourcePartition: null,
        sourceOffset: null,
      }),
  )

const reporter = async () => ({ report: () => null })
const lines = consumed((i) => `line ${i} of a file that is read`)
const documents = consumed((i) => JSON.stringify(values[i]))
const broken = consumed((i) => `{${i}`)
const polledLines = polled((i) => `line ${i} of a file that is read`)
const polledValues = polled((i) => values[i])

const through = <R>(pipeline: { process(record: R): unknown }, records: readonly R[]) => {
  return (i: number) => pipeline.process(records[i % variety]!)
}

const rows = [
  { what: 'Source: strings', run: through(new SourcePipeline(none, texts, operator()), polledLines) },
  {
    what: 'Source: JSON, 2 transforms',
    run: through(new SourcePipeline(routed, jsons, operator()), polledValues),
  },
  { what: 'Sink: strings', run: through(new SinkPipeline(none, texts, operator()), lines) },
  {
    what: 'Sink: strings, dead letters on',
    run: through(new SinkPipeline(none, texts, operator([reporter])), lines),
  },
  { what: 'Sink: JSON, 2 transforms', run: through(new SinkPipeline(routed, jsons, operator()), documents) },
  { what: 'Sink: broken JSON, tolerated', run: through(new SinkPipeline(none, jsons, operator()), broken) },
]

/** Records per second of one round. */
async function round(run: (i: number) => unknown): Promise<number> {
  // Time of the processor, not of the clock: whatever else runs on the machine does not count.
  const start = process.cpuUsage()
  let done = 0
  let elapsed
  do {
    for (let i = 0; i < variety; i++) {
      const result = run(i)
      if (result instanceof Promise) await result
      else if (!(result instanceof SinkRecord) && result === undefined) throw new Error('nothing came out')
    }
    done += variety
    elapsed = process.cpuUsage(start).user / 1000
  } while (elapsed < roundMs)
  return (done / elapsed) * 1000
}

console.log(`Node ${process.version}; median of ${rounds} rounds of ${roundMs} ms.\n`)
console.log(`| ${'What'.padEnd(32)} | Records/s |`)
console.log(`|${'-'.repeat(34)}|----------:|`)
for (const { what, run } of rows) {
  await round(run)
  const rates: number[] = []
  for (let i = 0; i < rounds; i++) rates.push(await round(run))
  const median = rates.sort((a, b) => a - b)[Math.floor(rounds / 2)]!
  console.log(`| ${what.padEnd(32)} | ${Math.round(median).toLocaleString('en-US').padStart(9)} |`)
}
