import { isTemporal } from '../logical-types.ts'
import type { Schema } from '../schema.ts'
import { entriesOf } from '../validate.ts'
import { Float32, Float64, Instant, Int16, Int32, Int8 } from '../wrappers.ts'

/** The same value such that it speaks for itself without its schema. */
export function boxed(schema: Schema | null, value: unknown): unknown {
  if (schema === null || value === null || value === undefined) return value ?? null
  if (typeof value === 'number') return boxedNumber(schema, value)
  if (schema.type === 'ARRAY' && Array.isArray(value))
    return value.map((item) => boxed(schema.valueSchema, item))
  if (schema.type === 'MAP' && typeof value === 'object') {
    const { keySchema, valueSchema } = schema
    return mapOf(
      Array.from(entriesOf(value), ([key, item]) => [boxed(keySchema, key), boxed(valueSchema, item)]),
    )
  }
  return value
}

function boxedNumber(schema: Schema, value: number): unknown {
  if (isTemporal(schema)) return new Instant(value)
  switch (schema.type) {
    case 'INT8':
      return new Int8(value)
    case 'INT16':
      return new Int16(value)
    case 'INT32':
      return new Int32(value)
    case 'FLOAT32':
      return new Float32(value)
    case 'FLOAT64':
      return new Float64(value)
    default:
      return value
  }
}

/** A map in the form that Connect values have here, with its entries in their order. */
export function mapOf(entries: readonly (readonly [unknown, unknown])[]): object {
  // An object would bring names that look like numbers to the front.
  const isObject = entries.every(([key]) => typeof key === 'string' && !/^\d+$/.test(key))
  if (!isObject) return new Map(entries)
  const map = Object.create(null) as Record<string, unknown>
  for (const [key, value] of entries) map[key as string] = value
  return map
}
