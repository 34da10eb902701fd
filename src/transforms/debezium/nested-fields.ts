import { DataError, equalSchemas, SchemaBuilder, Struct, type Schema } from '../../index.ts'
import { planCache } from '../plan-cache.ts'
import { checked, withFields, type NamedSchema } from '../struct-fields.ts'
import { named } from './renamed-schema.ts'

export interface NestedField {
  readonly path: readonly string[]
  readonly schema: Schema | null
  readonly value: unknown
}

/** How many schemas are remembered that grew out of one. */
const maxVariants = 16

/** Adds fields at any depth to structs. Structs on the way that their parents have no field for are made, optional ones. */
export class NestedFields {
  readonly #variants = planCache((): Variant[] => [])

  /** Throws DataError where the way leads through what is no struct, SchemaBuilderError for a field without schema. */
  addTo(struct: Struct, fields: readonly NestedField[]): Struct {
    const tree = treeOf(fields)
    return filled(struct, this.#schemaFor(struct.schema, fields, tree), tree)
  }

  #schemaFor(from: Schema, fields: readonly NestedField[], tree: Tree): Schema {
    const variants = this.#variants(from)
    const known = variants.find((variant) => isSame(variant.fields, fields))
    if (known !== undefined) return known.schema
    const schema = withFields(from, grown(from, tree, ''))
    if (variants.length >= maxVariants) variants.shift()
    variants.push({ fields: fields.map(({ path, schema }) => ({ path, schema, value: null })), schema })
    return schema
  }
}

/** What a schema becomes with these fields; their values do not matter. */
interface Variant {
  readonly fields: readonly NestedField[]
  readonly schema: Schema
}

function isSame(a: readonly NestedField[], b: readonly NestedField[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ path, schema }, at) => path === b[at]!.path && equalSchemas(schema, b[at]!.schema))
  )
}

type Tree = Map<string, Tree | NestedField>

function treeOf(fields: readonly NestedField[]): Tree {
  const root: Tree = new Map()
  for (const field of fields) {
    let tree = root
    for (const step of field.path.slice(0, -1)) {
      const next = tree.get(step)
      if (next instanceof Map) tree = next
      else tree.set(step, (tree = new Map()))
    }
    tree.set(field.path.at(-1)!, field)
  }
  return root
}

function grown(schema: Schema, tree: Tree, prefix: string): NamedSchema[] {
  const fields: NamedSchema[] = schema.fields.map((field) => {
    const inner = tree.get(field.name)
    if (!(inner instanceof Map)) return field
    if (field.schema.type !== 'STRUCT') throw notAStruct(prefix + field.name, inner)
    const innerFields = grown(field.schema, inner, `${prefix}${field.name}.`)
    return { name: field.name, schema: named(field.schema, field.schema.name, innerFields) }
  })
  for (const [name, inner] of tree) {
    if (schema.field(name) !== undefined) continue
    fields.push({ name, schema: inner instanceof Map ? structOf(inner) : inner.schema! })
  }
  return fields
}

function structOf(tree: Tree): Schema {
  const builder = SchemaBuilder.struct().optional()
  for (const [name, inner] of tree)
    builder.field(name, inner instanceof Map ? structOf(inner) : inner.schema!)
  return builder.build()
}

function filled(struct: Struct | null, schema: Schema, tree: Tree): Struct {
  const values = schema.fields.map((field) => {
    const inner = tree.get(field.name)
    const before = struct?.schema.field(field.name)
    if (inner !== undefined && !(inner instanceof Map)) return checked(field, inner.value)
    const value = before === undefined ? null : struct!.get(before)
    if (inner === undefined) return value
    // What is null stays so; only structs that are new are made.
    return before !== undefined && value === null ? null : filled(value as Struct | null, field.schema, inner)
  })
  return Struct.adopt(schema, values)
}

function notAStruct(name: string, tree: Tree): DataError {
  const [first] = tree.keys()
  return new DataError(
    `Field '${name}' is a primitive type, not a struct. Cannot add nested field '${name}.${first}'.`,
  )
}
