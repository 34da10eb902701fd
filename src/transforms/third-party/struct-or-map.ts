import {
  DataError,
  isPlainObject,
  javaClassOf,
  Schema,
  SchemaBuilder,
  Struct,
  Values,
  type ConnectRecord,
  type PartTransform,
  type SchemaAndValue,
} from '../../index.ts'
import { setMember, type Members } from '../maps.ts'
import { requireMap, requireStruct } from '../requirements.ts'
import { withFields, type NamedSchema } from '../struct-fields.ts'

export interface Cases {
  /** What is being done, for messages. */
  readonly purpose: string
  struct(struct: Struct, record: ConnectRecord): SchemaAndValue
  /** The new map; without it maps are refused. What it is given speaks for itself. */
  map?(members: Members, record: ConnectRecord): object
  /** The schema of structs afterwards, for the null that has one. */
  schema?(schema: Schema): Schema
}

/**
 * A transform of keys or values that have fields. A null stays null; a map that has a schema loses it, as its members
 * need no longer be of one type. Throws DataError for what has no fields.
 */
export function structOrMap({ purpose, struct, map, schema: derive }: Cases): PartTransform {
  return (part, record) => {
    const { schema, value } = part
    if (value === null || value === undefined) {
      return derive !== undefined && schema?.type === 'STRUCT'
        ? { schema: derive(schema), value: null }
        : part
    }
    if (value instanceof Struct) return struct(value, record)
    if (map === undefined) return struct(requireStruct(part, purpose), record)
    if (isMap(value)) return { schema: null, value: map(membersOf(part, purpose), record) }
    throw new DataError(
      `Only Struct and Map objects supported for [${purpose}], found: ${javaClassOf(value, schema)}`,
    )
  }
}

export function isMap(value: unknown): value is object {
  return value instanceof Map || isPlainObject(value)
}

/** The members of a map, such that they speak for themselves. Throws DataError where a key is no text. */
export function membersOf({ schema, value }: SchemaAndValue, purpose: string): Members {
  const map = schema === null ? value : Values.convertToMap(schema, value)
  if (!(map instanceof Map) || [...map.keys()].some((key) => typeof key !== 'string')) {
    return requireMap(map, purpose)
  }
  const members = {}
  for (const [name, item] of map as Map<string, unknown>) setMember(members, name, item)
  return members
}

/** How values of the schema stand where there is none. */
export function unbound(schema: Schema): (value: unknown) => unknown {
  const array = SchemaBuilder.array(schema).build()
  return (value) => (value === null ? null : Values.convertToList(array, [value])[0])
}

/** A struct schema of other fields that keeps all else but the default. */
export function derived(schema: Schema, fields: readonly NamedSchema[]): Schema {
  return new Schema({ ...withFields(schema, fields).parts(), optional: schema.optional })
}

/** A struct schema of other fields that keeps its name and whether it is optional, and nothing else. */
export function derivedByName(schema: Schema, fields: readonly NamedSchema[]): Schema {
  const bare = new Schema({ type: 'STRUCT', name: schema.name, optional: schema.optional })
  return derived(bare, fields)
}
