import { describe, expect, test } from 'vitest'
import {
  Int32,
  Schema,
  SchemaBuilder,
  SinkRecord,
  SourceRecord,
  Struct,
  type ConnectRecord,
  type SchemaAndValue,
  type TransformPlugin,
} from '../../src/index.ts'
import { hoistField } from '../../src/transforms/hoist-field.ts'
import { insertField } from '../../src/transforms/insert-field.ts'
import { regexRouter } from '../../src/transforms/regex-router.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function configure(plugin: TransformPlugin<any>, settings: Record<string, string>) {
  const transform = plugin.create(plugin.config.parse(settings))
  return <R extends ConnectRecord>(record: R) => transform.apply(record) as R
}

const schemaless = (value: unknown): SchemaAndValue => ({ schema: null, value })

function sinkRecord(value: SchemaAndValue, topic = 'orders') {
  return new SinkRecord({
    topic,
    partition: 3,
    offset: 1234,
    timestamp: 1483425001864,
    key: schemaless('k'),
    value,
  })
}

function sourceRecord(value: SchemaAndValue) {
  return new SourceRecord({ topic: 'orders', value, sourcePartition: { p: 1 }, sourceOffset: { o: 1 } })
}

const schema = SchemaBuilder.struct().name('n').version(1).doc('d').field('a', Schema.STRING).build()
const struct = () => ({ schema, value: new Struct(schema).put('a', 'x') })

describe('InsertField$Value', () => {
  const all = {
    'topic.field': 'topic!',
    'partition.field': 'partition',
    'offset.field': 'offset?',
    'timestamp.field': 'ts',
    'static.field': 's',
    'static.value': 'v',
  }

  test('adds fields behind those of a struct, whose name, version and doc stay', () => {
    const { value } = configure(insertField.value, all)(sinkRecord(struct()))
    expect(value.schema).toMatchObject({ name: 'n', version: 1, doc: 'd' })
    expect(
      value.schema!.fields.map(({ name, schema }) => `${name} ${String(schema)} ${schema.optional}`),
    ).toEqual([
      'a Schema{STRING} false',
      'topic Schema{STRING} false',
      'partition Schema{INT32} true',
      'offset Schema{INT64} true',
      'ts Schema{org.apache.kafka.connect.data.Timestamp:INT64} true',
      's Schema{STRING} true',
    ])
    const found = value.value as Struct
    expect(['a', 'topic', 'partition', 'offset', 'ts', 's'].map((name) => found.get(name))).toEqual([
      'x',
      'orders',
      3,
      1234,
      1483425001864,
      'v',
    ])
  })

  test('gives equal schemas the very same new one', () => {
    const apply = configure(insertField.value, all)
    expect(apply(sinkRecord(struct())).value.schema).toBe(apply(sinkRecord(struct())).value.schema)
  })

  test('adds members to a map, and leaves the given one alone', () => {
    const before = { a: 1, topic: 'old' }
    const { value } = configure(insertField.value, all)(sinkRecord(schemaless(before)))
    expect(value.value).toEqual({
      a: 1,
      topic: 'orders',
      partition: new Int32(3),
      offset: 1234,
      ts: 1483425001864,
      s: 'v',
    })
    expect(before).toEqual({ a: 1, topic: 'old' })
  })

  test('leaves a tombstone as it is', () => {
    const record = sinkRecord(schemaless(null))
    expect(configure(insertField.value, all)(record)).toBe(record)
  })

  test('leaves away what a record does not have', () => {
    const { value } = configure(insertField.value, { 'partition.field': 'p', 'topic.field': 't' })(
      sourceRecord(schemaless({})),
    )
    expect(value.value).toEqual({ t: 'orders' })
  })

  for (const [what, settings, value, message] of [
    [
      'an offset of a source record',
      { 'offset.field': 'o' },
      {},
      'Only SinkRecord supported for [field insertion]',
    ],
    [
      'a value without fields',
      { 'topic.field': 't' },
      'text',
      'Only Map objects supported in absence of schema for [field insertion], found: java.lang.String',
    ],
  ] as const) {
    test(`refuses ${what}`, () => {
      expect(() => configure(insertField.value, settings)(sourceRecord(schemaless(value)))).toThrow(message)
    })
  }

  test('refuses to insert nothing', () => {
    expect(() => configure(insertField.value, {})).toThrow('No field insertion configured')
    expect(() => configure(insertField.value, { 'static.field': 's' })).toThrow(
      'No value specified for static field: ',
    )
  })
})

describe('HoistField', () => {
  test('wraps a value with schema in a struct', () => {
    const { value } = configure(hoistField.value, { field: 'f' })(sinkRecord(struct()))
    expect(String(value.value)).toBe('Struct{f=Struct{a=x}}')
  })

  test('wraps a key without schema in a map, even null', () => {
    expect(configure(hoistField.key, { field: 'f' })(sinkRecord(struct())).key.value).toEqual({ f: 'k' })
    expect(configure(hoistField.value, { field: 'f' })(sinkRecord(schemaless(null))).value.value).toEqual({
      f: null,
    })
  })
})

describe('RegexRouter', () => {
  for (const [regex, replacement, topic, renamed] of [
    ['(.*)', '$1-suffix', 'orders', 'orders-suffix'],
    ['order', 'x', 'orders', 'orders'],
    ['(.*)-(\\d{8})', '$2/$1', 'index-20160117', '20160117/index'],
    ['a|ab', 'x', 'ab', 'xb'],
    ['(?<name>\\w+)', '${name}!', 'orders', 'orders!'],
    ['(a)', '\\$1', 'a', '$1'],
  ] as const) {
    test(`${regex} to ${replacement} makes ${renamed} of ${topic}`, () => {
      const apply = configure(regexRouter, { regex, replacement })
      expect(apply(sinkRecord(struct(), topic)).topic).toBe(renamed)
      expect(apply(sinkRecord(struct(), topic)).topic).toBe(renamed)
    })
  }

  test('keeps partition and original coordinates', () => {
    const record = configure(regexRouter, { regex: '.*', replacement: 'x' })(sinkRecord(struct()))
    expect(record).toMatchObject({ topic: 'x', partition: 3, originalTopic: 'orders', originalOffset: 1234 })
  })

  test('refuses a bad expression when configured and a bad reference when used', () => {
    expect(() => configure(regexRouter, { regex: '[', replacement: 'x' })).toThrow(
      'Invalid value [ for configuration regex: Invalid regex: Unclosed character class near index 0',
    )
    const apply = configure(regexRouter, { regex: 'orders', replacement: '$1' })
    expect(() => apply(sinkRecord(struct()))).toThrow('No group 1')
  })
})
