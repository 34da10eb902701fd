import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { booleanConverter } from '../../src/converters/boolean.ts'
import { byteArrayConverter } from '../../src/converters/byte-array.ts'
import { jsonConverter } from '../../src/converters/json.ts'
import { schemaToJson } from '../../src/converters/json/schema-json.ts'
import * as numbers from '../../src/converters/number.ts'
import { simpleHeaderConverter } from '../../src/converters/simple-header.ts'
import { stringConverter } from '../../src/converters/string.ts'
import {
  dateSchema,
  entriesOf,
  equalSchemas,
  equalValues,
  Float32,
  Float64,
  floatText,
  Int16,
  Int32,
  Int8,
  isPlainObject,
  nearestFloat,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
  timeSchema,
  type ConverterPlugin,
  type SchemaAndValue,
} from '../../src/index.ts'
import { forSeeds, type Arbitrary } from '../support/arbitrary.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function configured(plugin: ConverterPlugin<any>, settings: Record<string, string> = {}) {
  const converter = plugin.create(plugin.config.parse(settings), 'value')
  return (data: SchemaAndValue) =>
    converter.toConnectData('t', converter.fromConnectData('t', data) as Buffer | null) as SchemaAndValue
}

function expectSame(found: SchemaAndValue, wanted: SchemaAndValue): void {
  const json = (schema: Schema | null) => schemaToJson(schema, { replaceNulls: false, numericDecimals: true })
  const text = (value: unknown) => inspect(value, { depth: 9 })
  const schemas = () => `${json(found.schema)} is not ${json(wanted.schema)}`
  const values = () => `${text(found.value)} is not ${text(wanted.value)} of ${json(wanted.schema)}`
  if (!equalSchemas(found.schema, wanted.schema)) throw new Error(schemas())
  if (!equalValues(found.value, wanted.value)) throw new Error(values())
}

describe('JsonConverter with schemas', () => {
  for (const format of ['BASE64', 'NUMERIC']) {
    test(`gives back every value of every schema, decimals as ${format}`, () => {
      // One converter for all, so that its caches are full of other schemas.
      const roundTrip = configured(jsonConverter, { 'decimal.format': format, 'schemas.cache.size': '20' })
      forSeeds(1500, (arbitrary) => {
        const schema = arbitrary.schema()
        for (let i = 0; i < 3; i++) {
          const value = arbitrary.value(schema)
          expectSame(roundTrip({ schema, value }), { schema, value: afterJson(schema, value) })
        }
      })
    })
  }

  test('gives back nulls instead of defaults where that is asked for', () => {
    const roundTrip = configured(jsonConverter, { 'replace.null.with.default': 'false' })
    forSeeds(500, (arbitrary) => {
      const builder = SchemaBuilder.struct()
      for (const name of new Set(arbitrary.times(4, () => arbitrary.name()))) {
        builder.field(name, new SchemaBuilder('INT64').optional().default(arbitrary.integer(64)).build())
      }
      const schema = builder.build()
      const value = arbitrary.value(schema)
      expectSame(roundTrip({ schema, value }), { schema, value })
    })
  })

  test('cannot read the default of a struct, as Kafka Connect cannot', () => {
    const converter = jsonConverter.create(jsonConverter.config.parse({}), 'value')
    const schema = '{"type":"struct","fields":[{"type":"int32","field":"a"}],"default":{"a":1}}'
    const bytes = Buffer.from(`{"schema":${schema},"payload":null}`)
    expect(() => converter.toConnectData('t', bytes)).toThrow('Invalid default value')
  })
})

/** What Kafka Connect's JSON leaves of a value: numbers that are none become 0, and nulls their default. */
function afterJson(schema: Schema, value: unknown): unknown {
  if (value === null) return schema.default === undefined ? null : afterJson(schema, schema.default)
  switch (schema.type) {
    case 'FLOAT32':
    case 'FLOAT64':
      return Number.isFinite(value) ? (value as number) + 0 : 0
    case 'ARRAY':
      return (value as unknown[]).map((item) => afterJson(schema.valueSchema!, item))
    case 'MAP': {
      const entries = Array.from(entriesOf(value as object), ([key, item]) => [
        afterJson(schema.keySchema!, key),
        afterJson(schema.valueSchema!, item),
      ])
      return schema.keySchema!.type === 'STRING' ? objectOf(entries) : mapOf(entries)
    }
    case 'STRUCT': {
      const values = schema.fields.map((field) => afterJson(field.schema, (value as Struct).at(field.index)))
      return Struct.adopt(schema, values)
    }
    default:
      return value
  }
}

function objectOf(entries: readonly (readonly unknown[])[]): object {
  const object = Object.create(null) as Record<string, unknown>
  for (const [key, value] of entries) object[key as string] = value
  return object
}

/** Of keys that are equal the last one stays; an array of bytes equals none but itself. */
function mapOf(entries: readonly (readonly unknown[])[]): object {
  const map = new Map<unknown, unknown>()
  for (const [key, value] of entries) {
    const known = Buffer.isBuffer(key) ? key : [...map.keys()].find((other) => equalValues(other, key))
    map.set(known ?? key, value)
  }
  return map
}

describe('JsonConverter without a schema', () => {
  for (const enable of ['true', 'false']) {
    test(`gives back every value that JSON knows, with schemas.enable=${enable}`, () => {
      const roundTrip = configured(jsonConverter, { 'schemas.enable': enable })
      forSeeds(3000, (arbitrary) => {
        const value = schemalessValue(arbitrary, 4)
        expectSame(roundTrip({ schema: null, value }), { schema: null, value: afterSchemalessJson(value) })
      })
    })
  }
})

function schemalessValue(arbitrary: Arbitrary, depth: number): unknown {
  const makers: (() => unknown)[] = [
    () => null,
    () => arbitrary.chance(0.5),
    () => arbitrary.text(),
    () => arbitrary.integer(64),
    () => arbitrary.double(),
    () => new Float64(arbitrary.double()),
    () => new Float32(Math.fround(arbitrary.double())),
    () => new Int8(Number(arbitrary.integer(8))),
    () => new Int16(Number(arbitrary.integer(16))),
    () => new Int32(Number(arbitrary.integer(32))),
    () => arbitrary.bytes(),
  ]
  const inner = () => schemalessValue(arbitrary, depth - 1)
  const containers: (() => unknown)[] = [
    () => arbitrary.times(4, inner),
    () => objectOf(arbitrary.times(4, () => [arbitrary.name(), inner()])),
    () => new Map(arbitrary.times(4, () => [arbitrary.text(), inner()])),
    () =>
      new Map<unknown, unknown>([
        [true, inner()],
        ...arbitrary.times(4, () => [arbitrary.integer(64), inner()] as const),
      ]),
  ]
  return arbitrary.pick(depth > 0 && arbitrary.chance(0.4) ? containers : makers)()
}

/** Integers are int64, other numbers doubles, numbers that are none texts; bytes are Base64. */
function afterSchemalessJson(value: unknown): unknown {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || Object.is(value, -0) || Math.abs(value) >= 2 ** 63)
      return afterDouble(value)
    return Number.isSafeInteger(value) ? value : BigInt(value)
  }
  if (value instanceof Float64) return afterDouble(value.value)
  if (value instanceof Float32) {
    return Number.isFinite(value.value) ? afterDouble(Number(floatText(value.value))) : String(value.value)
  }
  if (value instanceof Int8 || value instanceof Int16 || value instanceof Int32) return value.value
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(afterSchemalessJson)
  if (value instanceof Map || isPlainObject(value)) {
    const entries = Array.from(entriesOf(value), ([key, item]) => [key, afterSchemalessJson(item)])
    return entries.every(([key]) => typeof key === 'string') ? objectOf(entries) : entries
  }
  return value
}

function afterDouble(value: number): unknown {
  if (!Number.isFinite(value)) return String(value)
  return Number.isInteger(value) ? new Float64(value + 0) : value
}

describe('SimpleHeaderConverter', () => {
  const roundTrip = configured(simpleHeaderConverter)
  const smallest = (value: number | bigint): Schema => {
    const fits = (bits: number) => BigInt.asIntN(bits, BigInt(value)) === BigInt(value)
    return fits(8) ? Schema.INT8 : fits(16) ? Schema.INT16 : fits(32) ? Schema.INT32 : Schema.INT64
  }
  const word = (arbitrary: Arbitrary) =>
    `w${arbitrary.times(12, () => String.fromCharCode(0x61 + arbitrary.below(26))).join('')}`

  test('gives back integers in the smallest type, alone, in arrays and in maps', () => {
    forSeeds(1000, (arbitrary) => {
      const value = arbitrary.integer(64)
      expectSame(roundTrip({ schema: Schema.INT64, value }), { schema: smallest(value), value })
      const array = [value, ...arbitrary.times(4, () => arbitrary.integer(64))]
      const widths = [Schema.INT8, Schema.INT16, Schema.INT32, Schema.INT64]
      const widest = widths[Math.max(...array.map((item) => widths.indexOf(smallest(item))))]!
      expectSame(roundTrip({ schema: SchemaBuilder.array(Schema.INT64).build(), value: array }), {
        schema: SchemaBuilder.array(widest).build(),
        value: array,
      })
      const map = objectOf([[word(arbitrary), value]])
      expectSame(roundTrip({ schema: null, value: map }), {
        schema: SchemaBuilder.map(Schema.STRING, smallest(value)).build(),
        value: map,
      })
    })
  })

  test('gives back texts that look like nothing else', () => {
    forSeeds(2000, (arbitrary) => {
      const value = `w${arbitrary.text()}`.toWellFormed()
      expectSame(roundTrip({ schema: Schema.STRING, value }), { schema: Schema.STRING, value })
      const array = [word(arbitrary), ...arbitrary.times(4, () => word(arbitrary))]
      const schema = SchemaBuilder.array(Schema.STRING).build()
      expectSame(roundTrip({ schema, value: array }), { schema, value: array })
    })
  })

  test('gives back numbers with a fraction as floats where these are finite', () => {
    forSeeds(2000, (arbitrary) => {
      const value = arbitrary.double()
      if (!Number.isFinite(value) || Number.isInteger(value)) return
      const found = roundTrip({ schema: Schema.FLOAT64, value })
      const float = nearestFloat(value, () => String(value))
      const schema = Number.isFinite(float) ? Schema.FLOAT32 : Schema.FLOAT64
      expectSame(found, { schema, value: Number.isFinite(float) ? float : value })
    })
  })

  test('gives back booleans, nulls, times, dates and timestamps', () => {
    for (const value of [true, false]) {
      expectSame(roundTrip({ schema: Schema.BOOLEAN, value }), { schema: Schema.BOOLEAN, value })
    }
    expectSame(roundTrip({ schema: Schema.OPTIONAL_STRING, value: null }), { schema: null, value: null })
    forSeeds(1000, (arbitrary) => {
      const time = arbitrary.below(86_400_000)
      expectSame(roundTrip({ schema: timeSchema, value: time }), { schema: timeSchema, value: time })
      const date = (1 + arbitrary.below(2_932_896)) * 86_400_000
      expectSame(roundTrip({ schema: dateSchema, value: date }), { schema: dateSchema, value: date })
      const timestamp = date + 1 + arbitrary.below(86_399_999)
      expectSame(roundTrip({ schema: timestampSchema, value: timestamp }), {
        schema: timestampSchema,
        value: timestamp,
      })
    })
  })
})

describe('the converters of one type', () => {
  for (const [plugin, type, make] of [
    [numbers.shortConverter, Schema.OPTIONAL_INT16, (a) => a.integer(16)],
    [numbers.integerConverter, Schema.OPTIONAL_INT32, (a) => a.integer(32)],
    [numbers.longConverter, Schema.OPTIONAL_INT64, (a) => a.integer(64)],
    [numbers.floatConverter, Schema.OPTIONAL_FLOAT32, (a) => Math.fround(a.double())],
    [numbers.doubleConverter, Schema.OPTIONAL_FLOAT64, (a) => a.double()],
    [booleanConverter, Schema.OPTIONAL_BOOLEAN, (a) => a.chance(0.5)],
    [byteArrayConverter, Schema.OPTIONAL_BYTES, (a) => a.bytes()],
    [stringConverter, Schema.OPTIONAL_STRING, (a) => a.text().toWellFormed()],
  ] as [ConverterPlugin<object>, Schema, (arbitrary: Arbitrary) => unknown][]) {
    test(`${plugin.name.replace(/.*\./, '')} gives back every value`, () => {
      const roundTrip = configured(plugin)
      forSeeds(1000, (arbitrary) => {
        const data = { schema: type, value: arbitrary.chance(0.1) ? null : make(arbitrary) }
        expectSame(roundTrip(data), data)
      })
    })
  }

  for (const encoding of ['UTF-16', 'UTF-16BE', 'UTF-16LE']) {
    test(`StringConverter gives back every text in ${encoding}`, () => {
      const roundTrip = configured(stringConverter, { 'converter.encoding': encoding })
      forSeeds(1000, (arbitrary) => {
        const data = { schema: Schema.OPTIONAL_STRING, value: `w${arbitrary.text()}`.toWellFormed() }
        expectSame(roundTrip(data), data)
      })
    })
  }
})
