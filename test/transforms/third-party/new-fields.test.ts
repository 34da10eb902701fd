import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  dateSchema,
  Decimal,
  decimalBuilder,
  Float64,
  Headers,
  Instant,
  Int32,
  optionalTimestampSchema,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
} from '../../../src/index.ts'
import { extractNestedField } from '../../../src/transforms/third-party/extract-nested-field.ts'
import { headerToField } from '../../../src/transforms/third-party/header-to-field.ts'
import { timestampNow, timestampNowField } from '../../../src/transforms/third-party/timestamp-now.ts'
import { topicNameToField } from '../../../src/transforms/third-party/topic-name-to-field.ts'
import { contents, shape, structOf } from '../configure.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const order = structOf({ id: [Schema.INT64, 7] })

describe('HeaderToField', () => {
  const headers = Headers.of([
    { key: 'attempt', schema: Schema.STRING, value: '1' },
    { key: 'attempt', schema: Schema.STRING, value: '2' },
    { key: 'at', schema: timestampSchema, value: 1483425001864 },
    { key: 'price', schema: null, value: '12.50' },
    { key: 'raw', schema: Schema.BYTES, value: Buffer.from('x') },
    { key: 'word', schema: Schema.STRING, value: 'abc' },
    { key: 'day', schema: dateSchema, value: 86_400_000 },
  ])
  const mapped = (mappings: string, value = order) =>
    configure(headerToField.value, { 'header.mappings': mappings })(sinkRecord(value, { headers }))!.value

  for (const [mapping, type, value] of [
    ['attempt:STRING', 'STRING', '2'],
    ['attempt:int8', 'INT8', 2],
    ['attempt:INT16', 'INT16', 2],
    ['attempt:INT32:n', 'INT32', 2],
    ['attempt:INT64', 'INT64', 2],
    ['attempt:FLOAT32', 'FLOAT32', 2],
    ['price:FLOAT64', 'FLOAT64', 12.5],
    ['attempt:BOOLEAN', 'BOOLEAN', true],
    ['at:INT64(Timestamp)', 'INT64', 1483425001864],
    ['at:INT64(org.apache.kafka.connect.data.Timestamp)', 'INT64', 1483425001864],
    ['day:INT32(Date)', 'INT32', 86_400_000],
    ['at:INT32(Time)', 'INT32', 23_401_864],
    ['price:BYTES(Decimal[scale=2])', 'BYTES', new Decimal(1250n, 2)],
    ['raw:BYTES', 'BYTES', Buffer.from('x')],
    ['missing:INT32', 'INT32', null],
  ] as const) {
    test(`${mapping} adds ${String(value)}`, () => {
      const name = mapping.endsWith(':n') ? 'n' : mapping.slice(0, mapping.indexOf(':'))
      const after = mapped(mapping)
      expect(shape(after.schema)).toBe(`id:INT64 ${name}:${type}?`)
      expect(contents(after)).toEqual({ id: 7, [name]: value })
      ;(after.value as Struct).validate()
    })
  }

  test('keeps the rest of the schema and the headers', () => {
    const schema = SchemaBuilder.struct()
      .name('n')
      .version(2)
      .doc('d')
      .optional()
      .field('id', Schema.INT8)
      .build()
    const apply = configure(headerToField.key, { 'header.mappings': 'attempt:INT8 , price:STRING:cost' })
    const record = sinkRecord(schemaless(null), {
      key: { schema, value: new Struct(schema).put('id', 1) },
      headers,
    })
    const after = apply(record)!
    expect(after.key.schema).toMatchObject({ name: 'n', version: 2, doc: 'd', optional: true })
    expect(contents(after.key)).toEqual({ id: 1, attempt: 2, cost: '12.50' })
    expect(after.headers).toBe(headers)
  })

  test('adds to a map what speaks for itself', () => {
    const after = mapped(
      'attempt:INT32,at:INT64(Timestamp),price:FLOAT64,missing:STRING',
      schemaless({ id: 7 }),
    )
    expect(after).toEqual(
      schemaless({
        id: 7,
        attempt: new Int32(2),
        at: new Instant(1483425001864),
        price: new Float64(12.5),
        missing: null,
      }),
    )
  })

  test('leaves a tombstone alone, refuses what has no fields and a field that is there', () => {
    expect(mapped('attempt:INT8', schemaless(null))).toEqual(schemaless(null))
    expect(() => mapped('attempt:INT8', schemaless(1))).toThrow(
      '[copying headers to fields], found: java.lang.Long',
    )
    expect(() => mapped('attempt:INT8:id')).toThrow('field name duplication id')
    expect(() => mapped('word:INT32')).toThrow('Unable to convert abc')
  })

  for (const [mappings, problem] of [
    ['attempt', 'attempt is not of the form header:type[:field]'],
    ['a:INT8:b:c', 'a:INT8:b:c is not of the form'],
    ['a:INT8,b:NUMBER', 'NUMBER in b:NUMBER is no type of a header'],
    ['a:BYTES(Decimal[scale=50])', 'is no type of a header'],
    ['a:STRUCT', 'STRUCT in a:STRUCT is no type of a header'],
  ] as const) {
    test(`refuses ${mappings}`, () => {
      expect(() => mapped(mappings)).toThrow(problem)
    })
  }
})

describe('TopicNameToField', () => {
  const apply = configure(topicNameToField.value, { field: 'topic' })

  test('adds the topic as the last field', () => {
    const after = apply(sinkRecord(order))!.value
    expect(shape(after.schema)).toBe('id:INT64 topic:STRING')
    expect(after.schema!.field('topic')!.schema.doc).toBe('Topic name')
    expect(contents(after)).toEqual({ id: 7, topic: 'orders' })
  })

  test('adds it to a map without changing that', () => {
    const value = Object.freeze({ id: 7, topic: 'old' })
    expect(apply(sinkRecord(schemaless(value)))!.value).toEqual(schemaless({ id: 7, topic: 'orders' }))
  })

  test('leaves a tombstone alone, changes the schema of a null, refuses the rest', () => {
    const tombstone = sinkRecord(schemaless(null))
    expect(apply(tombstone)).toBe(tombstone)
    const after = apply(sinkRecord({ schema: order.schema, value: null }))!.value
    expect([shape(after.schema), after.value]).toEqual(['id:INT64 topic:STRING', null])
    expect(() => apply(sinkRecord(schemaless(true)))).toThrow('[adding the topic], found: java.lang.Boolean')
    expect(() =>
      configure(topicNameToField.key, { field: 'id' })(sinkRecord(schemaless(1), { key: order })),
    ).toThrow('field name duplication id')
    expect(() => configure(topicNameToField.value)).toThrow('Missing required configuration "field"')
  })
})

describe('the time of passing', () => {
  const now = 1700000000123
  beforeEach(() => vi.useFakeTimers({ now, toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  test('TimestampNow is the timestamp of the record', () => {
    const record = sinkRecord(order)
    const after = configure(timestampNow)(record)!
    expect([after.timestamp, after.value, after.topic]).toEqual([now, order, 'orders'])
  })

  test('TimestampNowField adds required Timestamps', () => {
    const after = configure(timestampNowField.value, { fields: 'a,b' })(sinkRecord(order))!.value
    expect(contents(after)).toEqual({ id: 7, a: now, b: now })
    expect(after.schema!.field('a')!.schema).toEqual(timestampSchema)
  })

  test('TimestampNowField keeps the schema of a Timestamp and moves other fields to the end', () => {
    const { schema, value } = structOf({
      a: [Schema.STRING, 'x'],
      b: [optionalTimestampSchema, null],
      id: [Schema.INT64, 7],
    })
    const after = configure(timestampNowField.value, { fields: 'a,b' })(sinkRecord({ schema, value }))!.value
    expect(shape(after.schema)).toBe('b:INT64? id:INT64 a:INT64')
    expect(contents(after)).toEqual({ b: now, id: 7, a: now })
  })

  test('TimestampNowField puts it into a map and leaves a tombstone alone', () => {
    const apply = configure(timestampNowField.key, { fields: 'at' })
    expect(apply(sinkRecord(order, { key: schemaless({ at: 'x', id: 1 }) }))!.key.value).toEqual({
      at: new Instant(now),
      id: 1,
    })
    const tombstone = sinkRecord(order, { key: schemaless(null) })
    expect(apply(tombstone)).toBe(tombstone)
    expect(() => apply(sinkRecord(order))).toThrow('[adding the time], found: java.lang.String')
    expect(() => configure(timestampNowField.value)).toThrow('Missing required configuration "fields"')
  })
})

describe('ExtractNestedField', () => {
  const settings = {
    'input.outer.field.name': 'address',
    'input.inner.field.name': 'state',
    'output.field.name': 'state',
  }
  const apply = configure(extractNestedField.value, settings)
  const inner = (state: Schema) => SchemaBuilder.struct().field('state', state).optional().build()
  const customer = (state: Schema, value: string | null) => {
    const address = inner(state)
    return structOf({
      name: [Schema.STRING, 'Ann'],
      address: [address, value === null ? null : new Struct(address).put('state', value)],
    })
  }

  test('copies the field to the end and keeps the inner struct', () => {
    const after = apply(sinkRecord(customer(Schema.STRING, 'TX')))!.value
    expect(shape(after.schema)).toBe('name:STRING address:STRUCT? state:STRING')
    expect(String(after.value)).toBe('Struct{name=Ann,address=Struct{state=TX},state=TX}')
  })

  test('copies out of maps', () => {
    const value = { address: { state: 'TX' } }
    expect(apply(sinkRecord(schemaless(value)))!.value.value).toEqual({ ...value, state: 'TX' })
    expect(apply(sinkRecord(schemaless({ id: 1 })))!.value.value).toEqual({ id: 1, state: null })
    expect(() => apply(sinkRecord(schemaless({ address: 'x' })))).toThrow(
      '[nested field extraction], found: java.lang.String',
    )
  })

  test('gives null for a missing struct where the field may be null', () => {
    const after = apply(sinkRecord(customer(Schema.OPTIONAL_STRING, null)))!.value
    expect(contents(after)['state']).toBeNull()
    expect(() => apply(sinkRecord(customer(Schema.STRING, null)))).toThrow(
      'null used for required field: "state"',
    )
  })

  test('leaves a tombstone alone and refuses fields that are not there', () => {
    const tombstone = sinkRecord(schemaless(null))
    expect(apply(tombstone)).toBe(tombstone)
    expect(() => apply(sinkRecord(order))).toThrow('Field does not exist: address')
    const other = configure(extractNestedField.key, { ...settings, 'input.inner.field.name': 'zip' })
    expect(() => other(sinkRecord(order, { key: customer(Schema.STRING, 'TX') }))).toThrow(
      'Field does not exist: address.zip',
    )
    const flat = configure(extractNestedField.value, { ...settings, 'input.outer.field.name': 'id' })
    expect(() => flat(sinkRecord(order))).toThrow("Field 'id' is not of type STRUCT")
    expect(() => apply(sinkRecord(schemaless(1)))).toThrow('found: java.lang.Long')
    expect(() => configure(extractNestedField.value, {})).toThrow(
      'Missing required configuration "input.outer.field.name"',
    )
  })

  test('keeps decimals and other logical types', () => {
    const price = decimalBuilder(2).build()
    const inside = SchemaBuilder.struct().field('state', price).build()
    const { schema, value } = structOf({
      address: [inside, new Struct(inside).put('state', new Decimal(150n, 2))],
    })
    const after = apply(sinkRecord({ schema, value }))!.value
    expect(after.schema!.field('state')!.schema).toBe(price)
  })
})
