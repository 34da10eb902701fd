import { describe, expect, test } from 'vitest'
import {
  dateSchema,
  Decimal,
  decimalBuilder,
  Schema,
  SchemaBuilder,
  Struct,
  timeSchema,
  timestampSchema,
} from '../../../src/index.ts'
import { recordToJsonString } from '../../../src/transforms/third-party/record-to-json-string.ts'
import { contents, shape, structOf } from '../configure.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const inner = SchemaBuilder.struct().field('e', Schema.STRING).optional().build()
const entry = new Struct(inner).put('e', 'x')
const everything = structOf({
  text: [Schema.STRING, 'a "b"\n'],
  on: [Schema.BOOLEAN, true],
  f32: [Schema.FLOAT32, Math.fround(1.1)],
  f64: [Schema.FLOAT64, 2],
  i8: [Schema.INT8, 8],
  i64: [Schema.INT64, 2n ** 60n],
  bytes: [Schema.BYTES, Buffer.from('hi')],
  none: [Schema.OPTIONAL_STRING, null],
  list: [SchemaBuilder.array(inner).build(), [entry, null]],
  map: [SchemaBuilder.map(Schema.STRING, Schema.INT32).build(), { k: 1 }],
  struct: [inner, null],
  day: [dateSchema, 86_400_000],
  time: [timeSchema, 1500],
  at: [timestampSchema, 1670068800000],
  dec: [decimalBuilder(2).build(), new Decimal(150n, 2)],
})

const json = (settings: Record<string, string> = {}, part = everything) => {
  const after = configure(recordToJsonString.value, settings)(sinkRecord(part))!.value
  return Object.values(contents(after))[0] as string
}

describe('Record2JsonStringConverter', () => {
  test('makes a struct with one text of a struct', () => {
    const after = configure(recordToJsonString.value)(sinkRecord(structOf({ a: [Schema.INT8, 1] })))!.value
    expect(after.schema).toMatchObject({ name: 'jsonStringSchema', version: 1, optional: false })
    expect(shape(after.schema)).toBe('jsonstring:STRING')
    expect(contents(after)).toEqual({ jsonstring: '{"a": 1}' })
    const key = structOf({})
    const settings = { 'json.string.field.name': 'mine' }
    const onKey = configure(recordToJsonString.key, settings)(sinkRecord(schemaless(1), { key }))!
    expect([contents(onKey.key), onKey.value]).toEqual([{ mine: '{}' }, schemaless(1)])
  })

  test('writes the relaxed form by default', () => {
    expect(json()).toBe(
      '{"text": "a \\"b\\"\\n", "on": true, "f32": 1.100000023841858, "f64": 2.0, "i8": 8, "i64": 1152921504606846976, ' +
        '"bytes": {"$binary": {"base64": "aGk=", "subType": "00"}}, "none": null, "list": [{"e": "x"}, null], ' +
        '"map": {"k": 1}, "struct": null, "day": {"$date": "1970-01-02T00:00:00Z"}, ' +
        '"time": {"$date": "1970-01-01T00:00:01.500Z"}, "at": {"$date": "2022-12-03T12:00:00Z"}, ' +
        '"dec": {"$numberDecimal": "1.50"}}',
    )
  })

  test('writes the extended form', () => {
    expect(json({ 'json.writer.output.mode': 'EXTENDED' })).toBe(
      '{"text": "a \\"b\\"\\n", "on": true, "f32": {"$numberDouble": "1.100000023841858"}, ' +
        '"f64": {"$numberDouble": "2.0"}, "i8": {"$numberInt": "8"}, "i64": {"$numberLong": "1152921504606846976"}, ' +
        '"bytes": {"$binary": {"base64": "aGk=", "subType": "00"}}, "none": null, "list": [{"e": "x"}, null], ' +
        '"map": {"k": {"$numberInt": "1"}}, "struct": null, "day": {"$date": {"$numberLong": "86400000"}}, ' +
        '"time": {"$date": {"$numberLong": "1500"}}, "at": {"$date": {"$numberLong": "1670068800000"}}, ' +
        '"dec": {"$numberDecimal": "1.50"}}',
    )
  })

  test('writes the strict form', () => {
    expect(json({ 'json.writer.output.mode': 'STRICT' })).toBe(
      '{"text": "a \\"b\\"\\n", "on": true, "f32": 1.100000023841858, "f64": 2.0, "i8": 8, ' +
        '"i64": {"$numberLong": "1152921504606846976"}, "bytes": {"$binary": "aGk=", "$type": "00"}, "none": null, ' +
        '"list": [{"e": "x"}, null], "map": {"k": 1}, "struct": null, "day": {"$date": 86400000}, ' +
        '"time": {"$date": 1500}, "at": {"$date": 1670068800000}, "dec": {"$numberDecimal": "1.50"}}',
    )
  })

  test('writes logical types alone, times as numbers or texts', () => {
    const settings = { 'json.writer.handle.logical.types': 'true' }
    expect(json(settings)).toContain('"bytes": {"base64": "aGk="}, ')
    expect(json(settings)).toContain('"day": 86400000, "time": 1500, "at": 1670068800000, "dec": 1.50}')
    expect(json({ ...settings, 'json.writer.datetime.logical.types.as': 'string' })).toContain(
      '"day": "1970-01-02T00:00:00Z", "time": "1970-01-01T00:00:01.500Z", "at": "2022-12-03T12:00:00Z", "dec": 1.50}',
    )
  })

  for (const [schema, value, text] of [
    [Schema.STRING, 'å – \u0001 \u0301 😀', '"å – \\u0001 \\u0301 \\ud83d\\ude00"'],
    [Schema.FLOAT64, Number.NaN, '{"$numberDouble": "NaN"}'],
    [Schema.FLOAT64, -Infinity, '{"$numberDouble": "-Infinity"}'],
    [timestampSchema, -1, '{"$date": {"$numberLong": "-1"}}'],
    [timestampSchema, 253402300800000, '{"$date": {"$numberLong": "253402300800000"}}'],
    [new SchemaBuilder('STRING').optional().default('d').build(), null, '"d"'],
  ] as const) {
    test(`writes ${String(value)} as ${text}`, () => {
      expect(json({}, structOf({ v: [schema, value] }))).toBe(`{"v": ${text}}`)
    })
  }

  test('leaves nulls and what has no schema alone', () => {
    const apply = configure(recordToJsonString.value)
    const { schema } = everything
    for (const part of [schemaless(null), { schema, value: null }, schemaless({ a: 1 }), schemaless('x')]) {
      const record = sinkRecord(part)
      expect(apply(record)).toBe(record)
    }
  })

  test('refuses what is no struct, and maps whose keys are no texts', () => {
    expect(() =>
      configure(recordToJsonString.value)(sinkRecord({ schema: Schema.STRING, value: 'x' })),
    ).toThrow(
      'Only Struct objects supported for [Converting record with Schema into a simple JSON String], found: java.lang.String',
    )
    const byNumber = SchemaBuilder.map(Schema.INT8, Schema.INT8).build()
    expect(() => json({}, structOf({ m: [byNumber, new Map([[1, 2]])] }))).toThrow('keys are no texts')
    const unset = SchemaBuilder.struct().field('a', Schema.STRING).build()
    expect(() => json({}, { schema: unset, value: new Struct(unset) })).toThrow(
      'Field a is required and null',
    )
  })

  for (const [key, value, problem] of [
    ['post.processing.to.xml', 'true', 'XML cannot be written here'],
    ['json.writer.output.mode', 'SHELL', 'String must be one of: RELAXED, EXTENDED, STRICT'],
    ['json.writer.datetime.logical.types.as', 'wrong value', 'String must be one of'],
    ['json.writer.datetime.pattern', 'dd.MM.yyyy', 'only ISO_INSTANT can be written here'],
    ['json.string.field.name', '', 'String must be non-empty'],
  ] as const) {
    test(`refuses ${key}=${value}`, () => {
      expect(() => json({ [key]: value })).toThrow(
        `Invalid value ${value} for configuration ${key}: ${problem}`,
      )
    })
  }
})
