import {
  DataError,
  daysOf,
  dateName,
  Decimal,
  decimalName,
  Float32,
  Float64,
  Int16,
  Int32,
  Int8,
  isIntegral,
  isPlainObject,
  isTemporal,
  javaClassOf,
  javaText,
  nearestFloat,
  Struct,
  timeName,
  timeOfDay,
  Values,
  type Schema,
  type SchemaType,
} from '../index.ts'
import { parseJavaDouble, parseJavaFloat, parseJavaInteger } from './java-parse.ts'

export const castTargets = [
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FLOAT32',
  'FLOAT64',
  'BOOLEAN',
  'STRING',
] as const satisfies readonly SchemaType[]

export type CastTarget = (typeof castTargets)[number]

/** Casts a value that is not null. Throws DataError. */
export type Cast = (value: unknown) => unknown

const inputTypes: readonly string[] = [...castTargets, 'BYTES']

/** How values of a schema are cast. What no value of it can be cast to fails with the first value. */
export function castFrom(schema: Schema, target: CastTarget): Cast {
  if (!inputTypes.includes(schema.type)) {
    return () => {
      throw unsupportedInput(schema.type)
    }
  }
  if (target === 'STRING') return (value) => Values.convertToString(schema, value)
  const convert = converters[target]
  const isFloat = schema.type === 'FLOAT32' || schema.type === 'FLOAT64'
  const refuse = (value: unknown) => unexpected(value, schema)
  if (!isTemporal(schema)) return (value) => convert(value, isFloat, refuse)
  return (value) => convert(encoded(schema, value as number | bigint), false, refuse)
}

/** Casts a value that speaks for itself, to one that does. */
export function castSchemaless(value: unknown, target: CastTarget): unknown {
  const type = typeOf(value)
  if (!inputTypes.includes(type)) throw unsupportedInput(type)
  if (target === 'STRING') return Values.convertToString(null, value)
  const isFloat = type === 'FLOAT32' || type === 'FLOAT64'
  const plain = wrappers.some((wrapper) => value instanceof wrapper) ? Number(value) : value
  const cast = converters[target](plain, isFloat, (found) => unexpected(found, null))
  switch (target) {
    case 'INT8':
      return new Int8(cast as number)
    case 'INT16':
      return new Int16(cast as number)
    case 'INT32':
      return new Int32(cast as number)
    case 'FLOAT32':
      return new Float32(cast as number)
    case 'FLOAT64':
      return isIntegral(cast as number) ? new Float64(cast as number) : cast
    default:
      return cast
  }
}

const wrappers = [Int8, Int16, Int32, Float32, Float64]

function typeOf(value: unknown): SchemaType {
  switch (javaClassOf(value)) {
    case 'java.lang.Byte':
      return 'INT8'
    case 'java.lang.Short':
      return 'INT16'
    case 'java.lang.Integer':
      return 'INT32'
    case 'java.lang.Long':
      return 'INT64'
    case 'java.lang.Float':
      return 'FLOAT32'
    case 'java.lang.Double':
      return 'FLOAT64'
    case 'java.lang.Boolean':
      return 'BOOLEAN'
    case 'java.lang.String':
      return 'STRING'
    default:
  }
  if (value instanceof Uint8Array) return 'BYTES'
  if (Array.isArray(value)) return 'ARRAY'
  if (value instanceof Map || isPlainObject(value)) return 'MAP'
  if (value instanceof Struct) return 'STRUCT'
  throw new DataError(
    `Cast transformation was passed a value of type class ${javaClassOf(value)} which is not supported by Connect's data API`,
  )
}

function unsupportedInput(type: string): DataError {
  return new DataError(
    `Cast transformation does not support casting from ${type}; supported types are [${inputTypes.join(', ')}]`,
  )
}

function unexpected(value: unknown, schema: Schema | null): DataError {
  const isDecimal = schema?.name === decimalName
  const javaClass = isDecimal ? 'java.math.BigDecimal' : javaClassOf(value, schema)
  return new DataError(`Unexpected type in Cast transformation: class ${javaClass}`)
}

/** What stands for a date, time or timestamp where only primitive types are known. */
function encoded(schema: Schema, epochMs: number | bigint): number | bigint {
  if (schema.name === dateName) return daysOf(Number(epochMs))
  return schema.name === timeName ? timeOfDay(Number(epochMs)) : epochMs
}

type Convert = (value: unknown, isFloat: boolean, refuse: (value: unknown) => DataError) => unknown

const converters: Readonly<Record<Exclude<CastTarget, 'STRING'>, Convert>> = {
  INT8: integer(8),
  INT16: integer(16),
  INT32: integer(32),
  INT64: integer(64),
  FLOAT32: floating(toFloat, parseJavaFloat),
  FLOAT64: floating(toDouble, parseJavaDouble),
  BOOLEAN(value, isFloat, refuse) {
    if (typeof value === 'boolean') return value
    if (typeof value === 'string') return value.toLowerCase() === 'true'
    if (isNumeric(value)) return Number(toLong(value, isFloat)) !== 0
    throw refuse(value)
  },
}

type Numeric = number | bigint | Decimal

function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal
}

function integer(bits: 8 | 16 | 32 | 64): Convert {
  const shift = 32 - bits
  return (value, isFloat, refuse) => {
    if (isNumeric(value)) {
      if (bits === 64) return toLong(value, isFloat)
      const int = toInt(value, isFloat)
      return (int << shift) >> shift
    }
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value === 'string') return parseJavaInteger(value, bits) ?? outOfRange(value)
    throw refuse(value)
  }
}

function floating(convert: (value: Numeric) => number, parse: (text: string) => number | undefined): Convert {
  return (value, _isFloat, refuse) => {
    if (isNumeric(value)) return convert(value)
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value === 'string') return parse(value) ?? outOfRange(value)
    throw refuse(value)
  }
}

function outOfRange(value: string): never {
  throw new DataError(`Value (${javaText(value)}) was out of range for requested data type`)
}

/** Floats end at the bounds, everything else keeps its last bits. */
function toInt(value: Numeric, isFloat: boolean): number {
  if (typeof value === 'bigint') return Number(BigInt.asIntN(32, value))
  if (value instanceof Decimal) return toInt(toLong(value, false), false)
  if (!isFloat) return value | 0
  return Math.max(-0x80000000, Math.min(0x7fffffff, value)) | 0
}

function toLong(value: Numeric, isFloat: boolean): number | bigint {
  return isFloat || value instanceof Decimal ? Values.convertToLong(null, value)! : value
}

function toFloat(value: Numeric): number {
  return typeof value === 'number'
    ? Math.fround(value)
    : nearestFloat(Number(value.toString()), () => value.toString())
}

function toDouble(value: Numeric): number {
  return typeof value === 'number' ? value : Number(value.toString())
}
