import { describe, expect, test } from 'vitest'
import type { ConverterPlugin } from '../../src/index.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { SourcePipeline } from '../../src/runtime/source-pipeline.ts'
import { sourceErrors } from '../../src/runtime/errors/task-errors.ts'
import { buildChain } from '../../src/runtime/transformation-chain.ts'
import { fakeTaskErrors } from '../support/fake-errors.ts'
import { recordOfRun } from '../support/fake-producer.ts'
import { textRun } from '../support/text-run.ts'

const plugins = new PluginRegistry(builtinPlugins)
const transforms = 'org.apache.kafka.connect.transforms.'
const predicates = `${transforms}predicates.`
const odd = [
  '',
  'plain',
  '{"a": 1}',
  'back\\slash\ttab',
  'tsconnect:Yb7qXw2LkVd0:text',
  'é 日本 🚀',
  '\u0001',
]
const lines = [...odd, ...odd, ...odd]

const json = { name: 'org.apache.kafka.connect.json.JsonConverter', settings: {} }
const bare = { name: json.name, settings: { 'schemas.enable': 'false' } }
const text = { name: 'org.apache.kafka.connect.storage.StringConverter', settings: {} }
const bytes = { name: 'org.apache.kafka.connect.converters.ByteArrayConverter', settings: {} }

type Named = { name: string; settings: Record<string, string> }

const hoist = { 'a.type': `${transforms}HoistField$Value`, 'a.field': 'line' }
const three = {
  ...hoist,
  'b.type': `${transforms}InsertField$Value`,
  'b.static.field': 'origin',
  'b.static.value': 'bench "x"',
  'b.timestamp.field': 'at',
  'c.type': `${transforms}RegexRouter`,
  'c.regex': '(.*)',
  'c.replacement': 'routed-$1',
}

async function pipelineOf(chain: Record<string, string>, value: Named, key: Named = value) {
  const named = async ({ name, settings }: Named, role: 'key' | 'value' | 'header') => {
    const kind = role === 'header' ? 'header_converter' : 'converter'
    const plugin = (await plugins.plugin(kind, name)) as ConverterPlugin
    return { className: name, converter: plugin.create(plugin.config.parse(settings), role) }
  }
  const headerConverter = { name: 'org.apache.kafka.connect.storage.SimpleHeaderConverter', settings: {} }
  const converters = {
    key: await named(key, 'key'),
    value: await named(value, 'value'),
    header: await named(headerConverter, 'header'),
  }
  const aliases = ['a', 'b', 'c'].filter((alias) => `${alias}.type` in chain)
  const props: Record<string, string> = { transforms: aliases.join(',') }
  for (const [name, setting] of Object.entries(chain)) {
    props[name.startsWith('predicates') ? name : `transforms.${name}`] = setting
  }
  const { signal } = new AbortController()
  const errors = fakeTaskErrors({}, { converters, cancelled: signal })
  const operator = sourceErrors(errors.deps, async () => converters.value.converter)
  return new SourcePipeline(await buildChain(props, plugins), converters, operator)
}

const predicate = {
  'a.predicate': 'p',
  'predicates': 'p',
  'predicates.p.type': `${predicates}TopicNameMatches`,
}

describe('a run of texts', () => {
  test('is sent record by record where it is short', async () => {
    expect((await pipelineOf({}, text)).processRun(textRun(lines.slice(0, 15)))).toBeNull()
  })

  for (const { what, chain, value, key } of [
    { what: 'text', chain: {}, value: text },
    { what: 'JSON without schema', chain: {}, value: bare },
    { what: 'JSON with schema', chain: {}, value: json },
    { what: 'JSON beside keys that are bytes', chain: {}, value: json, key: bytes },
    { what: 'a chain of three to JSON with schema', chain: three, value: json },
    { what: 'a chain of three to JSON without schema', chain: three, value: bare },
    { what: 'a chain of three to text', chain: three, value: text },
    {
      what: 'a header beside it',
      chain: { 'a.type': `${transforms}InsertHeader`, 'a.header': 'h', 'a.value.literal': '42' },
      value: json,
    },
    {
      what: 'a transform whose predicate holds',
      chain: { ...hoist, ...predicate, 'predicates.p.pattern': 't' },
      value: json,
    },
    {
      what: 'a transform whose predicate does not hold',
      chain: { ...hoist, ...predicate, 'predicates.p.pattern': 'other' },
      value: json,
    },
    {
      what: 'a topic after the time',
      chain: { 'a.type': `${transforms}TimestampRouter` },
      value: text,
    },
  ]) {
    test(`goes to Kafka as a whole, as its records would: ${what}`, async () => {
      const pipeline = await pipelineOf(chain, value, key)
      const run = textRun(lines, { timestamp: 1_700_000_000_000 })
      const whole = pipeline.processRun(run)!
      expect(whole).not.toBeNull()
      const single = [...run].map((record) => pipeline.process(record))
      expect(lines.map((_, i) => recordOfRun(whole, i))).toEqual(single)
    })
  }

  for (const { what, chain, value } of [
    {
      what: 'what is done depends on the text',
      chain: { 'a.type': `${transforms}Cast$Value`, 'a.spec': 'string' },
      value: text,
    },
    {
      what: 'the predicate of a transform that drops records is not known to be uniform',
      chain: { 'a.type': `${transforms}Filter` },
      value: text,
    },
    {
      what: 'the text is masked',
      chain: { 'a.type': `${transforms}MaskField$Value`, 'a.fields': 'x' },
      value: text,
    },
    {
      what: 'the text is in the key',
      chain: { ...hoist, 'b.type': `${transforms}ValueToKey`, 'b.fields': 'line' },
      value: json,
    },
    {
      what: 'the bytes are no UTF-8',
      chain: {},
      value: { name: text.name, settings: { 'converter.encoding': 'UTF-16' } },
    },
    {
      what: 'some characters are lost',
      chain: {},
      value: { name: text.name, settings: { 'converter.encoding': 'ISO-8859-1' } },
    },
    { what: 'the converter refuses text', chain: {}, value: bytes },
  ]) {
    test(`is sent record by record where ${what}`, async () => {
      expect((await pipelineOf(chain, value)).processRun(textRun(lines))).toBeNull()
    })
  }
})
