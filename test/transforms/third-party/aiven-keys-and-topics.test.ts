import { describe, expect, test } from 'vitest'
import {
  Float64,
  Instant,
  Int32,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
  type SchemaAndValue,
} from '../../../src/index.ts'
import { concatFields } from '../../../src/transforms/third-party/concat-fields.ts'
import { extractTopicFromSchemaName } from '../../../src/transforms/third-party/extract-topic-from-schema-name.ts'
import { keyToValue } from '../../../src/transforms/third-party/key-to-value.ts'
import { contents, shape, structOf } from '../configure.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

describe('ConcatFields', () => {
  const settings = {
    'field.names': 'a,b,missing,n',
    'output.field.name': 'all',
    'delimiter': '-',
    'field.replace.missing': '*',
  }
  const apply = configure(concatFields.value, settings)

  test('joins the texts of the fields of a struct, the schema of which keeps its fields alone', () => {
    const schema = SchemaBuilder.struct()
      .name('gone')
      .field('n', Schema.FLOAT64)
      .field('a', Schema.STRING)
      .field('b', Schema.OPTIONAL_STRING)
      .build()
    const after = apply(sinkRecord({ schema, value: new Struct(schema).put('n', 10).put('a', 'x') }))!.value
    expect(shape(after.schema)).toBe('n:FLOAT64 a:STRING b:STRING? all:STRING?')
    expect(after.schema!.name).toBeNull()
    expect(contents(after)).toEqual({ n: 10, a: 'x', b: null, all: 'x-*-*-10.0' })
  })

  test('joins members of a map, on keys too, without settings for what is between them', () => {
    const { delimiter, 'field.replace.missing': missing, ...least } = settings
    expect([delimiter, missing]).toEqual(['-', '*'])
    const key = schemaless({ a: 'x', b: new Float64(2), n: true })
    const after = configure(concatFields.key, least)(sinkRecord(schemaless(1), { key }))!.key
    expect(after).toEqual(schemaless({ a: 'x', b: new Float64(2), n: true, all: 'x2.0true' }))
  })

  test('refuses a tombstone, a text, a field that is there and bad settings', () => {
    expect(() => apply(sinkRecord(schemaless(null)))).toThrow("value Value can't be null")
    expect(() => apply(sinkRecord(schemaless('x')))).toThrow('Value type must be STRUCT or MAP')
    expect(() => apply(sinkRecord(structOf({ all: [Schema.INT8, 1] })))).toThrow('field name duplication all')
    expect(() => configure(concatFields.value, { ...settings, 'output.field.name': '' })).toThrow(
      'for configuration output.field.name: String must be non-empty',
    )
    expect(() => configure(concatFields.value, {})).toThrow('Missing required configuration "field.names"')
  })
})

describe('ExtractTopicFromSchemaName', () => {
  const named = (name: string): SchemaAndValue => ({
    schema: SchemaBuilder.struct().name(name).build(),
    value: null,
  })
  const topic = (settings: Record<string, string>, name = 'com.acme.Order') =>
    configure(extractTopicFromSchemaName, settings)(sinkRecord(named(name)))?.topic

  for (const [settings, name, after] of [
    [{}, 'com.acme.Order', 'com.acme.Order'],
    [{ 'schema.name.topic-map': 'com.acme.Order:orders,com.acme.Bill:bills' }, 'com.acme.Bill', 'bills'],
    [{ 'schema.name.topic-map': 'com.acme.Order:orders' }, 'com.acme.Bill', 'com.acme.Bill'],
    [{ 'schema.name.regex': '(?:[.]|^)([^.]*)$' }, 'com.acme.Order', 'Order'],
    [{ 'schema.name.regex': '^org[.](.*)' }, 'com.acme.Order', 'com.acme.Order'],
    [{ 'schema.name.regex': '(com)[.](acme)' }, 'com.acme.Order', 'com.acme.Order'],
  ] as const) {
    test(`${JSON.stringify(settings)} sends ${name} to ${after}`, () => {
      expect(topic(settings, name)).toBe(after)
    })
  }

  test('refuses values without a named schema', () => {
    const apply = configure(extractTopicFromSchemaName)
    expect(() => apply(sinkRecord(schemaless({ a: 1 })))).toThrow("value schema name can't be null")
    expect(() => apply(sinkRecord(schemaless(null)))).toThrow("value schema name can't be null")
    expect(() => apply(sinkRecord({ schema: Schema.STRING, value: 'x' }))).toThrow(
      "schema name can't be null",
    )
  })

  test('refuses bad settings', () => {
    expect(() => topic({ 'schema.name.topic-map': 'a:b,c' })).toThrow('"c" is not of the form schema:topic')
    expect(() => topic({ 'schema.name.regex': '(' })).toThrow(
      'for configuration schema.name.regex: Invalid regex',
    )
    expect(() => topic({ 'schema.name.topic-map': 'a:b', 'schema.name.regex': '(.*)' })).toThrow(
      'schema.name.topic-map and schema.name.regex should not be defined together.',
    )
  })
})

describe('KeyToValue', () => {
  const structKey = structOf({ id: [Schema.INT32, 7], at: [timestampSchema, 5] })
  const order = structOf({ total: [Schema.FLOAT64, 2.5], id: [Schema.STRING, 'old'] })
  const copied = (settings: Record<string, string>, key: SchemaAndValue, value: SchemaAndValue) =>
    configure(keyToValue, settings)(sinkRecord(value, { key }))!.value

  test('copies fields into a struct, in place of those of the same name', () => {
    const after = copied({ 'key.fields': 'id,at', 'value.fields': ',made' }, structKey, order)
    expect(shape(after.schema)).toBe('total:FLOAT64 id:INT32 made:INT64')
    expect(contents(after)).toEqual({ total: 2.5, id: 7, made: 5 })
  })

  test('copies the whole key, a struct or not', () => {
    const after = copied({ 'key.fields': '*' }, structKey, order)
    expect(shape(after.schema)).toBe('total:FLOAT64 id:STRING _key:STRUCT')
    expect(contents(after)['_key']).toBe(structKey.value)
    const text = copied(
      { 'key.fields': '*', 'value.fields': 'k' },
      { schema: Schema.OPTIONAL_STRING, value: null },
      order,
    )
    expect([shape(text.schema), contents(text)['k']]).toEqual(['total:FLOAT64 id:STRING k:STRING?', null])
  })

  test('infers the schema of a key that has none', () => {
    const after = copied({ 'key.fields': '*' }, schemaless(new Int32(7)), order)
    expect([shape(after.schema), contents(after)['_key']]).toEqual(['total:FLOAT64 id:STRING _key:INT32', 7])
    const list = copied({ 'key.fields': '*' }, schemaless([new Float64(1), new Float64(2)]), order)
    expect(contents(list)['_key']).toEqual([1, 2])
    ;(list.value as Struct).validate()
  })

  test('keeps the rest of the schema', () => {
    const schema = SchemaBuilder.struct().name('n').version(2).doc('d').parameter('p', 'q').optional().build()
    const after = copied({ 'key.fields': 'id' }, structKey, { schema, value: new Struct(schema) })
    expect(after.schema).toMatchObject({
      name: 'n',
      version: 2,
      doc: 'd',
      parameters: { p: 'q' },
      optional: true,
    })
  })

  test('copies into a map what speaks for itself', () => {
    expect(copied({ 'key.fields': 'id,at' }, structKey, schemaless({ id: 'old', n: 1 }))).toEqual(
      schemaless({ id: new Int32(7), at: new Instant(5), n: 1 }),
    )
    expect(copied({ 'key.fields': 'a,b' }, schemaless({ a: 1 }), schemaless({}))).toEqual(
      schemaless({ a: 1, b: null }),
    )
    expect(copied({ 'key.fields': '*,a' }, schemaless({ a: 1 }), schemaless({}))).toEqual(
      schemaless({ _key: { a: 1 }, a: 1 }),
    )
    expect(copied({ 'key.fields': '*' }, { schema: Schema.INT32, value: 7 }, schemaless({}))).toEqual(
      schemaless({ _key: new Int32(7) }),
    )
  })

  test('keeps the key', () => {
    const record = sinkRecord(order, { key: structKey })
    expect(configure(keyToValue, { 'key.fields': 'id' })(record)!.key).toBe(structKey)
  })

  for (const [what, fields, key, value, problem] of [
    ['fields of a text', 'id', schemaless('k'), order, 'Named key fields [id] cannot be copied'],
    ['fields of a missing key', 'id', schemaless(null), order, 'it is null'],
    ['a field that the key does not have', 'x', structKey, order, "Key field 'x' not found in key schema"],
    ['such a field into a map', 'x', structKey, schemaless({}), 'x is not a valid field name'],
    ['a map without a schema into a struct', '*', schemaless({ a: 1 }), order, 'the key is a schemaless Map'],
    ['nothing into a struct', '*', schemaless(null), order, 'the key is null'],
    ['anything into a tombstone', '*', structKey, schemaless(null), 'The value needs to be a Struct or Map'],
    ['anything into a text', '*', structKey, schemaless('x'), 'and is java.lang.String'],
  ] as const) {
    test(`refuses to copy ${what}`, () => {
      expect(() => copied({ 'key.fields': fields }, key, value)).toThrow(problem)
    })
  }

  test('refuses two copies of one name', () => {
    expect(() => configure(keyToValue, { 'key.fields': 'a,b', 'value.fields': 'x,x' })).toThrow(
      "More than one key value is copied to the value field name 'x'",
    )
    expect(() => configure(keyToValue)).toThrow('Missing required configuration "key.fields"')
  })
})
