import { describe, expect, test } from 'vitest'
import {
  Float32,
  Int16,
  Int8,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
  Values,
} from '../../src/index.ts'

describe('parseString', () => {
  for (const [text, schema, value] of [
    ['1', 'Schema{INT8}', 1],
    ['300.0', 'Schema{INT16}', 300],
    ['9223372036854775807', 'Schema{INT64}', 9223372036854775807n],
    ['0.5', 'Schema{FLOAT32}', 0.5],
    ['3.5E38', 'Schema{FLOAT64}', 3.5e38],
    ['9223372036854775808', 'Schema{org.apache.kafka.connect.data.Decimal:BYTES}', expect.anything()],
    ['true', 'Schema{BOOLEAN}', true],
    ['TRUE', 'Schema{STRING}', 'TRUE'],
    ['true}', 'Schema{STRING}', 'true}'],
    ['12:30', 'Schema{INT8}', 12],
    ['2019-08-23', 'Schema{org.apache.kafka.connect.data.Date:INT32}', 1566518400000],
    ['2019-13-45', 'Schema{org.apache.kafka.connect.data.Date:INT32}', 1581638400000],
    ['0001-01-01', 'Schema{org.apache.kafka.connect.data.Date:INT32}', -719164 * 86400000],
    ['14:34:54.346Z', 'Schema{org.apache.kafka.connect.data.Time:INT32}', 52494346],
    ['[1, 2.5]', 'Schema{ARRAY}', [1, 2.5]],
    ['[1, null]', 'Schema{STRING}', '[1, null]'],
    ['[foo]', 'Schema{STRING}', '[foo]'],
    ['["a", "b"] rest', 'Schema{ARRAY}', ['a', 'b']],
    ['\uffff', 'Schema{STRING}', '\uffff'],
  ] as const) {
    test(`${JSON.stringify(text)} is ${schema}`, () => {
      const found = Values.parseString(text)
      expect(String(found.schema)).toBe(schema)
      expect(found.value).toEqual(value)
    })
  }

  test('gives neither schema nor value for null', () => {
    expect(Values.parseString(' null ')).toEqual({ schema: null, value: null })
  })

  test('leaves elements without a common schema as what they are', () => {
    const { schema, value } = Values.parseString('[1, 300, 1.5, "four"]')
    expect(schema?.valueSchema).toBeNull()
    expect(value).toEqual([new Int8(1), new Int16(300), new Float32(1.5), 'four'])
  })

  test('keeps the order of keys that look like numbers', () => {
    expect([...(Values.parseString('{"2":1,"1":2}').value as Map<string, number>).keys()]).toEqual(['2', '1'])
  })

  test('takes __proto__ for a key like any other', () => {
    expect(Object.keys(Values.parseString('{"__proto__":1}').value as object)).toEqual(['__proto__'])
  })
})

describe('convertToString', () => {
  const schema = SchemaBuilder.struct().field('f', Schema.FLOAT64).field('s', Schema.OPTIONAL_STRING).build()
  for (const [of, value, text] of [
    [null, null, null],
    [null, 'a"b', 'a"b'],
    [null, ['a"b', null, 1.5], '["a\\"b",null,1.5]'],
    [Schema.FLOAT64, 1e10, '1.0E10'],
    [Schema.BYTES, Buffer.of(1), 'AQ=='],
    [timestampSchema, 0, '00:00:00.000Z'],
    [timestampSchema, 86400000, '1970-01-02'],
    [timestampSchema, 1483425001864, '2017-01-03T06:30:01.864Z'],
    [schema, new Struct(schema).put('f', 1), '{"f":1.0,"s":null}'],
  ] as const) {
    test(`gives ${text}`, () => expect(Values.convertToString(of, value)).toBe(text))
  }
})

describe('conversions', () => {
  for (const [what, found, expected] of [
    ['300 to int8', Values.convertToByte(null, 300), 44],
    ['"300.9" to int8', Values.convertToByte(null, '300.9'), 44],
    ['1e300 to int64', Values.convertToLong(Schema.FLOAT64, 1e300), 9223372036854775807n],
    ['"true" to boolean', Values.convertToBoolean(null, 'true'), true],
    ['0 to boolean', Values.convertToBoolean(null, 0), false],
    ['null to int8', Values.convertToByte(null, null), null],
    ['a timestamp to a date', Values.convertToDate(timestampSchema, 1483425001864), 1483401600000],
    ['a timestamp to a time', Values.convertToTime(timestampSchema, 1483425001864), 23401864],
    [
      'a double to a decimal',
      String(Values.convertToDecimal(Schema.FLOAT64, 1e10, 0)),
      '1.00E+10'.replace('00', '0'),
    ],
  ] as const) {
    test(`turn ${what}`, () => expect(found).toBe(expected))
  }

  test('refuse what is no number', () => {
    expect(() => Values.convertToByte(null, 'x')).toThrow(
      'Unable to convert x (class java.lang.String) to a number',
    )
    expect(() => Values.convertToByte(Schema.STRING, 'x')).toThrow(
      'Unable to convert x (class java.lang.String) to Schema{STRING}',
    )
  })
})

describe('inferSchema', () => {
  for (const [value, schema] of [
    ['a', 'Schema{STRING}'],
    [1, 'Schema{INT64}'],
    [1.5, 'Schema{FLOAT64}'],
    [new Int8(1), 'Schema{INT8}'],
    [[1, 2], 'Schema{ARRAY}'],
    [[1, 'a'], 'null'],
    [[], 'null'],
    [{ a: 1 }, 'Schema{MAP}'],
  ] as const) {
    test(`of ${JSON.stringify(value)} is ${schema}`, () =>
      expect(String(Values.inferSchema(value))).toBe(schema))
  }
})
