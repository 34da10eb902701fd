import {
  dateName,
  Decimal,
  entriesOf,
  Float32,
  Float64,
  Instant,
  Int16,
  Int32,
  Int8,
  isPlainObject,
  Struct,
  timestampName,
  type Headers,
  type Schema,
  type SchemaAndValue,
} from '../index.ts'

/** A key or value as expressions have it, with no more than the fields that are asked for. */
export function plainPart({ schema, value }: SchemaAndValue, fields: ReadonlySet<string> | 'all'): unknown {
  if (fields === 'all') return plainValue(value, schema)
  const found = new Map<string, unknown>()
  if (value instanceof Struct) {
    for (const name of fields) {
      const field = value.schema.field(name)
      if (field !== undefined) found.set(name, plainValue(value.get(field), field.schema))
    }
    return found
  }
  if (!isPlainObject(value)) return plainValue(value, schema)
  const memberSchema = schema?.type === 'MAP' ? schema.valueSchema : null
  for (const name of fields) {
    if (Object.hasOwn(value, name)) found.set(name, plainValue(value[name], memberSchema))
  }
  return found
}

/** The last header of each name. */
export function plainHeaders(headers: Headers): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const { key, schema, value } of headers) found.set(key, plainValue(value, schema))
  return found
}

/** Integers are bigint, doubles number, maps and structs Map, points in time Date. */
export function plainValue(value: unknown, schema: Schema | null = null): unknown {
  switch (typeof value) {
    case 'number':
      return plainNumber(value, schema)
    case 'object':
      return value === null ? null : plainObject(value, schema)
    case 'undefined':
      return null
    default:
      return value
  }
}

function plainNumber(value: number, schema: Schema | null): unknown {
  if (schema?.name === timestampName || schema?.name === dateName) return new Date(value)
  const isDouble =
    schema === null
      ? !Number.isInteger(value) || Object.is(value, -0)
      : schema.type === 'FLOAT64' || schema.type === 'FLOAT32'
  return isDouble ? value : BigInt(value)
}

function plainObject(value: object, schema: Schema | null): unknown {
  if (value instanceof Struct) {
    return new Map(
      value.schema.fields.map((field) => [field.name, plainValue(value.get(field), field.schema)]),
    )
  }
  if (Array.isArray(value)) {
    const itemSchema = schema?.type === 'ARRAY' ? schema.valueSchema : null
    return value.map((item) => plainValue(item, itemSchema))
  }
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof Decimal) return plainDecimal(value)
  if (value instanceof Instant) return new Date(value.value)
  if (value instanceof Float64 || value instanceof Float32) return value.value
  if (value instanceof Int8 || value instanceof Int16 || value instanceof Int32) return BigInt(value.value)
  const [keySchema, memberSchema] =
    schema?.type === 'MAP' ? [schema.keySchema, schema.valueSchema] : [null, null]
  const found = new Map<unknown, unknown>()
  for (const [key, member] of entriesOf(value))
    found.set(plainValue(key, keySchema), plainValue(member, memberSchema))
  return found
}

/** A whole decimal is an int, if it is in the range of one; every other the nearest double. */
function plainDecimal(decimal: Decimal): unknown {
  const { unscaled, scale } = decimal
  if (scale >= 0 && scale < 1000) {
    const unit = 10n ** BigInt(scale)
    const whole = unscaled / unit
    if (whole * unit === unscaled && BigInt.asIntN(64, whole) === whole) return whole
  }
  return Number(decimal.toString())
}
