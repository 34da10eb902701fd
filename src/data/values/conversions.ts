import { DataError } from '../../errors.ts'
import { Decimal } from '../decimal.ts'
import { javaClassOf } from '../java-class.ts'
import { doubleText } from '../java-numbers.ts'
import { javaText } from '../java-text.ts'
import { dateName, decimalName, timeName, timestampName } from '../logical-names.ts'
import {
  daysOf,
  decimalBuilder,
  decimalFromBytes,
  isTemporal,
  timeFromInt,
  timeOfDay,
} from '../logical-types.ts'
import type { Schema } from '../schema.ts'
import { Struct } from '../struct.ts'
import { isPlainObject } from '../validate.ts'
import { Float32, Float64, Instant, Int16, Int32, Int8 } from '../wrappers.ts'
import { boxed } from './boxed.ts'
import { parseDecimal } from './numbers.ts'
import { parseString } from './parse.ts'
import { convertToString } from './text.ts'

/**
 * Connect's `Values.convertTo...`: a value, and the schema that says what it is (null: it speaks for itself), as another
 * type. Numbers are cut to size, texts are read. Throw DataError.
 */
export function convertToBoolean(schema: Schema | null, value: unknown): boolean | null {
  if (isNull(value)) return null
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') {
    const parsed = parseString(value)
    if (typeof parsed.value === 'boolean') return parsed.value
  }
  return Number(longOf(schema, value)) !== 0
}

export const convertToByte = integer(8)
export const convertToShort = integer(16)
export const convertToInteger = integer(32)

export function convertToLong(schema: Schema | null, value: unknown): number | bigint | null {
  return isNull(value) ? null : longOf(schema, value)
}

export function convertToFloat(schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : Math.fround(doubleOf(schema, value))
}

export function convertToDouble(schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : doubleOf(schema, value)
}

/** The elements speak for themselves. */
export function convertToList(schema: Schema | null, value: unknown): readonly unknown[] {
  const found = parsedBox(schema, value)
  if (Array.isArray(found)) return found
  throw unableToConvert(schema, value, 'Schema{ARRAY}')
}

/** Keys and values speak for themselves. */
export function convertToMap(schema: Schema | null, value: unknown): object {
  const found = parsedBox(schema, value)
  if (found instanceof Map || isPlainObject(found)) return found
  throw unableToConvert(schema, value, 'Schema{MAP}')
}

export function convertToStruct(schema: Schema | null, value: unknown): Struct {
  if (value instanceof Struct) return value
  throw isNull(value) ? nullForRequired() : unableToConvert(schema, value, 'Schema{STRUCT}')
}

/** Epoch milliseconds at midnight UTC. */
export function convertToDate(schema: Schema | null, value: unknown): number {
  const found = temporalOf(schema, value)
  if (found.ms !== undefined) {
    if (found.schema === null || found.name === dateName) return Number(found.ms)
    if (found.name === timestampName) return Math.trunc(Number(found.ms) / dayMs) * dayMs + 0
  }
  return Number(BigInt.asIntN(32, BigInt(longOf(found.schema, found.value)))) * dayMs
}

/** Milliseconds since midnight. */
export function convertToTime(schema: Schema | null, value: unknown): number {
  const found = temporalOf(schema, value)
  if (found.ms !== undefined) {
    if (found.schema === null || found.name === timeName) return Number(found.ms)
    if (found.name === timestampName) return ((Number(found.ms) % dayMs) + dayMs) % dayMs
  }
  return timeFromInt(Number(BigInt.asIntN(32, BigInt(longOf(found.schema, found.value)))))
}

/** Epoch milliseconds. */
export function convertToTimestamp(schema: Schema | null, value: unknown): number | bigint {
  const found = temporalOf(schema, value)
  if (found.ms !== undefined) {
    if (found.name === dateName) return daysOf(Number(found.ms)) * dayMs
    if (found.name === timeName) return timeOfDay(Number(found.ms))
    if (found.schema === null || found.name === timestampName) return found.ms
  }
  return longOf(found.schema, found.value)
}

/** `scale` counts where the value is bytes; other values keep their own. */
export function convertToDecimal(schema: Schema | null, value: unknown, scale: number): Decimal {
  return decimalOf(decimalBuilder(scale).build(), schema, value)
}

/** A value as a schema wants it; null is fine for an optional one. */
export function convertTo(to: Schema, from: Schema | null, value: unknown): unknown {
  if (isNull(value)) {
    if (to.optional) return null
    throw nullForRequired()
  }
  switch (to.type) {
    case 'BYTES':
      if (to.name === decimalName) return decimalOf(to, from, value)
      if (value instanceof Uint8Array) return value
      throw unableToConvert(from, value, String(to))
    case 'STRING':
      return convertToString(from, value)
    case 'BOOLEAN':
      return convertToBoolean(from, value)
    case 'INT8':
      return convertToByte(from, value)
    case 'INT16':
      return convertToShort(from, value)
    case 'INT32':
      if (to.name === dateName) return convertToDate(from, value)
      return to.name === timeName ? convertToTime(from, value) : convertToInteger(from, value)
    case 'INT64':
      return to.name === timestampName ? convertToTimestamp(from, value) : convertToLong(from, value)
    case 'FLOAT32':
      return convertToFloat(from, value)
    case 'FLOAT64':
      return convertToDouble(from, value)
    case 'ARRAY':
      return convertToList(from, value)
    case 'MAP':
      return convertToMap(from, value)
    case 'STRUCT':
      return convertToStruct(from, value)
  }
}

const dayMs = 86_400_000

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function nullForRequired(): DataError {
  return new DataError('Unable to convert a null value to a schema that requires a value')
}

function unableToConvert(schema: Schema | null, value: unknown, to: string): DataError {
  const found = `${javaText(value, schema)} (class ${javaClassOf(value, schema)})`
  return new DataError(`Unable to convert ${found} to ${to}`)
}

function integer(bits: 8 | 16 | 32): (schema: Schema | null, value: unknown) => number | null {
  return (schema, value) => {
    if (isNull(value)) return null
    return Number(BigInt.asIntN(bits, BigInt(longOf(schema, value))))
  }
}

/** `Number.longValue()`, the number that a text says, or what a date counts. */
function longOf(schema: Schema | null, value: unknown): number | bigint {
  if (typeof value === 'string') {
    const decimal = parseDecimal(value)
    if (decimal !== undefined) return decimalToLong(decimal)
  }
  if (value instanceof Decimal) return decimalToLong(value)
  const ms = dateOf(schema, value)
  if (ms !== undefined) {
    if (schema?.name === dateName) return daysOf(Number(ms))
    if (schema?.name === timeName) return timeOfDay(Number(ms))
    if (schema?.name === timestampName) return ms
  } else {
    const number = numberOf(value)
    if (typeof number === 'bigint') return number
    if (number !== undefined) return doubleToLong(number)
  }
  throw unableToConvert(schema, value, schema === null ? 'a number' : String(schema))
}

function doubleOf(schema: Schema | null, value: unknown): number {
  if (typeof value === 'string') {
    const decimal = parseDecimal(value)
    if (decimal !== undefined) return Number(decimal.toString())
  }
  if (value instanceof Decimal) return Number(value.toString())
  const number = dateOf(schema, value) === undefined ? numberOf(value) : undefined
  return Number(number ?? longOf(schema, value))
}

function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return wrappers.some((wrapper) => value instanceof wrapper) ? (value as Float64).value : undefined
}

const wrappers = [Int8, Int16, Int32, Float32, Float64]

/** Epoch milliseconds if the value is what Java calls a Date. */
function dateOf(schema: Schema | null, value: unknown): number | bigint | undefined {
  if (value instanceof Instant) return value.value
  const isDate =
    schema !== null && isTemporal(schema) && (typeof value === 'number' || typeof value === 'bigint')
  return isDate ? value : undefined
}

/** `(long) double`: cut, and held within the bounds. */
function doubleToLong(value: number): number | bigint {
  if (Number.isNaN(value)) return 0
  const whole = Math.trunc(value) + 0
  if (Number.isSafeInteger(whole)) return whole
  if (whole >= 2 ** 63) return 2n ** 63n - 1n
  return whole < -(2 ** 63) ? -(2n ** 63n) : BigInt(whole)
}

/** `BigDecimal.longValue()`: cut, and the last 64 bits. */
function decimalToLong({ unscaled, scale }: Decimal): number | bigint {
  const whole =
    scale >= 0
      ? scale > unscaled.toString().length
        ? 0n
        : unscaled / 10n ** BigInt(scale)
      : scale <= -64
        ? 0n
        : unscaled * 10n ** BigInt(-scale)
  const long = BigInt.asIntN(64, whole)
  return Number.isSafeInteger(Number(long)) ? Number(long) : long
}

/** What a text means, else the value; with epoch milliseconds if that is a date. */
function temporalOf(schema: Schema | null, value: unknown) {
  if (isNull(value)) throw nullForRequired()
  // Java forgets the schema of what it parsed.
  const found = typeof value === 'string' ? parsedBox(null, value) : value
  return { schema, value: found, name: schema?.name ?? null, ms: dateOf(schema, found) }
}

function parsedBox(schema: Schema | null, value: unknown): unknown {
  if (isNull(value)) throw nullForRequired()
  if (typeof value !== 'string') return boxed(schema, value)
  const parsed = parseString(value)
  return boxed(parsed.schema, parsed.value)
}

function decimalOf(to: Schema, from: Schema | null, value: unknown): Decimal {
  if (isNull(value)) throw nullForRequired()
  if (value instanceof Uint8Array) return decimalFromBytes(to, value)
  if (value instanceof Decimal) return value
  if (typeof value === 'string') return parseDecimal(value) ?? fail(from, value, to)
  const number = dateOf(from, value) === undefined ? numberOf(value) : undefined
  if (number === undefined) return fail(from, value, to)
  // BigDecimal.valueOf(double), whatever kind of number it was.
  const text = doubleText(Number(number))
  return parseDecimal(text) ?? fail(from, value, to)
}

function fail(schema: Schema | null, value: unknown, to: Schema): never {
  throw unableToConvert(schema, value, String(to))
}
