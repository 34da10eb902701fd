import { describe, expect, test } from 'vitest'
import {
  Decimal,
  decimalBuilder,
  Float64,
  Instant,
  Int8,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
  type SchemaAndValue,
} from '../../../src/index.ts'
import { adjustPrecisionAndScale } from '../../../src/transforms/third-party/adjust-precision-and-scale.ts'
import { setMaximumPrecision } from '../../../src/transforms/third-party/set-maximum-precision.ts'
import { toLong } from '../../../src/transforms/third-party/to-long.ts'
import { contents, shape, structOf } from '../configure.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const decimal = (text: string) => Decimal.parse(text)
const precisionOf = (part: SchemaAndValue, field: string) =>
  part.schema!.field(field)!.schema.parameters!['connect.decimal.precision']

describe('ToLong', () => {
  const apply = configure(toLong.value, { fields: 'n,missing' })

  for (const [schema, value, after] of [
    [Schema.INT8, -3, -3],
    [Schema.INT64, 2n ** 60n, 2n ** 60n],
    [Schema.FLOAT64, -2.9, -2],
    [Schema.FLOAT64, 1e300, 2n ** 63n - 1n],
    [Schema.FLOAT32, Number.NaN, 0],
    [decimalBuilder(2).build(), decimal('12.99'), 12],
    [Schema.OPTIONAL_INT32, null, null],
  ] as const) {
    test(`${String(value)} of ${String(schema)} becomes ${String(after)}`, () => {
      const part = apply(sinkRecord(structOf({ n: [schema, value], s: [Schema.STRING, 'x'] })))!.value
      expect(shape(part.schema)).toBe(`n:INT64${schema.optional ? '?' : ''} s:STRING`)
      expect(contents(part)).toEqual({ n: after, s: 'x' })
      expect(part.schema!.field('n')!.schema.name).toBeNull()
    })
  }

  test('makes longs of the members of a map', () => {
    const value = { n: new Float64(2.5), s: 'x' }
    expect(apply(sinkRecord(schemaless(value)))!.value.value).toEqual({ n: 2, s: 'x' })
    expect(apply(sinkRecord(schemaless({ n: new Int8(5) })))!.value.value).toEqual({ n: 5 })
    expect(apply(sinkRecord(schemaless({ n: null })))!.value.value).toEqual({ n: null })
  })

  test('refuses what is no number', () => {
    expect(() => apply(sinkRecord(structOf({ n: [Schema.STRING, '1'] })))).toThrow(
      "Field 'n' is not a number. java.lang.String",
    )
    expect(() => apply(sinkRecord(structOf({ n: [timestampSchema, 1] })))).toThrow('java.util.Date')
    expect(() => apply(sinkRecord(schemaless({ n: new Instant(1) })))).toThrow('java.util.Date')
    expect(() => apply(sinkRecord(schemaless({ n: true })))).toThrow('java.lang.Boolean')
    expect(() => apply(sinkRecord(schemaless('x')))).toThrow('[converting to long], found: java.lang.String')
  })

  test('leaves a tombstone and, without fields, every value alone', () => {
    const tombstone = sinkRecord(schemaless(null))
    expect(apply(tombstone)).toBe(tombstone)
    const after = configure(toLong.key)(tombstone.with({ key: structOf({ n: [Schema.INT8, 1] }) }))!.key
    expect(shape(after.schema)).toBe('n:INT8')
  })
})

describe('SetMaximumPrecision', () => {
  const apply = configure(setMaximumPrecision.value, { 'precision.max': '30' })
  const stated = (precision: string) =>
    decimalBuilder(2).parameter('connect.decimal.precision', precision).optional().doc('price').build()

  test('lowers what is stated, or not stated at all, and leaves values', () => {
    const before = structOf({
      high: [stated('40'), decimal('1.50')],
      low: [stated('20'), decimal('2.50')],
      none: [decimalBuilder(1).build(), decimal('3.5')],
      text: [Schema.STRING, 'x'],
    })
    const after = apply(sinkRecord(before))!.value
    expect(['high', 'low', 'none'].map((name) => precisionOf(after, name))).toEqual(['30', '20', '30'])
    expect(contents(after)).toEqual(contents(before))
    expect(after.schema!.field('high')!.schema).toMatchObject({ optional: true, doc: 'price', version: 1 })
    expect(after.schema!.field('none')!.schema.parameters).toMatchObject({ scale: '1' })
    ;(after.value as Struct).validate()
  })

  test('leaves a struct in bounds, null and a tombstone alone', () => {
    const before = structOf({ low: [stated('20'), null] })
    const after = apply(sinkRecord(before))!.value
    expect([after.schema, after.value]).toEqual([before.schema, before.value])
    const tombstone = sinkRecord(schemaless(null))
    expect(apply(tombstone)).toBe(tombstone)
  })

  test('refuses what has no schema and bad bounds', () => {
    expect(() => apply(sinkRecord(schemaless({ n: 1 })))).toThrow(
      'Only Struct objects supported for [setting the maximum precision], found: java.util.HashMap',
    )
    expect(() => configure(setMaximumPrecision.key, { 'precision.max': '65' })).toThrow(
      'Value must be no more than 64',
    )
    expect(() => configure(setMaximumPrecision.key)).toThrow('Missing required configuration "precision.max"')
  })
})

describe('AdjustPrecisionAndScale', () => {
  const adjusted = (settings: Record<string, string>, value: string, precision?: number) => {
    const before = decimal(value)
    const builder = decimalBuilder(before.scale)
    if (precision !== undefined) builder.parameter('connect.decimal.precision', String(precision))
    const part = structOf({ n: [builder.build(), before] })
    const after = configure(adjustPrecisionAndScale.value, settings)(sinkRecord(part))!.value
    const { parameters } = after.schema!.field('n')!.schema
    return [
      String(contents(after)['n']),
      parameters!['connect.decimal.precision'],
      parameters!['scale'],
    ].join(' ')
  }

  for (const [settings, value, precision, after] of [
    [{}, '12345.67890', undefined, '12345.67890 0 5'],
    [{ 'precision.mode': 'undefined' }, '12345.67890', undefined, '12345.67890 38 5'],
    [{ 'precision.mode': 'undefined', 'precision.value': '7' }, '12345.6789', undefined, '12345.6800 7 4'],
    [{ 'precision.mode': 'undefined', 'precision.value': '7' }, '12345.6789', 9, '12345.6789 9 4'],
    [{ 'precision.mode': 'max', 'precision.value': '7' }, '12345.6789', 9, '12345.6800 7 4'],
    [{ 'precision.mode': 'max', 'precision.value': '2' }, '-9.96', 3, '-10.00 2 2'],
    [{ 'precision.mode': 'undefined', 'precision.undefined.value': '9' }, '1.5', 9, '1.5 38 1'],
    [{ 'scale.mode': 'max', 'scale.value': '2' }, '1.239', 9, '1.23 9 2'],
    [{ 'scale.mode': 'max', 'scale.value': '2' }, '-1.231', 9, '-1.24 9 2'],
    [{ 'scale.mode': 'max', 'scale.value': '2' }, '-1.230', 9, '-1.23 9 2'],
    [{ 'scale.mode': 'max', 'scale.value': '2' }, '1.5', 9, '1.5 9 1'],
    [{ 'scale.mode': 'undefined', 'scale.value': '2' }, '1.5', undefined, '1.50 0 2'],
    [{ 'scale.mode': 'undefined', 'scale.value': '2', 'scale.undefined.value': '3' }, '1.555', 9, '1.55 9 2'],
    [{ 'scale.zero.mode': 'value', 'scale.value': '2' }, '15', 9, '15.00 9 2'],
    [{ 'scale.negative.mode': 'zero' }, '15E2', 9, '1500 9 0'],
    [{ 'scale.negative.mode': 'value', 'scale.value': '1' }, '15E2', 9, '1500.0 9 1'],
  ] as const) {
    test(`${JSON.stringify(settings)}: ${value} with precision ${precision} is ${after}`, () => {
      expect(adjusted(settings, value, precision)).toBe(after)
    })
  }

  test('keeps other fields, nulls and the name of the schema', () => {
    const schema = SchemaBuilder.struct()
      .name('n')
      .version(2)
      .field('d', decimalBuilder(3).optional().build())
      .field('s', Schema.STRING)
      .build()
    const apply = configure(adjustPrecisionAndScale.key, { 'scale.mode': 'max', 'scale.value': '1' })
    const key = { schema, value: new Struct(schema).put('s', 'x') }
    const after = apply(sinkRecord(schemaless(null), { key }))!.key
    expect(after.schema).toMatchObject({ name: 'n', version: 2 })
    expect(contents(after)).toEqual({ d: null, s: 'x' })
  })

  test('leaves a tombstone alone, refuses what has no schema and bad settings', () => {
    const apply = configure(adjustPrecisionAndScale.value)
    const tombstone = sinkRecord(schemaless(null))
    expect(apply(tombstone)).toBe(tombstone)
    expect(() => apply(sinkRecord(schemaless({})))).toThrow(
      '[adjusting precision and scale], found: java.util.HashMap',
    )
    for (const [key, value] of [
      ['precision.mode', 'most'],
      ['scale.zero.mode', 'zero'],
      ['precision.value', '0'],
      ['scale.value', '128'],
    ] as const) {
      expect(() => configure(adjustPrecisionAndScale.value, { [key]: value })).toThrow(
        `Invalid value ${value} for configuration ${key}`,
      )
    }
  })
})
