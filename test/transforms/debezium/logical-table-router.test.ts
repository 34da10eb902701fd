import { describe, expect, test } from 'vitest'
import { DataError, nothing, Schema, type Struct } from '../../../src/index.ts'
import {
  byLogicalTableRouter,
  toLogicalTopicRouter,
} from '../../../src/transforms/debezium/logical-table-router.ts'
import { nameAdjuster } from '../../../src/transforms/debezium/name-adjuster.ts'
import {
  change,
  configure,
  contents,
  headerTexts,
  key,
  row,
  rowSchema,
  shape,
  sourceRecord,
  tombstone,
} from './support.ts'

const shards = { 'topic.regex': '(.*)customers_shard(\\d+)(.*)', 'topic.replacement': '$1customers_all$3' }
const router = (settings: Record<string, string> = {}) =>
  configure(byLogicalTableRouter, { ...shards, ...settings })
const topic = 'srv.shop.customers_shard1'
const updated = change({ op: 'u', before: row(7, 'Ada'), after: row(7, 'Ida'), topic })

describe('ByLogicalTableRouter', () => {
  test('sends change events to the common topic, under its schema names', () => {
    const after = router()(updated)!
    expect(after.topic).toBe('srv.shop.customers_all')
    expect(after.value.schema!.name).toBe('srv.shop.customers_all.Envelope')
    expect(after.value.schema!.version).toBe(1)
    const struct = after.value.value as Struct
    expect(struct.schema).toBe(after.value.schema)
    for (const field of ['before', 'after']) {
      const schema = after.value.schema!.field(field)!.schema
      expect(schema.name).toBe('srv.shop.customers_all.Value')
      expect(schema.optional).toBe(true)
      expect(shape(schema)).toBe(shape(rowSchema))
      expect(struct.getStruct(field)!.schema).toBe(schema)
    }
    expect(contents(struct)).toEqual(contents(updated.value.value))
    struct.validate()
  })

  test('adds to the key which table it is of', () => {
    const { schema, value } = router()(updated)!.key
    expect(schema!.name).toBe('srv.shop.customers_all.Key')
    expect(shape(schema)).toBe('id:INT32 __dbz__physicalTableIdentifier:STRING')
    expect(contents(value)).toEqual({ id: 7, __dbz__physicalTableIdentifier: topic })
  })

  for (const [what, settings, expected] of [
    ['no field', { 'key.enforce.uniqueness': 'false' }, { id: 7 }],
    ['one of another name', { 'key.field.name': 'shard' }, { id: 7, shard: topic }],
    [
      'what a pattern makes of the topic',
      { 'key.field.name': 'shard', 'key.field.regex': '.*_(shard\\d)', 'key.field.replacement': '$1' },
      { id: 7, shard: 'shard1' },
    ],
    [
      'the topic where the pattern does not match',
      { 'key.field.name': 'shard', 'key.field.regex': '.*_(part\\d)', 'key.field.replacement': '$1' },
      { id: 7, shard: topic },
    ],
  ] as const) {
    test(`adds ${what} if wanted`, () => {
      expect(contents(router(settings)(updated)!.key.value)).toEqual(expected)
    })
  }

  test('gives keys of several tables with one schema names of their own topics', () => {
    const apply = configure(byLogicalTableRouter, { 'topic.regex': '(.*)_\\d', 'topic.replacement': '$1' })
    const names = ['a_1', 'b_1', 'a_2'].map(
      (topic) => apply(change({ op: 'c', after: row(1), topic }))!.key.schema!.name,
    )
    expect(names).toEqual(['a.Key', 'b.Key', 'a.Key'])
  })

  test('gives equal schemas the same schema, whatever is forgotten', () => {
    const apply = router({ 'logical.table.cache.size': '1' })
    const again = change({ op: 'c', after: row(8), topic })
    expect(apply(again)!.value.schema).toBe(apply(updated)!.value.schema)
    expect(apply(change({ op: 'c', after: row(8), topic: 'x.customers_shard2' }))!.topic).toBe(
      'x.customers_all',
    )
    expect(apply(updated)!.topic).toBe('srv.shop.customers_all')
  })

  test('sends tombstones and other records there, with another key only', () => {
    const headers = [{ key: 'a', schema: null, value: 1 }]
    const gone = router()(tombstone({ topic, headers }))!
    expect(gone.topic).toBe('srv.shop.customers_all')
    expect(gone.value).toEqual(nothing)
    expect(contents(gone.key.value)).toMatchObject({ id: 7 })
    expect(headerTexts(gone)).toEqual(['a=1'])
    const other = sourceRecord({ schema: rowSchema, value: row(7) }, { topic })
    expect(router()(other)!.value).toBe(other.value)
  })

  test('leaves no key where there is none', () => {
    const record = change({ op: 'c', after: row(7), topic, key: nothing })
    expect(router()(record)!.key).toEqual(nothing)
  })

  test('leaves records alone whose topic does not match or would be empty', () => {
    const other = change({ op: 'c', after: row(7) })
    expect(router()(other)).toBe(other)
    expect(router({ 'topic.replacement': '' })(updated)!.topic).toBe(topic)
  })

  test('fails for a key that is no struct, or has that field already', () => {
    const plain = change({ op: 'c', after: row(7), topic, key: { schema: Schema.STRING, value: 'k' } })
    expect(() => router()(plain)).toThrow(
      'Only Struct objects supported for [Updating schema], found: java.lang.String',
    )
    expect(() => router({ 'key.field.name': 'id' })(updated)).toThrow(DataError)
  })

  for (const [settings, message] of [
    [{ 'topic.regex': '(' }, 'Invalid value ( for configuration topic.regex: Invalid regex: '],
    [{ 'key.field.regex': '(' }, 'Invalid value ( for configuration key.field.regex: Invalid regex: '],
    [{ 'key.field.regex': '(.*)' }, 'key.field.replacement must be non-empty if key.field.regex is set.'],
    [{ 'schema.name.adjustment.mode': 'x' }, 'Value must be one of none, avro, avro_unicode'],
  ] as const) {
    test(`refuses ${JSON.stringify(settings)}`, () => {
      expect(() => router(settings)).toThrow(message)
    })
  }
})

test('ToLogicalTopicRouter calls the field of the key differently', () => {
  const apply = configure(toLogicalTopicRouter, shards)
  expect(contents(apply(updated)!.key.value)).toEqual({ id: 7, __dbz__sourceIdentifier: topic })
  expect(contents(apply(change({ op: 'c', after: row(7), topic, key: key(9) }))!.key.value)).toMatchObject({
    id: 9,
  })
})

describe('names of schemas and fields', () => {
  for (const [mode, what, name, expected] of [
    ['none', 'schema', '1-a.b', '1-a.b'],
    ['avro', 'schema', '1-a.b_c', '_1_a.b_c'],
    ['AVRO', 'schema', '-a', '_a'],
    ['avro', 'field', 'a.b-c', 'a_b_c'],
    ['avro_unicode', 'schema', 'a_b.c', 'a_u005fb.c'],
    ['avro_unicode', 'schema', '1a', '_u0031a'],
    ['avro_unicode', 'field', 'a.é日', 'a_u002e_u00e9_u65e5'],
  ] as const) {
    test(`${mode} makes ${name} of a ${what} ${expected}`, () => {
      expect(nameAdjuster(mode, what)(name)).toBe(expected)
    })
  }

  test('follow the mode in all three schemas', () => {
    const apply = router({ 'topic.replacement': '$1all-customers', 'schema.name.adjustment.mode': 'avro' })
    const after = apply(updated)!
    expect(after.topic).toBe('srv.shop.all-customers')
    expect(after.key.schema!.name).toBe('srv.shop.all_customers.Key')
    expect(after.value.schema!.name).toBe('srv.shop.all_customers.Envelope')
    expect(after.value.schema!.field('after')!.schema.name).toBe('srv.shop.all_customers.Value')
  })
})
