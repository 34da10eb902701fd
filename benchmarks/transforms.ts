/* eslint-disable no-console -- What a benchmark finds is what it prints. */
import { SinkRecord } from '../src/api/record.ts'
import { jsonConverter } from '../src/converters/json.ts'
import { stringConverter } from '../src/converters/string.ts'
import {
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
  type ConverterPlugin,
  type SchemaAndValue,
} from '../src/index.ts'
import { builtinPlugins } from '../src/plugins/builtin.ts'
import { PluginRegistry } from '../src/plugins/registry.ts'
import { buildChain } from '../src/runtime/transformation-chain.ts'

/** How many records per second go through converters and transforms, on one core. */
const rounds = 5
const roundMs = 1000
/** Values that differ, so that nothing can be worked out once for all. */
const variety = 256

const schema = SchemaBuilder.struct()
  .name('com.example.Order')
  .field('id', Schema.INT64)
  .field('customer', Schema.STRING)
  .field('email', Schema.STRING)
  .field('street', Schema.STRING)
  .field('city', Schema.STRING)
  .field('amount', Schema.FLOAT64)
  .field('quantity', Schema.INT32)
  .field('paid', Schema.BOOLEAN)
  .field('created', timestampSchema)
  .field('note', Schema.OPTIONAL_STRING)
  .build()

const structs: readonly SchemaAndValue[] = Array.from({ length: variety }, (_, i) => {
  const value = new Struct(schema)
    .put('id', 1_000_000_007 + i * 7919)
    .put('customer', `Customer number ${i}, Northern Region`)
    .put('email', `customer.${i}@mail.example.com`)
    .put('street', `${i} Long Street of the Old Market Square`)
    .put('city', i % 2 === 0 ? 'Oslo' : 'Reykjavík')
    .put('amount', (i * 37 + 11) / 8)
    .put('quantity', i)
    .put('paid', i % 3 === 0)
    .put('created', 1_700_000_000_000 + i * 1001)
    .put('note', i % 4 === 0 ? null : 'Leave at the door, ring twice, mind the dog')
  return { schema, value }
})

interface Row {
  readonly what: string
  readonly goal: number | null
  readonly run: (i: number) => unknown
}

function bothWays(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  plugin: ConverterPlugin<any>,
  config: Record<string, string>,
  data: readonly SchemaAndValue[],
) {
  const converter = plugin.create(plugin.config.parse(config), 'value')
  const bytes = data.map((item) => converter.fromConnectData('t', item) as Buffer)
  return {
    size: Math.round(bytes.reduce((sum, { length }) => sum + length, 0) / bytes.length),
    write: (i: number) => converter.fromConnectData('t', data[i % variety]!),
    read: (i: number) => converter.toConnectData('t', bytes[i % variety]!),
    values: bytes.map((item) => converter.toConnectData('t', item) as SchemaAndValue),
  }
}

const chainConfig = {
  'transforms': 'insert,rename,cast,mask,route',
  'transforms.insert.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.insert.static.field': 'source',
  'transforms.insert.static.value': 'shop',
  'transforms.rename.type': 'org.apache.kafka.connect.transforms.ReplaceField$Value',
  'transforms.rename.renames': 'customer:name,note:remark',
  'transforms.cast.type': 'org.apache.kafka.connect.transforms.Cast$Value',
  'transforms.cast.spec': 'quantity:int64,amount:string',
  'transforms.mask.type': 'org.apache.kafka.connect.transforms.MaskField$Value',
  'transforms.mask.fields': 'email,street',
  'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
  'transforms.route.regex': 'orders-(.*)',
  'transforms.route.replacement': 'all-orders-$1',
}

const chain = await buildChain(chainConfig, new PluginRegistry(builtinPlugins))
const transformed = (data: readonly SchemaAndValue[]) => {
  const records = data.map(
    (value, offset) =>
      new SinkRecord({
        topic: 'orders-2024',
        partition: 0,
        offset,
        key: { schema: null, value: 'k' },
        value,
      }),
  )
  return (i: number) => chain.apply(records[i % variety]!)
}

const withSchema = bothWays(jsonConverter, {}, structs)
const payload = bothWays(jsonConverter, { 'schemas.enable': 'false' }, structs)
const schemaless = bothWays(jsonConverter, { 'schemas.enable': 'false' }, payload.values)
const texts = structs.map((_, i) => ({
  schema: Schema.STRING,
  value: (payload.write(i) as Buffer).toString(),
}))
const string = bothWays(stringConverter, {}, texts)

const rows: readonly Row[] = [
  { what: 'JsonConverter, no schema in it: write a struct', goal: 500_000, run: payload.write },
  { what: 'JsonConverter, no schema in it: write a map', goal: 500_000, run: schemaless.write },
  { what: 'JsonConverter, no schema in it: read', goal: 500_000, run: schemaless.read },
  { what: 'JsonConverter with schema: write', goal: 300_000, run: withSchema.write },
  { what: 'JsonConverter with schema: read', goal: 300_000, run: withSchema.read },
  { what: 'StringConverter: write', goal: null, run: string.write },
  { what: 'StringConverter: read', goal: null, run: string.read },
  { what: 'Chain of 5 transforms: structs', goal: 500_000, run: transformed(structs) },
  { what: 'Chain of 5 transforms: maps', goal: null, run: transformed(payload.values) },
]

/** Records per second of one round. */
function round(run: Row['run']): number {
  const start = performance.now()
  let done = 0
  let elapsed
  do {
    for (let i = 0; i < variety; i++) run(i)
    done += variety
    elapsed = performance.now() - start
  } while (elapsed < roundMs)
  return (done / elapsed) * 1000
}

const number = (value: number) => Math.round(value).toLocaleString('en-US')

console.log(
  `Node ${process.version}; a struct of ${schema.fields.length} fields, ${payload.size} bytes as JSON,`,
)
console.log(`${withSchema.size} with its schema; median of ${rounds} rounds of ${roundMs} ms.\n`)
console.log(`| ${'What'.padEnd(50)} | Records/s | Goal    |`)
console.log(`|${'-'.repeat(52)}|----------:|--------:|`)
for (const { what, goal, run } of rows) {
  round(run)
  const rates = Array.from({ length: rounds }, () => round(run)).sort((a, b) => a - b)
  const median = number(rates[Math.floor(rounds / 2)]!)
  console.log(
    `| ${what.padEnd(50)} | ${median.padStart(9)} | ${(goal === null ? '' : number(goal)).padStart(7)} |`,
  )
}
