import { describe, expect, test } from 'vitest'
import { jsonConverter } from '../../src/converters/json.ts'
import {
  DataError,
  Decimal,
  decimalBuilder,
  Float64,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
  type SchemaAndValue,
} from '../../src/index.ts'

function configured(settings: Record<string, string> = {}) {
  const converter = jsonConverter.create(jsonConverter.config.parse(settings), 'value')
  return {
    write: (data: SchemaAndValue) =>
      (converter.fromConnectData('t', data) as Buffer | null)?.toString() ?? null,
    read: (json: string | Buffer | null) =>
      converter.toConnectData('t', typeof json === 'string' ? Buffer.from(json) : json) as SchemaAndValue,
  }
}

const plain = configured({ 'schemas.enable': 'false' })

describe('JsonConverter without schemas', () => {
  for (const [json, value] of [
    ['1', 1],
    ['1.5', 1.5],
    ['1.0', new Float64(1)],
    ['-0.0', new Float64(0)],
    ['-0', 0],
    ['1e3', new Float64(1000)],
    ['1e400', Infinity],
    ['007', 7],
    ['9007199254740993', 9007199254740993n],
    ['12345678901234567890', -6101065172474983726n],
    ['"a"', 'a'],
    ['true rest', true],
    ['{"a":1} rest', { a: 1 }],
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"__proto__":1.0}', JSON.parse('{"__proto__":0}')],
    ['[1,1.0,{"b":[1.5]}]', [1, new Float64(1), { b: [1.5] }]],
    ['null', null],
    [' ', null],
    ['', null],
  ] as const) {
    test(`reads ${json}`, () => {
      const { schema, value: found } = plain.read(json)
      expect(schema).toBeNull()
      if (json.includes('__proto__')) expect(Object.keys(found as object)).toEqual(['__proto__'])
      else expect(found).toEqual(value)
    })
  }

  for (const json of [
    '1,2',
    'truest',
    '{"a"}',
    "{'a':1}",
    '[1,]',
    'NaN',
    '01a',
    '"\u0001"',
    '.5',
    '1.',
    '[',
    '"a',
  ]) {
    test(`refuses ${json}`, () => {
      expect(() => plain.read(json)).toThrow(DataError)
      expect(() => plain.read(json)).toThrow(
        'Converting byte[] to Kafka Connect data failed due to serialization error: ',
      )
    })
  }

  test('reads a thousand levels and no more', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(() => plain.read(nested(1000))).not.toThrow()
    expect(() => plain.read(nested(1001))).toThrow(DataError)
  })

  for (const [what, bytes] of [
    ['UTF-8 with a mark', Buffer.from('\ufeff"é"')],
    ['UTF-16, big-endian', Buffer.from('"é"', 'utf16le').swap16()],
    ['UTF-16, little-endian', Buffer.from('"é"', 'utf16le')],
    ['UTF-16 with a mark', Buffer.from('\ufeff"é"', 'utf16le')],
  ] as const) {
    test(`reads ${what}`, () => expect(plain.read(bytes).value).toBe('é'))
  }

  test('refuses malformed UTF-8 in the value and ignores it behind', () => {
    expect(() => plain.read(Buffer.from('22ff22', 'hex'))).toThrow(DataError)
    expect(plain.read(Buffer.from('226122ff', 'hex')).value).toBe('a')
  })

  for (const [value, json] of [
    [{ a: [1, 1.5, null, true] }, '{"a":[1,1.5,null,true]}'],
    [new Float64(1e10), '1.0E10'],
    [Number.NaN, '"NaN"'],
    [9007199254740993n, '9007199254740993'],
    ['😀\u2028/\u0001\n"', '"\\uD83D\\uDE00\u2028/\\u0001\\n\\""'],
    [new Map<unknown, unknown>([[1, 'a']]), '[[1,"a"]]'],
    [new Map([['k', 'a']]), '{"k":"a"}'],
    [Buffer.of(1), '"AQ=="'],
  ] as const) {
    test(`writes ${json}`, () => expect(plain.write({ schema: null, value })).toBe(json))
  }

  test('writes no bytes for nothing, and null for the null of a schema', () => {
    expect(plain.write({ schema: null, value: null })).toBeNull()
    expect(plain.write({ schema: Schema.OPTIONAL_STRING, value: null })).toBe('null')
  })
})

const order = SchemaBuilder.struct()
  .name('order')
  .version(3)
  .field('id', Schema.INT64)
  .field('price', Schema.FLOAT64)
  .field('at', timestampSchema)
  .field('amount', decimalBuilder(2).optional().build())
  .field('tags', SchemaBuilder.map(Schema.STRING, Schema.INT8).optional().build())
  .field('count', new SchemaBuilder('INT32').optional().doc('d').parameter('x', 'y').default(9).build())
  .build()

describe('JsonConverter with schemas', () => {
  const converter = configured()
  const struct = () =>
    new Struct(order)
      .put('id', 2n ** 53n + 1n)
      .put('price', 12)
      .put('at', 5)

  test('writes schema and payload in Kafka’s order', () => {
    expect(converter.write({ schema: order, value: struct().put('amount', Decimal.parse('1.50')) })).toBe(
      '{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},' +
        '{"type":"double","optional":false,"field":"price"},' +
        '{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"at"},' +
        '{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"field":"amount"},' +
        '{"type":"map","keys":{"type":"string","optional":false},"values":{"type":"int8","optional":false},"optional":true,"field":"tags"},' +
        '{"type":"int32","optional":true,"doc":"d","parameters":{"x":"y"},"default":9,"field":"count"}],' +
        '"optional":false,"name":"order","version":3},' +
        '"payload":{"id":9007199254740993,"price":12.0,"at":5,"amount":"AJY=","tags":null,"count":9}}',
    )
  })

  test('reads what it wrote, first time and again', () => {
    const value = struct().put('amount', Decimal.parse('1.50')).put('tags', { a: 1 }).put('count', 9)
    const json = converter.write({ schema: order, value })
    for (let time = 0; time < 3; time++) {
      const read = converter.read(json)
      expect(String(read.schema)).toBe('Schema{order:STRUCT}')
      expect((read.value as Struct).equals(value)).toBe(true)
    }
  })

  test('reads the same from any layout of the envelope', () => {
    const schema = '{"type":"string","optional":false}'
    for (const json of [
      `{"schema":${schema},"payload":"a\\u00e9"}`,
      `{"payload":"a\\u00e9","schema":${schema}}`,
      ` { "schema" : ${schema} , "payload" : "aé" } rest`,
      `{"schema":{"type":"int8"},"schema":${schema},"payload":"aé"}`,
    ]) {
      expect(converter.read(json)).toMatchObject({ schema: { type: 'STRING' }, value: 'aé' })
      expect(converter.read(json).value).toBe('aé')
    }
  })

  test('is not misled by what follows a known schema', () => {
    const known = '{"schema":{"type":"string","optional":false},"payload":'
    expect(converter.read(`${known}"a"}`).value).toBe('a')
    expect(converter.read(`${known}"a"} "b"}`).value).toBe('a')
    expect(converter.read(`${known}"a","payload":"b"}`).value).toBe('b')
    expect(() => converter.read(`${known}"a","x":"b"}`)).toThrow('requires "schema" and "payload" fields')
    expect(() => converter.read(`${known}"a\u0001"}`)).toThrow('serialization error')
    expect(() => converter.read(`${known}}`)).toThrow('serialization error')
  })

  for (const [type, json, value] of [
    ['int8', '300', 44],
    ['int32', '3000000000', -1294967296],
    ['int32', '1.9', 1],
    ['int32', '-0', 0],
    ['int64', '1e30', 5076944270305263616n],
    ['int64', '"x"', 0],
    ['double', '"NaN"', 0],
    ['double', '-0.0', 0],
    ['float', '1.00000005960464477540', 1 + 2 ** -23],
    ['boolean', '1', false],
    ['bytes', '"AQ=="', Buffer.of(1)],
  ] as const) {
    test(`reads ${json} as ${type}`, () => {
      expect(converter.read(`{"schema":{"type":"${type}"},"payload":${json}}`).value).toEqual(value)
    })
  }

  for (const [schema, payload, message] of [
    ['{"type":"int32"}', 'null', 'Invalid null value for required INT32 field'],
    ['{"type":"bytes"}', '"A"', 'Invalid bytes field'],
    ['{"type":"nope"}', '1', 'Unknown schema type: nope'],
    ['{}', '1', "Schema must contain 'type' field"],
    ['{"type":"array"}', '1', 'Array schema did not specify the element type'],
    ['{"type":"struct","fields":[]}', '[]', 'Structs should be encoded as JSON objects, but found ARRAY'],
    [
      '{"type":"struct","fields":[{"field":"a","type":"string"}]}',
      '{"a":1}',
      'Invalid value: null used for required field: "a", schema type: STRING',
    ],
    ['{"type":"string","parameters":{"a":1}}', '"x"', 'Schema parameters must have string values.'],
  ] as const) {
    test(`refuses: ${message}`, () => {
      expect(() => converter.read(`{"schema":${schema},"payload":${payload}}`)).toThrow(DataError)
      expect(() => converter.read(`{"schema":${schema},"payload":${payload}}`)).toThrow(message)
    })
  }

  for (const [schema, value, message] of [
    [Schema.INT32, 2 ** 40, 'Invalid type for INT32: class java.lang.Long'],
    [Schema.STRING, 5, 'Invalid type for STRING: class java.lang.Long'],
    [Schema.INT32, null, 'Conversion error: null value for field that is required and has no default value'],
    [order, new Struct(SchemaBuilder.struct().build()), 'Mismatching schema.'],
    [timestampSchema, 'x', 'Invalid type for Timestamp, expected Date but was class java.lang.String'],
    [decimalBuilder(2).build(), Decimal.parse('1.5'), 'Schema has scale 2, value has scale 1.'],
  ] as const) {
    test(`refuses to write: ${message}`, () =>
      expect(() => converter.write({ schema, value })).toThrow(message))
  }

  test('writes decimals as numbers when asked, and reads both forms', () => {
    const schema = decimalBuilder(2).build()
    const numeric = configured({ 'decimal.format': 'numeric' })
    const json = numeric.write({ schema, value: Decimal.parse('1.50') })!
    expect(json).toMatch(/"payload":1\.50\}$/)
    expect(String(converter.read(json).value)).toBe('1.50')
  })

  test('keeps nulls when asked', () => {
    const schema = new SchemaBuilder('INT32').optional().default(5).build()
    const keeping = configured({ 'replace.null.with.default': 'false' })
    expect(keeping.write({ schema, value: null })).toMatch(/"payload":null\}$/)
    expect(converter.write({ schema, value: null })).toMatch(/"payload":5\}$/)
  })

  test('works without any cache', () => {
    const uncached = configured({ 'schemas.cache.size': '0' })
    for (let time = 0; time < 2; time++) {
      const json = uncached.write({ schema: order, value: struct() })
      expect((uncached.read(json).value as Struct).get('price')).toBe(12)
    }
  })

  test('takes an equal schema for a known one', () => {
    const make = () => SchemaBuilder.struct().field('a', Schema.INT8).build()
    const other = make()
    converter.write({ schema: make(), value: new Struct(make()).put('a', 1) })
    expect(converter.write({ schema: other, value: new Struct(other).put('a', 2) })).toMatch(
      /"payload":\{"a":2\}\}$/,
    )
  })
})
