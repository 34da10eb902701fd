import { Struct, type SchemaAndValue } from '../../index.ts'
import { member } from '../maps.ts'
import { requireMap } from '../requirements.ts'

/**
 * The value of a field of a key or value; the whole where `name` is empty. Undefined where there is no such field, null
 * where there is nothing at all. Throws DataError naming the purpose for what has no fields.
 */
export function fieldOf({ value }: SchemaAndValue, name: string, purpose: string): unknown {
  if (name === '') return value
  if (value === null || value === undefined) return null
  if (value instanceof Struct) {
    const field = value.schema.field(name)
    return field === undefined ? undefined : value.get(field)
  }
  const map = requireMap(value, purpose)
  return Object.hasOwn(map, name) ? member(map, name) : undefined
}
