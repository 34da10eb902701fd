import type { Schema } from '../../index.ts'
import {
  DataError,
  dateName,
  daysOf,
  Decimal,
  decimalBytes,
  decimalName,
  doubleText,
  entriesOf,
  equalSchemas,
  Float32,
  Float64,
  floatText,
  Instant,
  Int16,
  Int32,
  Int8,
  isPlainObject,
  javaClassOf,
  Struct,
  timeName,
  timeOfDay,
  timestampName,
} from '../../index.ts'

export interface WriteOptions {
  /** Null fields whose schema has a default are written as the default. */
  readonly replaceNulls: boolean
  /** Decimals as numbers, else as Base64 of their bytes. */
  readonly numericDecimals: boolean
}

/** The JSON text of a value. */
export type Write = (value: unknown) => string

/** How to write values of a schema. Everything that depends on the schema alone is decided here, once. */
export function writer(schema: Schema | null, options: WriteOptions): Write {
  if (schema === null) return writeSchemaless
  const write = logicalWriter(schema, options) ?? plainWriter(schema, options)
  let textOfNull: string | null = schema.optional ? 'null' : null
  if (options.replaceNulls && schema.default !== undefined && schema.default !== null) {
    textOfNull = write(schema.default)
  }
  return (value) => {
    if (value !== null && value !== undefined) return write(value)
    if (textOfNull !== null) return textOfNull
    throw new DataError('Conversion error: null value for field that is required and has no default value')
  }
}

const special = /[\u0000-\u001f"\\\ud800-\udfff]/
const specials = /[\u0000-\u001f"\\\ud800-\udfff]/g

/** A JSON string as Jackson writes it. */
export function stringJson(text: string): string {
  return special.test(text) ? `"${text.replace(specials, escaped)}"` : `"${text}"`
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

function escaped(char: string): string {
  return shortEscapes[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

function doubleJson(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : `"${value}"`
}

function floatJson(value: number): string {
  return Number.isFinite(value) ? floatText(value) : `"${value}"`
}

function bytesJson(value: Uint8Array): string {
  return `"${(Buffer.isBuffer(value) ? value : Buffer.from(value)).toString('base64')}"`
}

function wrongClass(value: unknown, type: string): DataError {
  return new DataError(`Invalid type for ${type}: class ${javaClassOf(value)}`)
}

function plainWriter(schema: Schema, options: WriteOptions): Write {
  const { type } = schema
  switch (type) {
    case 'INT8':
      return integerWriter(type, -0x80, 0x7f, Int8)
    case 'INT16':
      return integerWriter(type, -0x8000, 0x7fff, Int16)
    case 'INT32':
      return integerWriter(type, -0x80000000, 0x7fffffff, Int32)
    case 'INT64':
      return writeInt64
    case 'FLOAT32':
      return floatWriter(type, Float32, floatJson)
    case 'FLOAT64':
      return floatWriter(type, Float64, doubleJson)
    case 'BOOLEAN':
      return (value) => {
        if (typeof value === 'boolean') return value ? 'true' : 'false'
        throw wrongClass(value, type)
      }
    case 'STRING':
      return (value) => {
        if (typeof value === 'string') return stringJson(value)
        throw wrongClass(value, type)
      }
    case 'BYTES':
      return (value) => {
        if (value instanceof Uint8Array) return bytesJson(value)
        throw new DataError(`Invalid type for bytes type: class ${javaClassOf(value)}`)
      }
    case 'ARRAY': {
      const item = writer(schema.valueSchema, options)
      return (value) => {
        if (Array.isArray(value)) return arrayJson(value, item)
        throw wrongClass(value, type)
      }
    }
    case 'MAP':
      return mapWriter(schema, options)
    case 'STRUCT':
      return structWriter(schema, options)
  }
}

type Wrapper = abstract new (value: number) => { readonly value: number }

function integerWriter(type: string, min: number, max: number, wrapper: Wrapper): Write {
  return (value) => {
    const number = value instanceof wrapper ? value.value : value
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
      return String(number)
    throw wrongClass(value, type)
  }
}

function writeInt64(value: unknown): string {
  if (typeof value === 'number' ? Number.isSafeInteger(value) : isInt64(value)) return String(value)
  throw wrongClass(value, 'INT64')
}

function isInt64(value: unknown): value is bigint {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
}

function floatWriter(type: string, wrapper: Wrapper, json: (value: number) => string): Write {
  return (value) => {
    if (typeof value === 'number') return json(value)
    if (value instanceof wrapper) return json(value.value)
    throw wrongClass(value, type)
  }
}

function arrayJson(array: readonly unknown[], item: Write): string {
  let json = '['
  for (let i = 0; i < array.length; i++) json += i === 0 ? item(array[i]) : `,${item(array[i])}`
  return `${json}]`
}

function mapWriter(schema: Schema, options: WriteOptions): Write {
  const { keySchema } = schema
  const value = writer(schema.valueSchema, options)
  if (keySchema === null) {
    return () => {
      throw new DataError('A map without key schema cannot be written as JSON.')
    }
  }
  const key = writer(keySchema, options)
  const isObject = keySchema.type === 'STRING'
  return (map) => {
    if (!(map instanceof Map) && !isPlainObject(map)) throw wrongClass(map, 'MAP')
    return isObject ? objectJson(map, key, value) : pairsJson(map, key, value)
  }
}

function objectJson(map: object, keyJson: Write, valueJson: Write): string {
  let json = ''
  for (const [key, value] of entriesOf(map)) {
    const name = keyJson(key)
    json += `${json === '' ? '{' : ','}${name.startsWith('"') ? name : stringJson(name)}:${valueJson(value)}`
  }
  return json === '' ? '{}' : `${json}}`
}

function pairsJson(map: object, keyJson: Write, valueJson: Write): string {
  let json = ''
  for (const [key, value] of entriesOf(map)) {
    json += `${json === '' ? '[' : ','}[${keyJson(key)},${valueJson(value)}]`
  }
  return json === '' ? '[]' : `${json}]`
}

function structWriter(schema: Schema, options: WriteOptions): Write {
  const { fields } = schema
  const names = fields.map(({ name }, i) => `${i === 0 ? '{' : ','}${stringJson(name)}:`)
  const writers = fields.map((field) => writer(field.schema, options))
  const count = fields.length
  let known = schema
  return (value) => {
    if (!(value instanceof Struct)) throw wrongClass(value, 'STRUCT')
    if (value.schema !== schema && value.schema !== known) {
      if (!equalSchemas(value.schema, schema)) throw new DataError('Mismatching schema.')
      known = value.schema
    }
    let json = ''
    for (let i = 0; i < count; i++) json += names[i]! + writers[i]!(value.at(i))
    return count === 0 ? '{}' : `${json}}`
  }
}

function logicalWriter(schema: Schema, { numericDecimals }: WriteOptions): Write | undefined {
  switch (schema.name) {
    case decimalName:
      return (value) => {
        if (!(value instanceof Decimal)) {
          throw new DataError(
            `Invalid type for Decimal, expected BigDecimal but was class ${javaClassOf(value)}`,
          )
        }
        return numericDecimals ? value.toString() : bytesJson(decimalBytes(schema, value))
      }
    case dateName:
      return (value) => String(daysOf(epochMsOf(value, 'Date') as number))
    case timeName:
      return (value) => String(timeOfDay(epochMsOf(value, 'Time') as number))
    case timestampName:
      return (value) => String(epochMsOf(value, 'Timestamp'))
    default:
      return undefined
  }
}

function epochMsOf(value: unknown, type: string): number | bigint {
  const ms = value instanceof Instant ? value.value : value
  if (typeof ms === 'number' && Number.isInteger(ms)) return ms + 0
  if (type === 'Timestamp' && isInt64(ms)) return ms
  throw new DataError(`Invalid type for ${type}, expected Date but was class ${javaClassOf(value)}`)
}

/** A value that speaks for itself: a plain number is an int64 if integral, else a double. */
function writeSchemaless(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return stringJson(value)
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : largeOrDouble(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return writeInt64(value)
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : objectOfAnyClass(value)
    default:
      throw unknownClass(value)
  }
}

function largeOrDouble(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 && value !== 0
    ? String(BigInt(value))
    : doubleJson(value)
}

function objectOfAnyClass(value: object): string {
  if (Array.isArray(value)) return arrayJson(value, writeSchemaless)
  if (isPlainObject(value)) return plainObjectJson(value)
  if (value instanceof Map) {
    const areStrings = [...value.keys()].every((key) => typeof key === 'string')
    return areStrings
      ? objectJson(value, stringKey, writeSchemaless)
      : pairsJson(value, writeSchemaless, writeSchemaless)
  }
  if (value instanceof Uint8Array) return bytesJson(value)
  if (value instanceof Float64) return doubleJson(value.value)
  if (value instanceof Float32) return floatJson(value.value)
  if (value instanceof Int8 || value instanceof Int16 || value instanceof Int32) return String(value.value)
  if (value instanceof Struct) throw new DataError('Mismatching schema.')
  throw unknownClass(value)
}

/** What most schemaless values are: no pairs are made on the way. */
function plainObjectJson(object: Readonly<Record<string, unknown>>): string {
  let json = ''
  for (const name of Object.keys(object)) {
    json += `${json === '' ? '{' : ','}${stringJson(name)}:${writeSchemaless(object[name])}`
  }
  return json === '' ? '{}' : `${json}}`
}

const stringKey = (key: unknown): string => stringJson(key as string)

function unknownClass(value: unknown): DataError {
  return new DataError(`Java class class ${javaClassOf(value)} does not have corresponding schema type.`)
}
