import { Decimal } from '../decimal.ts'
import { equalSchemas } from '../equality.ts'
import { isIntegral } from '../java-numbers.ts'
import { decimalBuilder, timestampSchema } from '../logical-types.ts'
import { Schema } from '../schema.ts'
import { SchemaBuilder } from '../schema-builder.ts'
import { Struct } from '../struct.ts'
import { entriesOf, isPlainObject } from '../validate.ts'
import { Float32, Float64, Instant, Int16, Int32, Int8 } from '../wrappers.ts'

/**
 * The schema of a value that speaks for itself: Connect's `Values.inferSchema`. Null for what has none: null, empty
 * containers and those whose elements differ.
 */
export function inferSchema(value: unknown): Schema | null {
  switch (typeof value) {
    case 'string':
      return Schema.STRING
    case 'boolean':
      return Schema.BOOLEAN
    case 'bigint':
      return Schema.INT64
    case 'number':
      return isIntegral(value) ? Schema.INT64 : Schema.FLOAT64
    case 'object':
      return value === null ? null : inferFromClass(value)
    default:
      return null
  }
}

function inferFromClass(value: object): Schema | null {
  const wrapped = wrappers.find(([wrapper]) => value instanceof wrapper)
  if (wrapped !== undefined) return wrapped[1]
  if (value instanceof Decimal) return decimalBuilder(value.scale).build()
  if (value instanceof Uint8Array) return Schema.BYTES
  if (value instanceof Struct) return value.schema
  if (Array.isArray(value)) {
    const items = commonSchema(value)
    return items === null ? null : SchemaBuilder.array(items).build()
  }
  if (!(value instanceof Map) && !isPlainObject(value)) return null
  const entries = [...entriesOf(value)]
  const keys = commonSchema(entries.map(([key]) => key))
  const values = commonSchema(entries.map(([, item]) => item))
  return keys === null || values === null ? null : SchemaBuilder.map(keys, values).build()
}

const wrappers = [
  [Int8, Schema.INT8],
  [Int16, Schema.INT16],
  [Int32, Schema.INT32],
  [Float32, Schema.FLOAT32],
  [Float64, Schema.FLOAT64],
  [Instant, timestampSchema],
] as const

/** Optional if there is a null among the values. */
function commonSchema(values: readonly unknown[]): Schema | null {
  const present = values.filter((value) => value !== null && value !== undefined)
  const schemas = present.map(inferSchema)
  const first = schemas[0] ?? null
  if (first === null || schemas.some((schema) => !equalSchemas(first, schema))) return null
  return present.length === values.length ? first : new Schema({ ...first.parts(), optional: true })
}
