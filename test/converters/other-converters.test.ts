import { describe, expect, test } from 'vitest'
import { booleanConverter } from '../../src/converters/boolean.ts'
import { byteArrayConverter } from '../../src/converters/byte-array.ts'
import * as numbers from '../../src/converters/number.ts'
import { simpleHeaderConverter } from '../../src/converters/simple-header.ts'
import { stringConverter } from '../../src/converters/string.ts'
import { Int32, Schema, type ConverterPlugin, type SchemaAndValue } from '../../src/index.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function configured(plugin: ConverterPlugin<any>, settings: Record<string, string> = {}) {
  const converter = plugin.create(plugin.config.parse(settings), 'value')
  return {
    write: (value: unknown, schema: Schema | null = null) =>
      converter.fromConnectData('t', { schema, value }),
    read: (hex: string | null) =>
      converter.toConnectData('t', hex === null ? null : Buffer.from(hex, 'hex')) as SchemaAndValue,
  }
}

describe('StringConverter', () => {
  const converter = configured(stringConverter)

  test('writes Java’s text of any value, and null as no bytes', () => {
    expect(converter.write('é')).toEqual(Buffer.from('é'))
    expect(converter.write({ k: [1, 'v'] })).toEqual(Buffer.from('{k=[1, v]}'))
    expect(converter.write(5, Schema.FLOAT64)).toEqual(Buffer.from('5.0'))
    expect(converter.write(null)).toBeNull()
  })

  test('reads text, and keeps the schema for null', () => {
    expect(converter.read('c3a9')).toEqual({ schema: Schema.OPTIONAL_STRING, value: 'é' })
    expect(converter.read('eda080').value).toBe('\ufffd')
    expect(converter.read(null)).toEqual({ schema: Schema.OPTIONAL_STRING, value: null })
  })

  test('knows other encodings, and names those it does not', () => {
    const latin = configured(stringConverter, { 'converter.encoding': 'ISO-8859-1' })
    expect(latin.write('é€')).toEqual(Buffer.of(0xe9, 0x3f))
    expect(latin.read('e9').value).toBe('é')
    expect(() => configured(stringConverter, { 'converter.encoding': 'EBCDIC' })).toThrow(
      'Unsupported encoding EBCDIC',
    )
  })
})

describe('ByteArrayConverter', () => {
  const converter = configured(byteArrayConverter)

  test('hands bytes through', () => {
    expect(converter.write(Buffer.of(1, 2))).toEqual(Buffer.of(1, 2))
    expect(converter.write(new Uint8Array([3]))).toEqual(Buffer.of(3))
    expect(converter.read('0102')).toEqual({ schema: Schema.OPTIONAL_BYTES, value: Buffer.of(1, 2) })
    expect(converter.write(null)).toBeNull()
  })

  test('refuses everything else', () => {
    expect(() => converter.write('x', Schema.STRING)).toThrow(
      'Invalid schema type for ByteArrayConverter: STRING',
    )
    expect(() => converter.write('x')).toThrow(
      'ByteArrayConverter is not compatible with objects of type class java.lang.String',
    )
  })
})

describe('number converters', () => {
  for (const [plugin, value, schema, hex] of [
    [numbers.shortConverter, -2, Schema.INT16, 'fffe'],
    [numbers.integerConverter, -2, Schema.INT32, 'fffffffe'],
    [numbers.longConverter, 2n ** 53n + 1n, Schema.INT64, '0020000000000001'],
    [numbers.floatConverter, 1.5, Schema.FLOAT32, '3fc00000'],
    [numbers.doubleConverter, 1.5, Schema.FLOAT64, '3ff8000000000000'],
  ] as const) {
    test(`${plugin.name} writes and reads ${value}`, () => {
      const converter = configured(plugin)
      expect((converter.write(value, schema) as Buffer).toString('hex')).toBe(hex)
      expect(converter.read(hex).value).toBe(value)
      expect(converter.write(null)).toBeNull()
    })
  }

  test('want exactly their class and size', () => {
    const converter = configured(numbers.integerConverter)
    expect(converter.write(new Int32(1))).toEqual(Buffer.of(0, 0, 0, 1))
    expect(() => converter.write(1)).toThrow('Failed to serialize to integer (was class java.lang.Long): ')
    expect(() => converter.read('00')).toThrow('Failed to deserialize integer: ')
  })
})

describe('BooleanConverter', () => {
  const converter = configured(booleanConverter)

  test('writes and reads one byte', () => {
    expect(converter.write(true)).toEqual(Buffer.of(1))
    expect(converter.read('00').value).toBe(false)
    expect(() => converter.read('02')).toThrow('Failed to deserialize boolean: ')
    expect(() => converter.write(1)).toThrow('not compatible with objects of type class java.lang.Long')
  })
})

describe('SimpleHeaderConverter', () => {
  const converter = configured(simpleHeaderConverter)
  const read = (text: string) => converter.read(Buffer.from(text).toString('hex'))

  test('guesses types from text', () => {
    expect(read('42')).toEqual({ schema: Schema.INT8, value: 42 })
    expect(read('abc')).toEqual({ schema: Schema.STRING, value: 'abc' })
    expect(read('')).toEqual({ schema: Schema.STRING, value: '' })
    expect(converter.read(null)).toEqual({ schema: null, value: null })
  })

  test('writes text', () => {
    expect(converter.write(['a', 1])).toEqual(Buffer.from('["a",1]'))
    expect(converter.write(null)).toBeNull()
  })

  test('hands on the bytes of what is nested too deep', () => {
    const bytes = Buffer.from('['.repeat(100_000))
    expect(read(bytes.toString()).value).toEqual(bytes)
  })
})
