import { Decimal } from './decimal.ts'
import type { Schema } from './schema.ts'
import { Struct } from './struct.ts'

/** Whether two schemas agree in everything, documentation and defaults included (ConnectSchema.equals). */
export function equalSchemas(a: Schema | null, b: Schema | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  if (a.type !== b.type || a.optional !== b.optional || a.name !== b.name) return false
  if (a.version !== b.version || a.doc !== b.doc) return false
  if (!equalValues(a.default, b.default) || !equalValues(a.parameters, b.parameters)) return false
  switch (a.type) {
    case 'STRUCT':
      return (
        a.fields.length === b.fields.length &&
        a.fields.every((field, i) => {
          const other = b.fields[i]
          return other !== undefined && field.name === other.name && equalSchemas(field.schema, other.schema)
        })
      )
    case 'MAP':
      return equalSchemas(a.keySchema, b.keySchema) && equalSchemas(a.valueSchema, b.valueSchema)
    case 'ARRAY':
      return equalSchemas(a.valueSchema, b.valueSchema)
    default:
      return true
  }
}

/** Deep equality of Connect values; numbers as Java's boxed doubles compare (NaN equals itself). */
export function equalValues(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (a instanceof Struct) return b instanceof Struct && a.equals(b)
  if (a instanceof Decimal) return b instanceof Decimal && a.equals(b)
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b)
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equalValues(item, b[i]))
  }
  if (a instanceof Map || b instanceof Map) {
    const [left, right] = [asMap(a), asMap(b)]
    return left?.size === right?.size && [...left!].every(([key, value]) => hasEntry(right!, key, value))
  }
  if ('javaClass' in a || 'javaClass' in b) {
    return a.constructor === b.constructor && Object.is(a.valueOf(), b.valueOf())
  }
  const left = Object.entries(a)
  return (
    left.length === Object.keys(b).length &&
    left.every(
      ([key, value]) => Object.hasOwn(b, key) && equalValues(value, (b as Record<string, unknown>)[key]),
    )
  )
}

/** A Connect map in either form as a Map; undefined for what is none. */
function asMap(value: object): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value as Map<unknown, unknown>
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype ? new Map(Object.entries(value)) : undefined
}

/** Keys that are objects are compared by content, too. */
function hasEntry(map: ReadonlyMap<unknown, unknown>, key: unknown, value: unknown): boolean {
  if (map.has(key)) return equalValues(value, map.get(key))
  if (key === null || typeof key !== 'object') return false
  return [...map].some(([other, item]) => equalValues(key, other) && equalValues(value, item))
}
