import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  ConfigError,
  dateSchema,
  Decimal,
  decimalBuilder,
  Float32,
  Float64,
  Instant,
  Int16,
  Int32,
  Int8,
  Schema,
  SchemaBuilder,
  Struct,
  timeSchema,
  timestampSchema,
} from '../../src/index.ts'
import { cast } from '../../src/transforms/cast.ts'
import { configure, contents, onValue, schemaless, shape, sinkRecord, structOf } from './configure.ts'

describe('Cast$Value of a field', () => {
  for (const [schema, value, target, result] of [
    [Schema.INT32, 300, 'int8', 44],
    [Schema.INT64, -1n * 2n ** 62n - 1n, 'int32', -1],
    [Schema.INT64, 2n ** 53n + 1n, 'string', '9007199254740993'],
    [Schema.INT64, 2n ** 53n + 1n, 'float64', 2 ** 53],
    [Schema.FLOAT64, 1e10, 'int16', -1],
    [Schema.FLOAT64, -1e300, 'int64', -(2n ** 63n)],
    [Schema.FLOAT64, Number.NaN, 'int32', 0],
    [Schema.FLOAT64, 0.9, 'boolean', false],
    [Schema.FLOAT64, 10, 'string', '10.0'],
    [Schema.FLOAT64, 0.1, 'float32', Math.fround(0.1)],
    [Schema.BOOLEAN, true, 'int64', 1],
    [Schema.BOOLEAN, true, 'string', 'true'],
    [Schema.STRING, '+42', 'int8', 42],
    [Schema.STRING, '9223372036854775807', 'int64', 2n ** 63n - 1n],
    [Schema.STRING, ' 1.5f ', 'float64', 1.5],
    [Schema.STRING, '-Infinity', 'float32', -Infinity],
    [Schema.STRING, '0x1.8p1', 'float64', 3],
    [Schema.STRING, 'TRUE', 'boolean', true],
    [Schema.STRING, '1', 'boolean', false],
    [Schema.BYTES, Buffer.from('hi'), 'string', 'aGk='],
    [decimalBuilder(1).build(), new Decimal(425n, 1), 'int32', 42],
    [decimalBuilder(1).build(), new Decimal(425n, 1), 'string', '42.5'],
    [decimalBuilder(0).build(), new Decimal(2n ** 31n, 0), 'int32', -(2 ** 31)],
    [dateSchema, 2 * 86_400_000, 'int32', 2],
    [timeSchema, 1001, 'int64', 1001],
    [timestampSchema, 86_401_001, 'float64', 86_401_001],
    [timestampSchema, 86_401_001, 'string', '1970-01-02T00:00:01.001Z'],
    [dateSchema, 86_400_000, 'string', '1970-01-02'],
    [Schema.OPTIONAL_INT8, null, 'string', null],
  ] as const) {
    test(`makes ${inspect(result)} of ${inspect(value)} (${String(schema)}) as ${target}`, () => {
      const before = structOf({ f: [schema, value], g: [Schema.STRING, 'g'] })
      const after = onValue(cast.value, { spec: `f:${target}` })(before)
      expect(contents(after)).toEqual({ f: result, g: 'g' })
      const mark = schema.optional ? '?' : ''
      expect(shape(after.schema)).toBe(`f:${target.toUpperCase()}${mark} g:STRING`)
      expect(after.schema!.field('f')!.schema.name).toBeNull()
    })
  }

  for (const [value, target] of [
    ['4.2', 'int32'],
    ['128', 'int8'],
    [' 1', 'int64'],
    ['', 'float64'],
  ] as const) {
    test(`refuses ${inspect(value)} as ${target}`, () => {
      const apply = onValue(cast.value, { spec: `f:${target}` })
      expect(() => apply(schemaless({ f: value }))).toThrow(
        `Value (${value}) was out of range for requested data type`,
      )
    })
  }

  test('casts the default of the field, too, and keeps that the struct is optional', () => {
    const field = new SchemaBuilder('FLOAT64').optional().default(-1.125).build()
    const schema = SchemaBuilder.struct().name('n').optional().field('f', field).build()
    const after = onValue(cast.value, { spec: 'f:boolean' })({ schema, value: new Struct(schema) })
    expect(after.schema).toMatchObject({ name: 'n', optional: true })
    expect(after.schema!.field('f')!.schema).toMatchObject({ type: 'BOOLEAN', optional: true, default: true })
    expect(contents(after)).toEqual({ f: true })
  })

  test('adds a member that is not there as null, and ignores such a field', () => {
    expect(onValue(cast.value, { spec: 'zz:int8' })(schemaless({ a: 1 }))).toEqual(
      schemaless({ a: 1, zz: null }),
    )
    const struct = structOf({ a: [Schema.INT8, 1] })
    expect(contents(onValue(cast.value, { spec: 'zz:int8' })(struct))).toEqual({ a: 1 })
  })
})

describe('Cast$Value of the whole value', () => {
  for (const [value, target, result] of [
    [300, 'int8', new Int8(44)],
    ['7', 'int16', new Int16(7)],
    [2n ** 62n, 'int32', new Int32(0)],
    [new Float64(1e300), 'int64', 2n ** 63n - 1n],
    [10, 'float64', new Float64(10)],
    ['10.5', 'float64', 10.5],
    [10, 'float32', new Float32(10)],
    [new Float64(10), 'string', '10.0'],
    [new Int8(0), 'boolean', false],
  ] as const) {
    test(`makes ${inspect(result)} of ${inspect(value)} as ${target}, without schema`, () => {
      expect(onValue(cast.value, { spec: target })(schemaless(value))).toEqual(schemaless(result))
    })
  }

  test('keeps name and optionality of the schema, and casts its default', () => {
    const schema = new SchemaBuilder('INT8').name('n').optional().default(-42).build()
    const after = onValue(cast.value, { spec: 'int32' })({ schema, value: 7 })
    expect(after.value).toBe(7)
    expect(after.schema).toMatchObject({ type: 'INT32', name: 'n', optional: true, default: -42 })
  })

  test('refuses a number under the name of a date', () => {
    const apply = onValue(cast.value, { spec: 'int64' })
    expect(() => apply({ schema: timestampSchema, value: 5 })).toThrow(
      'TimestampConverter with target.type=unix',
    )
  })

  test('refuses what is no primitive value', () => {
    const apply = onValue(cast.value, { spec: 'string' })
    expect(() => apply(schemaless([1]))).toThrow(
      'Cast transformation does not support casting from ARRAY; supported types are [INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]',
    )
    expect(() => apply(schemaless(new Instant(0)))).toThrow(
      "was passed a value of type class java.util.Date which is not supported by Connect's data API",
    )
    expect(() => onValue(cast.value, { spec: 'int8' })(schemaless(Buffer.from('1')))).toThrow(
      'Unexpected type in Cast transformation: class [B',
    )
  })

  test('passes a tombstone through', () => {
    const record = sinkRecord({})
    expect(configure(cast.value, { spec: 'int8' })(record)).toBe(record)
  })
})

describe('The spec of Cast', () => {
  for (const [spec, problem] of [
    ['', 'Must specify at least one field to cast.'],
    ['a:b:c', 'Invalid rename mapping: a:b:c'],
    ['foo:faketype', 'Invalid type found in casting spec: faketype'],
    ['foo:', 'Invalid type found in casting spec: foo'],
    ['foo:bytes', 'Cast transformation does not support casting to BYTES; supported types are [INT8,'],
    ['foo:int8,int32', 'may only specify a single cast in their spec'],
  ] as const) {
    test(`cannot be ${inspect(spec)}`, () => {
      const act = () => configure(cast.value, { spec })
      expect(act).toThrow(problem)
      expect(act).toThrow(ConfigError)
    })
  }

  test('may have blanks and capitals', () => {
    expect(onValue(cast.value, { spec: ' f : INT8 ' })(schemaless({ f: '1' }))).toEqual(
      schemaless({ f: new Int8(1) }),
    )
  })
})
