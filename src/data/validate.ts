import { DataError } from '../errors.ts'
import { Decimal } from './decimal.ts'
import { equalSchemas } from './equality.ts'
import { javaClassOf } from './java-class.ts'
import { dateName, decimalName, timeName, timestampName } from './logical-names.ts'
import type { Schema } from './schema.ts'
import { Struct } from './struct.ts'

/** Throws DataError unless `value` fits `schema` (ConnectSchema.validateValue). Defaults do not count. */
export function validateValue(schema: Schema | null, value: unknown, place = 'value'): void {
  if (schema === null) throw new DataError(`No schema defined for ${place}`)
  if (value === null || value === undefined) {
    if (schema.optional) return
    throw new DataError(`Invalid value: null used for required ${place}, schema type: ${schema.type}`)
  }
  if (!fits(schema, value)) {
    const which =
      schema.name === null
        ? `schema with type ${schema.type}`
        : `schema "${schema.name}" with type ${schema.type}`
    throw new DataError(`Invalid Java object for ${which}: class ${javaClassOf(value)} for ${place}`)
  }
  switch (schema.type) {
    case 'STRUCT': {
      const struct = value as Struct
      if (!equalSchemas(struct.schema, schema)) throw new DataError('Struct schemas do not match.')
      struct.validate()
      return
    }
    case 'ARRAY':
      for (const item of value as readonly unknown[])
        validateValue(schema.valueSchema, item, `element of array ${place}`)
      return
    case 'MAP':
      for (const [key, item] of entriesOf(value as object)) {
        validateValue(schema.keySchema, key, `key of map ${place}`)
        validateValue(schema.valueSchema, item, `value of map ${place}`)
      }
      return
    default:
  }
}

/** The entries of a Connect map in either form. */
export function entriesOf(map: object): Iterable<[unknown, unknown]> {
  return map instanceof Map ? (map as Map<unknown, unknown>) : Object.entries(map)
}

/** Whether the value is of the class that the schema asks for; what a container holds is not looked at. */
export function fits(schema: Schema, value: unknown): boolean {
  switch (schema.name) {
    case decimalName:
      return value instanceof Decimal
    case dateName:
    case timeName:
    case timestampName:
      return typeof value === 'bigint' || Number.isInteger(value)
    default:
  }
  switch (schema.type) {
    case 'INT8':
      return isIntegerWithin(value, 0x80)
    case 'INT16':
      return isIntegerWithin(value, 0x8000)
    case 'INT32':
      return isIntegerWithin(value, 0x80000000)
    case 'INT64':
      return typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value)
    case 'FLOAT32':
    case 'FLOAT64':
      return typeof value === 'number'
    case 'BOOLEAN':
      return typeof value === 'boolean'
    case 'STRING':
      return typeof value === 'string'
    case 'BYTES':
      return value instanceof Uint8Array
    case 'ARRAY':
      return Array.isArray(value)
    case 'MAP':
      return value instanceof Map || isPlainObject(value)
    case 'STRUCT':
      return value instanceof Struct
  }
}

function isIntegerWithin(value: unknown, bound: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= -bound && value < bound
}

/** A map with string keys: neither array, bytes, Map nor any class of ours. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
