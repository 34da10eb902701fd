import { describe, expect, test } from 'vitest'
import {
  dateSchema,
  Decimal,
  decodeUtf8,
  doubleText,
  encodeUtf8,
  Float32,
  Float64,
  floatText,
  Instant,
  Int32,
  javaText,
  nearestFloat,
  Schema,
  SchemaBuilder,
  timestampSchema,
} from '../../src/index.ts'

describe('the text of a double', () => {
  for (const [value, text] of [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [100, '100.0'],
    [0.001, '0.001'],
    [0.00012, '1.2E-4'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [12345678.9, '1.23456789E7'],
    [1e21, '1.0E21'],
    [-1.5e-10, '-1.5E-10'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [5e-324, '4.9E-324'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ] as const) {
    test(`is ${text}`, () => expect(doubleText(value)).toBe(text))
  }
})

describe('the text of a float', () => {
  for (const [value, text] of [
    [Math.fround(0.1), '0.1'],
    [Math.fround(3.141592653589793), '3.1415927'],
    [Math.fround(1e10), '1.0E10'],
    [16777216, '1.6777216E7'],
    [123456792, '1.23456792E8'],
    [2 ** 53, '9.0071993E15'],
    [Math.fround(3.4028235e38), '3.4028235E38'],
    [Math.fround(1e-45), '1.4E-45'],
    [Math.fround(7.236059e-27), '7.236059E-27'],
    [-0, '-0.0'],
    [Infinity, 'Infinity'],
  ] as const) {
    test(`is ${text}`, () => expect(floatText(value)).toBe(text))
  }

  test('reads back as the same float', () => {
    for (let bits = 1; bits < 0x7f800000; bits += 7_654_321) {
      const view = new DataView(new ArrayBuffer(4))
      view.setInt32(0, bits)
      const float = view.getFloat32(0)
      expect(Math.fround(Number(floatText(float)))).toBe(float)
    }
  })

  test('is rounded once, from the decimal itself', () => {
    // Just above the middle between two floats, and as a double right on it.
    const token = '1.00000005960464477540'
    expect(Math.fround(Number(token))).toBe(1)
    expect(nearestFloat(Number(token), () => token)).toBe(1 + 2 ** -23)
  })
})

describe('Java’s text of', () => {
  for (const [what, value, schema, text] of [
    ['an integer', 5, null, '5'],
    ['a double without schema', 1.5, null, '1.5'],
    ['a double by its schema', 5, Schema.FLOAT64, '5.0'],
    ['a float by its schema', Math.fround(0.1), Schema.FLOAT32, '0.1'],
    ['a large int64', 2n ** 63n - 1n, Schema.INT64, '9223372036854775807'],
    ['a wrapped double', new Float64(10), null, '10.0'],
    ['a wrapped float', new Float32(10), null, '10.0'],
    ['a list', [1, 'a', null, [true]], null, '[1, a, null, [true]]'],
    ['a map', { k: 'v', n: 1.5 }, null, '{k=v, n=1.5}'],
    ['a map by its schema', { k: 1 }, SchemaBuilder.map(Schema.STRING, Schema.FLOAT64).build(), '{k=1.0}'],
    ['a decimal', new Decimal(150n, 2), null, '1.50'],
    ['a moment', new Instant(0), null, 'Thu Jan 01 00:00:00 UTC 1970'],
    ['a timestamp', 1483425001864, timestampSchema, 'Tue Jan 03 06:30:01 UTC 2017'],
    ['a date before the Gregorian calendar', -719164 * 86400000, dateSchema, 'Sat Jan 01 00:00:00 UTC 1'],
    ['a wrapped int in a list', [new Int32(1)], null, '[1]'],
  ] as const) {
    test(`${what} is ${text}`, () => expect(javaText(value, schema)).toBe(text))
  }
})

describe('a decimal', () => {
  for (const [text, unscaled, scale, shown] of [
    ['1.50', 150n, 2, '1.50'],
    ['1E5', 1n, -5, '1E+5'],
    ['-0.00001', -1n, 5, '-0.00001'],
    ['1e-10', 1n, 10, '1E-10'],
    ['0E3', 0n, -3, '0E+3'],
    ['123456789012345678901234567890', 123456789012345678901234567890n, 0, '123456789012345678901234567890'],
    ['12.5e1', 125n, 0, '125'],
    ['1.', 1n, 0, '1'],
    ['.5', 5n, 1, '0.5'],
  ] as const) {
    test(`${text} is ${shown}`, () => {
      const decimal = Decimal.parse(text)
      expect([decimal.unscaled, decimal.scale, String(decimal)]).toEqual([unscaled, scale, shown])
    })
  }

  for (const text of ['', '.', 'e5', '1e', 'NaN', '0x1', '1_0', '1e99999999999']) {
    test(`is not ${JSON.stringify(text)}`, () => expect(() => Decimal.parse(text)).toThrow(SyntaxError))
  }

  for (const [value, hex] of [
    [0n, '00'],
    [127n, '7f'],
    [128n, '0080'],
    [-128n, '80'],
    [-129n, 'ff7f'],
    [2n ** 64n, '010000000000000000'],
    [-1n, 'ff'],
  ] as const) {
    test(`${value} is ${hex} in bytes, and back`, () => {
      expect(new Decimal(value, 0).toBytes().toString('hex')).toBe(hex)
      expect(Decimal.fromBytes(Buffer.from(hex, 'hex'), 0).unscaled).toBe(value)
    })
  }
})

describe('UTF-8', () => {
  for (const [hex, text] of [
    ['c3a9', 'é'],
    ['eda080', '\ufffd'],
    ['61eda08062', 'a\ufffdb'],
    ['eda0', '\ufffd'],
    ['e282', '\ufffd'],
    ['c080', '\ufffd\ufffd'],
    ['f09f9880', '😀'],
  ] as const) {
    test(`${hex} is read as ${JSON.stringify(text)}`, () =>
      expect(decodeUtf8(Buffer.from(hex, 'hex'))).toBe(text))
  }

  test('half of a surrogate pair is written as a question mark', () => {
    expect(encodeUtf8('a\ud800b😀').toString()).toBe('a?b😀')
  })
})
