import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
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
} from '../../src/index.ts'
import { maskField } from '../../src/transforms/mask-field.ts'
import { configure, contents, onValue, schemaless, sinkRecord, structOf } from './configure.ts'

describe('MaskField$Value', () => {
  const mask = onValue(maskField.value, { fields: 'card' })
  const replace = (replacement: string) => onValue(maskField.value, { fields: 'card', replacement })

  for (const [value, masked, replaced] of [
    ['4111', '', '123'],
    [42, 0, 123],
    [2n ** 60n, 0, 123],
    [1.5, new Float64(0), new Float64(123)],
    [new Float32(1), new Float32(0), new Float32(123)],
    [new Int8(1), new Int8(0), new Int8(123)],
    [new Int16(1), new Int16(0), new Int16(123)],
    [new Int32(1), new Int32(0), new Int32(123)],
    [new Decimal(15n, 1), new Decimal(0n, 0), new Decimal(123n, 0)],
    [true, false, null],
    [new Instant(5), new Instant(0), null],
    [[1], [], null],
    [{ a: 1 }, {}, null],
  ] as const) {
    test(`makes ${inspect(masked)} of ${inspect(value)} and leaves its neighbours alone`, () => {
      expect(mask(schemaless({ card: value, city: 'Oslo' }))).toEqual(
        schemaless({ card: masked, city: 'Oslo' }),
      )
    })

    test(
      replaced === null ? `has no replacement for ${inspect(value)}` : `makes 123 fit ${inspect(value)}`,
      () => {
        const apply = () => replace('123')(schemaless({ card: value })).value
        if (replaced === null)
          expect(apply).toThrow(/Cannot mask value of type class .* with custom replacement/)
        else expect(apply()).toEqual({ card: replaced })
      },
    )
  }

  for (const [schema, value, masked] of [
    [Schema.INT64, 2n ** 60n, 0],
    [Schema.FLOAT64, 1.5, 0],
    [Schema.BOOLEAN, true, false],
    [Schema.OPTIONAL_STRING, null, null],
    [dateSchema, 86_400_000, 0],
    [decimalBuilder(0).build(), new Decimal(5n, 0), new Decimal(0n, 0)],
    [SchemaBuilder.map(Schema.INT8, Schema.INT8).build(), new Map([[1, 1]]), new Map()],
  ] as const) {
    test(`makes ${inspect(masked)} of ${inspect(value)} in a struct, whose schema stays`, () => {
      const before = structOf({ card: [schema, value], city: [Schema.STRING, 'Oslo'] })
      const after = mask(before)
      expect(contents(after)).toEqual({ card: masked, city: 'Oslo' })
      expect(after.schema).toBe(before.schema)
    })
  }

  test('adds a listed member that is not there as null', () => {
    expect(mask(schemaless({}))).toEqual(schemaless({ card: null }))
  })

  test('cuts a replacement to the width of the field', () => {
    expect(contents(replace('300.9')(structOf({ card: [Schema.INT8, 1] })))).toEqual({ card: 44 })
  })

  test('refuses what it cannot mask', () => {
    expect(() => mask(structOf({ card: [Schema.BYTES, Buffer.from('x')] }))).toThrow(
      'Cannot mask value of type: class [B',
    )
    expect(() => replace('foo')(schemaless({ card: 1 }))).toThrow(
      'Unable to convert foo (class java.lang.String) to a number',
    )
  })

  test('says what it was doing when the value has no fields', () => {
    const apply = configure(maskField.value, { fields: 'card' })
    expect(() => apply(sinkRecord({ value: schemaless('plain text') }))).toThrow(
      'Only Map objects supported in absence of schema for [mask fields], found: java.lang.String',
    )
  })

  test('refuses an empty replacement', () => {
    expect(() => configure(maskField.value, { fields: 'card', replacement: '' })).toThrow(
      'Invalid value  for configuration replacement: String must be non-empty',
    )
  })
})
