import { DataError, isPlainObject, javaClassOf, Struct, type SchemaAndValue } from '../index.ts'

/** The value of schemaless data as a map with string keys. Throws DataError naming the purpose. */
export function requireMap(value: unknown, purpose: string): Readonly<Record<string, unknown>> {
  if (isPlainObject(value)) return value
  throw new DataError(
    `Only Map objects supported in absence of schema for [${purpose}], found: ${classOrNull({ schema: null, value })}`,
  )
}

/** The value of data with a schema as a struct. Throws DataError naming the purpose. */
export function requireStruct({ schema, value }: SchemaAndValue, purpose: string): Struct {
  if (value instanceof Struct) return value
  throw new DataError(
    `Only Struct objects supported for [${purpose}], found: ${classOrNull({ schema, value })}`,
  )
}

function classOrNull({ schema, value }: SchemaAndValue): string {
  return value === null || value === undefined ? 'null' : javaClassOf(value, schema)
}
