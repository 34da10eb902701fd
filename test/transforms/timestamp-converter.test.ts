import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  ConfigError,
  ConnectError,
  dateBuilder,
  dateSchema,
  Instant,
  Schema,
  SchemaBuilder,
  Struct,
  timeSchema,
  timestampBuilder,
  timestampSchema,
  type SchemaAndValue,
} from '../../src/index.ts'
import { timestampConverter } from '../../src/transforms/timestamp-converter.ts'
import { configure, contents, onValue, schemaless, shape, structOf } from './configure.ts'

const format = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
const convert = (target: string, more: Record<string, string> = {}) =>
  onValue(timestampConverter.value, { 'target.type': target, format, ...more })

const text = '1970-01-02T00:00:01.001Z'

describe('TimestampConverter$Value', () => {
  for (const source of [
    { schema: timestampSchema, value: 86_401_001 },
    { schema: Schema.INT64, value: 86_401_001 },
    { schema: Schema.STRING, value: text },
  ]) {
    for (const [target, schema, value] of [
      ['string', Schema.STRING, text],
      ['unix', Schema.INT64, 86_401_001],
      ['Date', dateSchema, 86_400_000],
      ['Time', timeSchema, 1001],
      ['Timestamp', timestampSchema, 86_401_001],
    ] as const) {
      test(`makes ${target} of ${String(source.schema)}`, () => {
        expect(convert(target)(source)).toEqual({ schema, value })
        const optional = new Schema({ ...source.schema.parts(), optional: true })
        expect(convert(target)({ schema: optional, value: null })).toMatchObject({
          schema: { type: schema.type, name: schema.name, optional: true },
          value: null,
        })
      })
    }
  }

  for (const [value, target, result] of [
    [86_401_001, 'string', text],
    [text, 'unix', 86_401_001],
    [-1500, 'Date', new Instant(-86_400_000)],
    [-1500, 'Time', new Instant(86_398_500)],
    [new Instant(5), 'unix', 5],
    [null, 'string', null],
  ] as const) {
    test(`makes ${inspect(result)} of ${inspect(value)} without schema`, () => {
      expect(convert(target)(schemaless(value))).toEqual(schemaless(result))
      expect(convert(target, { field: 'f' })(schemaless({ f: value, g: 1 }))).toEqual(
        schemaless({ f: result, g: 1 }),
      )
    })
  }

  for (const [precision, toUnix, fromUnix] of [
    ['seconds', -1, -1_500_000],
    ['milliseconds', -1500, -1500],
    ['microseconds', -1_500_000, -1],
    ['nanoseconds', -1_500_000_000, 0],
  ] as const) {
    test(`counts in ${precision}`, () => {
      const more = { 'unix.precision': precision }
      expect(convert('unix', more)({ schema: timestampSchema, value: -1500 }).value).toBe(toUnix)
      expect(convert('Timestamp', more)({ schema: Schema.INT64, value: -1500 }).value).toBe(fromUnix)
    })
  }

  test('stays within 64 bits', () => {
    const max = 2n ** 63n - 1n
    expect(
      convert('unix', { 'unix.precision': 'nanoseconds' })({ schema: timestampSchema, value: max }).value,
    ).toBe(max)
    expect(
      convert('Timestamp', { 'unix.precision': 'seconds' })({ schema: Schema.INT64, value: max }).value,
    ).toBe(max)
    expect(convert('string')({ schema: Schema.INT64, value: max }).value).toBe(
      '292278994-08-17T07:12:55.807Z',
    )
  })

  test('converts a field with its default and keeps the rest of the struct', () => {
    const field = dateBuilder().optional().default(86_400_000).build()
    const schema = SchemaBuilder.struct()
      .name('n')
      .optional()
      .field('f', field)
      .field('g', Schema.INT8)
      .build()
    const value = new Struct(schema).put('g', 1)
    const after = convert('string', { field: 'f' })({ schema, value })
    expect(after.schema).toMatchObject({ name: 'n', optional: true })
    expect(shape(after.schema)).toBe('f:STRING? g:INT8')
    expect(contents(after)).toEqual({ f: '1970-01-02T00:00:00.000Z', g: 1 })
    const strict = convert('string', { 'field': 'f', 'replace.null.with.default': 'false' })
    expect(contents(strict({ schema, value }))).toEqual({ f: null, g: 1 })
    expect(convert('string', { field: 'f' })({ schema, value: null }).value).toBeNull()
  })

  test('converts the default of a struct', () => {
    const { schema, value } = structOf({ f: [timestampBuilder().build(), 5] })
    const withDefault = new Schema({ ...schema!.parts(), default: value })
    const after = convert('unix', { field: 'f' })({ schema: withDefault, value: null })
    expect(contents({ schema: null, value: after.schema!.default })).toEqual({ f: 5 })
    expect((after.schema!.default as Struct).schema.field('f')!.schema).toBe(Schema.INT64)
  })

  for (const { data, problem, more = {} } of [
    {
      data: { schema: Schema.INT32, value: 5 },
      problem: 'Schema Schema{INT32} does not correspond to a known timestamp type format',
    },
    { data: schemaless(5.5), problem: 'does not support class java.lang.Double objects as timestamps' },
    {
      data: schemaless('no'),
      problem: `Could not parse timestamp: value (no) does not match pattern (${format})`,
    },
    {
      data: schemaless(1),
      problem: 'in absence of schema for [converting timestamp formats], found: java.lang.Long',
      more: { field: 'f' },
    },
    { data: schemaless(text), problem: 'needs the option format', more: { format: '' } },
  ] as readonly { data: SchemaAndValue; problem: string; more?: Record<string, string> }[]) {
    test(`refuses ${inspect(data.value)}: ${problem}`, () => {
      expect(() => convert('unix', more)(data)).toThrow(problem)
    })
  }

  test('refuses a field that is no timestamp even where it is null', () => {
    const act = () => convert('unix', { field: 'f' })(structOf({ f: [Schema.OPTIONAL_INT8, null] }))
    expect(act).toThrow(ConnectError)
  })

  for (const [settings, problem] of [
    [{ 'target.type': 'date' }, 'String must be one of: string, unix, Date, Time, Timestamp'],
    [{ 'target.type': 'string', 'format': ' ' }, 'requires format option to be specified'],
    [{ 'target.type': 'unix', 'format': 'bad' }, "Illegal pattern character 'b'"],
    [{ 'target.type': 'unix', 'format': "yyyy'T" }, 'Unterminated quote'],
    [{ 'target.type': 'unix', 'unix.precision': 'minutes' }, 'String must be one of: nanoseconds,'],
  ] as const) {
    test(`refuses ${JSON.stringify(settings)}`, () => {
      const act = () => configure(timestampConverter.value, settings)
      expect(act).toThrow(problem)
      expect(act).toThrow(ConfigError)
    })
  }
})
