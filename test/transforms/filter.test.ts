import { describe, expect, test } from 'vitest'
import {
  ConfigError,
  DataError,
  Decimal,
  decimalBuilder,
  Float64,
  Headers,
  Int32,
  Schema,
  SchemaBuilder,
  SinkRecord,
  Struct,
  timestampSchema,
  type SchemaAndValue,
} from '../../src/index.ts'
import { filter } from '../../src/transforms/filter.ts'

const address = SchemaBuilder.struct().optional().field('city', Schema.OPTIONAL_STRING).build()
const schema = SchemaBuilder.struct()
  .field('amount', Schema.OPTIONAL_INT64)
  .field('rate', Schema.FLOAT64)
  .field('price', decimalBuilder(2).build())
  .field('at', timestampSchema)
  .field('count', SchemaBuilder.map(Schema.STRING, Schema.INT32).build())
  .field('address', address)
  .build()
const struct = new Struct(schema)
  .put('amount', 9007199254740993n)
  .put('rate', 10)
  .put('price', new Decimal(1250n, 2))
  .put('at', Date.UTC(2024, 4, 1))
  .put('count', { a: 1 })
  .put('address', new Struct(address).put('city', 'Oslo'))

const map = Object.assign(Object.create(null) as object, {
  status: 'late',
  nothing: null,
  n: 3,
  big: 9007199254740993n,
  ten: new Float64(10),
  half: 0.5,
  int: new Int32(7),
  decimal: new Decimal(300n, 2),
  list: [1, 'two', { three: 3 }],
  byNumber: new Map([[1, 'one']]),
  bytes: Buffer.from('ab'),
})

const schemaless = (value: unknown): SchemaAndValue => ({ schema: null, value })

function record(value: SchemaAndValue) {
  return new SinkRecord({
    topic: 'orders-eu',
    partition: 3,
    offset: 12,
    timestamp: 1700000000000,
    key: schemaless('k'),
    value,
    headers: Headers.of([
      { key: 'h', schema: null, value: 'first' },
      { key: 'h', schema: null, value: 'last' },
    ]),
  })
}

const create = (settings: Record<string, string>) => filter.create(filter.config.parse(settings))

describe('Filter without condition', () => {
  test('drops every record', () => {
    expect(create({}).apply(record(schemaless(map)))).toBeNull()
  })

  test('shows no setting, as that of Kafka', () => {
    expect(filter.config.fields).toEqual({})
    expect(filter.config.validate({ condition: 'value.a == 1' })).toEqual([])
  })
})

describe('Filter with condition', () => {
  const holdsFor = (condition: string, value: SchemaAndValue) => {
    const given = record(value)
    const result = create({ condition }).apply(given)
    if (result !== null) expect(result).toBe(given)
    return result === null
  }

  for (const [condition, holds] of [
    ['value.status in ["failed", "late"] && topic.startsWith("orders")', true],
    ['value.status == "failed"', false],
    ['value.amount == null', true],
    ['value.nothing == null', true],
    ['value.status == null', false],
    ['value.a.b.c == null', true],
    ['value.status.b == null', true],
    ['value["amount"] == null', true],
    ['value["n"] == 3', true],
    ['value.list[7] == null', true],
    ['value.list[0] == 1 && value.list[1] == "two" && value.list[2].three == 3', true],
    ['has(value.amount)', false],
    ['has(value.a.b)', false],
    ['has(value.nothing)', true],
    ['"amount" in value', false],
    ['"n" in value', true],
    ['value.n > 2 && value.n < 4 && value.n >= 2.5', true],
    ['value.big == 9007199254740993', true],
    ['value.big == 9007199254740992', false],
    ['value.ten == 10 && value.ten > 9.5', true],
    ['value.half < 1', true],
    ['value.int == 7', true],
    ['value.decimal == 3', true],
    ['value.byNumber[1] == "one"', true],
    ['value.bytes == b"ab"', true],
    ['value.list.exists(x, x == "two")', true],
    ['value.list.all(x, x.three == null)', false],
    ['value.size() > 3', true],
    ['value.status.matches("^la")', true],
    ['value.__proto__ == null && value.constructor == null', true],
    ['key == "k" && partition == 3 && timestamp == 1700000000000', true],
    ['headers.h == "last" && headers.x == null', true],
    ['!(value.n == 3) || -value.n < 0', true],
    ['value.n == 3 ? true : false', true],
  ] as const) {
    test(`${condition} is ${holds} for a map`, () => {
      expect(holdsFor(condition, schemaless(map))).toBe(holds)
    })
  }

  for (const [condition, holds] of [
    ['value.amount == 9007199254740993', true],
    ['value.unknown == null', true],
    ['value.rate == 10.0 && value.rate > 9', true],
    ['value.price == 12.5', true],
    ['value.at < timestamp("2024-06-01T00:00:00Z")', true],
    ['value.at < timestamp("2024-04-01T00:00:00Z")', false],
    ['value.count.a == 1 && value.count.b == null', true],
    ['value.address.city == "Oslo"', true],
    ['has(value.address.zip)', false],
    ['value == null', false],
  ] as const) {
    test(`${condition} is ${holds} for a struct`, () => {
      expect(holdsFor(condition, { schema, value: struct })).toBe(holds)
    })
  }

  for (const condition of ['value == null', 'value.a == null', 'value.a.b == null']) {
    test(`${condition} holds for a tombstone`, () => {
      expect(holdsFor(condition, schemaless(null))).toBe(true)
    })
  }

  for (const [condition, message] of [
    ['value.', 'Invalid value value. for configuration condition: Expected IDENTIFIER'],
    ['bogus == 1', 'Unknown variable: bogus'],
    ['topic', 'it gives string, not bool'],
    ['process.exit()', 'Unknown variable: process'],
  ] as const) {
    test(`refuses ${condition}`, () => {
      expect(() => create({ condition })).toThrow(ConfigError)
      expect(() => create({ condition })).toThrow(message)
    })
  }

  for (const [condition, message] of [
    [
      'value.nothing > 3',
      "The condition 'value.nothing > 3' of Filter failed: no such overload: dyn<null> > int (record of topic orders-eu, partition 3)",
    ],
    ['value.status', "The condition 'value.status' of Filter gave neither true nor false"],
  ] as const) {
    test(`says that ${condition} is no answer for a record`, () => {
      const { apply } = create({ condition })
      expect(() => apply(record(schemaless(map)))).toThrow(DataError)
      expect(() => apply(record(schemaless(map)))).toThrow(message)
    })
  }
})
