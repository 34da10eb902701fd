import { DataError, equalSchemas, Schema, SchemaBuilder, Struct } from '../../index.ts'
import type { Bson, BsonMembers } from './bson.ts'

export interface BsonOptions {
  /** Whether an array becomes a struct with fields _0, _1 and so on, so that its elements may differ. */
  readonly arraysAsDocuments: boolean
  /** Whether an empty array becomes a null. */
  readonly emptyArraysAsNull: boolean
  readonly fieldName: (name: string) => string
}

/** The fields that the members of a document become. Throws DataError for an array whose elements differ. */
export function fieldsOf(
  members: BsonMembers,
  name: string | null,
  options: BsonOptions,
): [string, Schema][] {
  const fields = new Map<string, Schema>()
  for (const [member, node] of members) {
    const field = options.fieldName(member)
    const schema = fields.has(field) ? null : common([node], `${name}.${field}`, options)
    if (schema !== null) fields.set(field, schema)
  }
  return [...fields]
}

/** The value that a member becomes in a field of this schema. */
export function valueOf(node: Bson, schema: Schema, options: BsonOptions): unknown {
  switch (node.kind) {
    case 'value':
      return node.value
    case 'array':
      if (node.items.length === 0 && options.emptyArraysAsNull) return null
      if (options.arraysAsDocuments) return structOf(indexed(node.items), schema, options)
      return node.items.map((item) => valueOf(item, schema.valueSchema!, options))
    case 'document':
      return structOf(node.members, schema, options)
    default:
      return null
  }
}

export function structOf(members: BsonMembers, schema: Schema, options: BsonOptions): Struct {
  const struct = new Struct(schema)
  const filled = new Set<string>()
  for (const [member, node] of members) {
    const name = options.fieldName(member)
    const field = schema.field(name)
    if (field === undefined || filled.has(name)) continue
    filled.add(name)
    struct.put(field, valueOf(node, field.schema, options))
  }
  return struct
}

/** The schema that all these values have. Null where there is none: they are all undefined. */
function common(
  nodes: readonly Bson[],
  name: string | null,
  options: BsonOptions,
  where = name,
): Schema | null {
  const defined = nodes.filter(({ kind }) => kind !== 'null' && kind !== 'undefined')
  const [first] = defined
  if (first === undefined) return nodes.some(({ kind }) => kind === 'null') ? Schema.OPTIONAL_STRING : null
  for (const node of defined) if (!isAlike(node, first)) throw mixed(where)
  switch (first.kind) {
    case 'value':
      return first.schema
    case 'array':
      return arraySchema(defined as ArrayNode[], name, options)
    default:
      return documentSchema(defined as DocumentNode[], name, options)
  }
}

type ArrayNode = Extract<Bson, { readonly kind: 'array' }>
type DocumentNode = Extract<Bson, { readonly kind: 'document' }>

function isAlike(a: Bson, b: Bson): boolean {
  if (a.kind === 'value' && b.kind === 'value') return equalSchemas(a.schema, b.schema)
  return a.kind === b.kind
}

function mixed(name: string | null): DataError {
  return new DataError(
    `Array elements with different Bson types are not supported: ${name}. With array.encoding=document they are.`,
  )
}

function documentSchema(nodes: readonly DocumentNode[], name: string | null, options: BsonOptions): Schema {
  const byField = new Map<string, Bson[]>()
  for (const { members } of nodes) {
    for (const [member, node] of members) {
      const field = options.fieldName(member)
      byField.set(field, [...(byField.get(field) ?? []), node])
    }
  }
  const builder = SchemaBuilder.struct().optional()
  if (byField.size > 0) builder.name(name)
  for (const [field, found] of byField) {
    const schema = common(found, `${name}.${field}`, options)
    if (schema !== null) builder.field(field, schema)
  }
  return builder.build()
}

function arraySchema(nodes: readonly ArrayNode[], name: string | null, options: BsonOptions): Schema {
  const items = nodes.flatMap(({ items }) => items)
  if (options.arraysAsDocuments) {
    const builder = SchemaBuilder.struct().name(name).optional()
    for (const [field, schema] of fieldsOf(indexed(items), name, options)) builder.field(field, schema)
    return builder.build()
  }
  // Debezium gives no name to what is in arrays of arrays.
  const isNested = items.some(({ kind }) => kind === 'array')
  const element = common(items, isNested ? null : name, options, name) ?? Schema.OPTIONAL_STRING
  return SchemaBuilder.array(element).optional().build()
}

function indexed(items: readonly Bson[]): BsonMembers {
  return new Map(items.map((item, at) => [`_${at}`, item]))
}
