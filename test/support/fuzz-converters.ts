import { booleanConverter } from '../../src/converters/boolean.ts'
import { byteArrayConverter } from '../../src/converters/byte-array.ts'
import { jsonConverter } from '../../src/converters/json.ts'
import * as numbers from '../../src/converters/number.ts'
import { simpleHeaderConverter } from '../../src/converters/simple-header.ts'
import { stringConverter } from '../../src/converters/string.ts'
import { DataError, type Converter, type ConverterPlugin, type SchemaAndValue } from '../../src/index.ts'
import type { Arbitrary } from './arbitrary.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function configured(plugin: ConverterPlugin<any>, settings: Record<string, string> = {}): Converter {
  return plugin.create(plugin.config.parse(settings), 'value')
}

/** Every converter class, in the ways it can be set. */
export const converters: Readonly<Record<string, readonly Converter[]>> = {
  JsonConverter: [
    configured(jsonConverter),
    configured(jsonConverter, { 'schemas.enable': 'false' }),
    configured(jsonConverter, { 'schemas.cache.size': '0', 'decimal.format': 'NUMERIC' }),
    configured(jsonConverter, { 'replace.null.with.default': 'false' }),
  ],
  SimpleHeaderConverter: [configured(simpleHeaderConverter)],
  StringConverter: ['UTF-8', 'US-ASCII', 'ISO-8859-1', 'UTF-16', 'UTF-16BE', 'UTF-16LE'].map((encoding) =>
    configured(stringConverter, { 'converter.encoding': encoding }),
  ),
  ByteArrayConverter: [configured(byteArrayConverter)],
  BooleanConverter: [configured(booleanConverter)],
  ShortConverter: [configured(numbers.shortConverter)],
  IntegerConverter: [configured(numbers.integerConverter)],
  LongConverter: [configured(numbers.longConverter)],
  FloatConverter: [configured(numbers.floatConverter)],
  DoubleConverter: [configured(numbers.doubleConverter)],
}

/**
 * Reads the bytes and writes what came of them, with each of the converters. Either may be refused with a DataError;
 * any other error is thrown on.
 */
export function readAndWrite(converters: readonly Converter[], bytes: Buffer): void {
  for (const converter of converters) {
    try {
      const data = converter.toConnectData('t', bytes) as SchemaAndValue
      void converter.fromConnectData('t', data)
    } catch (error) {
      if (!(error instanceof DataError)) throw error
    }
  }
}

/** Bytes of many kinds: random ones, documents, damaged documents, deep nesting, huge numbers, broken UTF-8. */
export function fuzzBytes(arbitrary: Arbitrary): Buffer {
  // Deep nesting takes long.
  if (arbitrary.chance(0.008)) return Buffer.from(nested(arbitrary))
  switch (arbitrary.below(7)) {
    case 0:
      return arbitrary.bytes(arbitrary.pick([1, 2, 4, 8, 9, 64]))
    case 1:
      return Buffer.from(soup(arbitrary))
    case 2:
      return Buffer.from(document(arbitrary))
    case 3:
      return Buffer.from(arbitrary.chance(0.5) ? document(arbitrary) : soup(arbitrary), 'utf16le')
    default:
      return damaged(Buffer.from(document(arbitrary)), arbitrary)
  }
}

/** Pieces of JSON in no order. */
function soup(arbitrary: Arbitrary): string {
  return arbitrary.times(20, () => piece(arbitrary)).join('')
}

function piece(arbitrary: Arbitrary): string {
  return arbitrary.chance(0.2) ? number(arbitrary) : arbitrary.pick(pieces)
}

const pieces = [
  ...'{}[]:,"\\ -.eE0',
  'null',
  'true',
  'false',
  'NaN',
  '"schema"',
  '"payload"',
  '"type"',
  '"__proto__"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u12"',
  '\ud800',
  '\ufeff',
  '\ufffd',
  '\0',
  '2020-02-30',
  '23:59:59.999Z',
  '2020-02-30T23:59:59.999Z',
  '\u0661',
]

function number(arbitrary: Arbitrary): string {
  const digits = (max: number) => arbitrary.times(max, () => String(arbitrary.below(10))).join('')
  switch (arbitrary.below(6)) {
    case 0:
      return `${digits(400)}1`
    case 1:
      return `-${digits(3)}.${digits(30)}`
    case 2:
      return `${digits(3)}1e${arbitrary.pick(exponents)}`
    case 3:
      return `0.${digits(30)}1E${arbitrary.pick(exponents)}`
    case 4:
      return `0${digits(20)}`
    default:
      return digits(20)
  }
}

const exponents = [
  '5',
  '-5',
  '+400',
  '-400',
  '64',
  '2147483647',
  '-2147483647',
  '2147483648',
  '-2147483649',
  '99999999999999999999',
  '-99999999999999999999',
]

/** An envelope, mostly of schema and payload that have nothing to do with each other. */
function document(arbitrary: Arbitrary): string {
  const payload = arbitrary.chance(0.5) ? payloadOf(arbitrary, 3) : soup(arbitrary)
  if (arbitrary.chance(0.2)) return payload
  return arbitrary.chance(0.8)
    ? `{"schema":${schema(arbitrary, 3)},"payload":${payload}}`
    : `{ "payload":${payload}, "schema":${schema(arbitrary, 3)} }`
}

function payloadOf(arbitrary: Arbitrary, depth: number): string {
  const inner = () => payloadOf(arbitrary, depth - 1)
  if (depth > 0 && arbitrary.chance(0.5)) {
    if (arbitrary.chance(0.3)) return `[${arbitrary.times(3, () => `[${inner()},${inner()}]`).join()}]`
    if (arbitrary.chance(0.5)) return `[${arbitrary.times(3, inner).join()}]`
    return `{${arbitrary.times(3, () => `${JSON.stringify(fieldName(arbitrary))}:${inner()}`).join()}}`
  }
  if (arbitrary.chance(0.4)) return number(arbitrary)
  return arbitrary.pick([
    'null',
    'true',
    '""',
    '"AQ=="',
    '"A"',
    '0',
    '-1',
    '1.5',
    JSON.stringify(arbitrary.text()),
  ])
}

function fieldName(arbitrary: Arbitrary): string {
  return arbitrary.chance(0.8) ? arbitrary.pick(['a', 'b', '__proto__', 'toString']) : arbitrary.name()
}

function schema(arbitrary: Arbitrary, depth: number): string {
  if (arbitrary.chance(0.03)) return payloadOf(arbitrary, 1)
  const inner = () => schema(arbitrary, depth - 1)
  const members = [`"type":"${arbitrary.pick(depth > 0 ? types : types.slice(3))}"`]
  const maybe = (part: number, member: () => string) => {
    if (arbitrary.chance(part)) members.push(member())
  }
  if (depth > 0) {
    if (members[0] === '"type":"array"') members.push(`"items":${inner()}`)
    if (members[0] === '"type":"map"') members.push(`"keys":${inner()}`, `"values":${inner()}`)
    if (members[0] === '"type":"struct"') {
      const field = () => `{"field":${JSON.stringify(fieldName(arbitrary))},${inner().slice(1)}`
      members.push(`"fields":[${arbitrary.times(3, field).join()}]`)
    }
  }
  maybe(0.4, () => `"optional":${arbitrary.pick(['true', 'true', 'false', '1'])}`)
  maybe(0.3, () => `"name":"org.apache.kafka.connect.data.${arbitrary.pick(logicalTypes)}"`)
  maybe(0.2, () => `"version":${number(arbitrary)}`)
  maybe(0.3, () => `"parameters":{"scale":"${arbitrary.pick(scales)}"}`)
  maybe(0.1, () => `"default":${payloadOf(arbitrary, 1)}`)
  maybe(0.05, () => piece(arbitrary))
  return `{${members.join()}}`
}

const types = [
  'array',
  'map',
  'struct',
  'int8',
  'int16',
  'int32',
  'int64',
  'float',
  'double',
  'boolean',
  'string',
  'bytes',
]
const logicalTypes = ['Decimal', 'Date', 'Time', 'Timestamp']
const scales = ['0', '2', '-3', '2147483647', '-2147483648', '99999999999', 'x', '', '1.5', '__proto__']

function nested(arbitrary: Arbitrary): string {
  const depth = arbitrary.pick([3, 10, 30, 100, 998, 1000, 1001, 1002, 3000])
  const [open, close] = arbitrary.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{', '}'],
    ['[[1,', ']]'],
    ['{"type":"array","items":', '}'],
    ['{"schema":', ',"payload":1}'],
    ['[{', '}]'],
    ['"', '"'],
  ])
  const text = `${open.repeat(depth)}${piece(arbitrary)}${arbitrary.chance(0.7) ? close.repeat(depth) : ''}`
  return arbitrary.chance(0.5)
    ? text
    : `{"schema":${arbitrary.chance(0.5) ? text : 'null'},"payload":${text}}`
}

function damaged(bytes: Buffer, arbitrary: Arbitrary): Buffer {
  let result = bytes
  for (let i = arbitrary.below(4); i >= 0; i--) {
    const at = arbitrary.below(result.length + 1)
    const end = Math.min(result.length, at + arbitrary.below(10))
    const insert = arbitrary.pick([
      () => Buffer.alloc(0),
      () => Buffer.of(arbitrary.below(256)),
      () => Buffer.from(piece(arbitrary)),
      () =>
        Buffer.from(arbitrary.pick(['eda080', 'c080', 'f8888080', 'ff', 'f4bfbfbf', '80', 'efbbbf']), 'hex'),
      () => result.subarray(at, end),
    ])()
    const rest = result.subarray(arbitrary.chance(0.5) ? at : end)
    result = Buffer.concat([result.subarray(0, at), insert, rest])
  }
  return arbitrary.chance(0.1) ? result.subarray(0, arbitrary.below(result.length + 1)) : result
}
