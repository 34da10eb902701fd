import type { Schema } from '../../index.ts'
import {
  DataError,
  dateName,
  Decimal,
  decimalFromBytes,
  decimalName,
  equalValues,
  Float64,
  nearestFloat,
  Struct,
  timeName,
  timestampName,
  timeFromInt,
  validateValue,
} from '../../index.ts'
import { decodeBase64 } from './base64.ts'
import { exactNumbers, Fraction, type NumberReader } from './parser.ts'

/** Makes a Connect value of parsed JSON; undefined stands for a missing member. */
export type Read = (json: unknown) => unknown

/** Numbers of schemaless data: int64, which wraps as Java's does, and float64. */
export const schemalessNumbers: NumberReader = {
  big: (token) => toInt64(exactNumbers.big(token) as number | bigint),
  fraction: (_, value) => schemalessDouble(value),
}

function schemalessDouble(value: number): number | Float64 {
  // Java's decimals, through which it reads, have no negative zero.
  return Number.isInteger(value) ? new Float64(value + 0) : value
}

/** Schemaless data out of JSON that was parsed with exact numbers. */
export function readSchemaless(json: unknown): unknown {
  if (json instanceof Fraction) return schemalessDouble(json.value)
  if (typeof json === 'bigint') return toInt64(json)
  if (Array.isArray(json)) return json.map(readSchemaless)
  if (json === null || typeof json !== 'object') return json ?? null
  for (const [name, value] of Object.entries(json)) {
    if (typeof value !== 'object' && typeof value !== 'bigint') continue
    Object.defineProperty(json, name, {
      value: readSchemaless(value),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return json
}

/** How to read values of a schema. Everything that depends on the schema alone is decided here, once. */
export function reader(schema: Schema | null, replaceNulls: boolean): Read {
  if (schema === null) return readSchemaless
  const convert = logicalReader(schema) ?? plainReader(schema, replaceNulls)
  const { optional, type } = schema
  const byDefault = replaceNulls ? (schema.default ?? null) : null
  return (json) => {
    if (json !== null && json !== undefined) return convert(json)
    if (byDefault !== null || optional) return byDefault
    throw new DataError(`Invalid null value for required ${type} field`)
  }
}

/** Counts the values that became null though there was something to read: their containers have to check them. */
let mismatches = 0

function plainReader(schema: Schema, replaceNulls: boolean): (json: unknown) => unknown {
  switch (schema.type) {
    case 'INT8':
      return (json) => (toInt32(json) << 24) >> 24
    case 'INT16':
      return (json) => (toInt32(json) << 16) >> 16
    case 'INT32':
      return toInt32
    case 'INT64':
      return toInt64
    case 'FLOAT32':
      return toFloat
    case 'FLOAT64':
      return toDouble
    case 'BOOLEAN':
      return (json) => json === true
    case 'STRING':
      return (json) => (typeof json === 'string' ? json : mismatch())
    case 'BYTES':
      return (json) => {
        if (typeof json !== 'string') return mismatch()
        return decodeBase64(json) ?? fail('Invalid bytes field')
      }
    case 'ARRAY': {
      const item = reader(schema.valueSchema, replaceNulls)
      return (json) => children(json).map((child) => item(child))
    }
    case 'MAP':
      return mapReader(schema, replaceNulls)
    case 'STRUCT':
      return structReader(schema, replaceNulls)
  }
}

function mismatch(): null {
  mismatches++
  return null
}

function fail(message: string): never {
  throw new DataError(message)
}

function structReader(schema: Schema, replaceNulls: boolean): Read {
  const { fields } = schema
  const names = fields.map(({ name }) => name)
  const readers = fields.map((field) => reader(field.schema, replaceNulls))
  const ofObjects = new Set(Object.getOwnPropertyNames(Object.prototype))
  const isUnusual = names.some((name) => ofObjects.has(name))
  const count = fields.length
  return (json) => {
    if (!isObject(json)) fail(`Structs should be encoded as JSON objects, but found ${nodeType(json)}`)
    const values = new Array<unknown>(count)
    for (let i = 0; i < count; i++) {
      const before = mismatches
      const name = names[i]!
      const value = readers[i]!(isUnusual && !Object.hasOwn(json, name) ? null : json[name])
      if (mismatches !== before) validateValue(fields[i]!.schema, value, `field: "${name}"`)
      values[i] = value
    }
    return Struct.adopt(schema, values)
  }
}

function mapReader(schema: Schema, replaceNulls: boolean): Read {
  const { keySchema, valueSchema } = schema
  const value = reader(valueSchema, replaceNulls)
  if (keySchema === null || keySchema.type === 'STRING') {
    return (json) => {
      if (!isObject(json))
        fail(`Maps with string fields should be encoded as JSON objects, but found ${nodeType(json)}`)
      const map = Object.create(null) as Record<string, unknown>
      for (const name of Object.keys(json)) map[name] = value(json[name])
      return map
    }
  }
  const key = reader(keySchema, replaceNulls)
  return (json) => {
    if (!Array.isArray(json)) {
      fail(
        `Maps with non-string fields should be encoded as JSON array of tuples, but found ${nodeType(json)}`,
      )
    }
    const map = new Map<unknown, unknown>()
    for (const entry of json as unknown[]) {
      if (!Array.isArray(entry)) fail(`Found invalid map entry instead of array tuple: ${nodeType(entry)}`)
      if (entry.length !== 2) fail(`Found invalid map entry, expected length 2 but found :${entry.length}`)
      map.set(knownKey(map, key(entry[0])), value(entry[1]))
    }
    return map
  }
}

/** The key of the map that equals this one, for keys that are objects. */
function knownKey(map: Map<unknown, unknown>, key: unknown): unknown {
  if (key === null || typeof key !== 'object' || Buffer.isBuffer(key)) return key
  for (const known of map.keys()) if (equalValues(known, key)) return known
  return key
}

function logicalReader(schema: Schema): Read | undefined {
  switch (schema.name) {
    case decimalName:
      return decimalReader(schema)
    case dateName:
      return (json) => intOf(json, 'Date') * 86_400_000
    case timeName:
      return (json) => timeFromInt(intOf(json, 'Time'))
    case timestampName:
      return (json) => {
        if (typeof json === 'bigint' || (typeof json === 'number' && Number.isInteger(json)))
          return toInt64(json)
        return fail(
          `Invalid type for Timestamp, underlying representation should be integral but was ${nodeType(json)}`,
        )
      }
    default:
      return undefined
  }
}

function decimalReader(schema: Schema): Read {
  return (json) => {
    if (json instanceof Fraction) return decimalOf(json.token)
    if (typeof json === 'number' || typeof json === 'bigint') return decimalOf(String(json))
    if (typeof json === 'string') {
      return decimalFromBytes(schema, decodeBase64(json) ?? fail('Invalid bytes for Decimal field'))
    }
    return fail(
      `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${nodeType(json)}`,
    )
  }
}

function decimalOf(token: string): Decimal {
  try {
    return Decimal.parse(token)
  } catch (cause) {
    throw new DataError(`Invalid number for Decimal field: ${token}`, { cause })
  }
}

function intOf(json: unknown, type: 'Date' | 'Time'): number {
  if (typeof json === 'number' && (json | 0) === json) return json | 0
  return fail(
    `Invalid type for ${type}, underlying representation should be integer but was ${nodeType(json)}`,
  )
}

function toInt32(json: unknown): number {
  if (typeof json === 'number') return json | 0
  if (typeof json === 'bigint') return Number(BigInt.asIntN(32, json))
  return json instanceof Fraction ? Number(BigInt.asIntN(32, lowBits(json))) : 0
}

function toInt64(json: unknown): number | bigint {
  // The sum makes a positive zero of a negative one.
  if (typeof json === 'number') return Math.trunc(json) + 0
  if (typeof json === 'bigint') return safe(BigInt.asIntN(64, json))
  return json instanceof Fraction ? safe(BigInt.asIntN(64, lowBits(json))) : 0
}

function safe(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** The last 64 bits of the number without its fraction. */
function lowBits({ token, value }: Fraction): bigint {
  if (Number.isSafeInteger(Math.trunc(value))) return BigInt(Math.trunc(value))
  const { unscaled, scale } = Decimal.parse(token)
  if (scale >= 0) return unscaled / 10n ** BigInt(scale)
  // Ten to the 64th has 64 twos in it.
  return scale <= -64 ? 0n : unscaled * 10n ** BigInt(-scale)
}

function toDouble(json: unknown): number {
  if (typeof json === 'number') return json + 0
  if (typeof json === 'bigint') return Number(json)
  return json instanceof Fraction ? json.value + 0 : 0
}

function toFloat(json: unknown): number {
  if (typeof json === 'number') return nearestFloat(json, () => String(json)) + 0
  if (typeof json === 'bigint') return nearestFloat(Number(json), () => String(json))
  return json instanceof Fraction ? nearestFloat(json.value, () => json.token) + 0 : 0
}

function children(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json
  return isObject(json) ? Object.values(json) : []
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof Fraction)
}

/** Jackson's name for the kind of a JSON value. */
export function nodeType(json: unknown): string {
  switch (typeof json) {
    case 'undefined':
      return 'MISSING'
    case 'boolean':
      return 'BOOLEAN'
    case 'string':
      return 'STRING'
    case 'number':
    case 'bigint':
      return 'NUMBER'
    default:
      if (json === null) return 'NULL'
      if (json instanceof Fraction) return 'NUMBER'
      return Array.isArray(json) ? 'ARRAY' : 'OBJECT'
  }
}
