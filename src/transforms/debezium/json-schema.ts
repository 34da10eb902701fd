import {
  DataError,
  equalSchemas,
  Schema,
  SchemaBuilder,
  Struct,
  validateValue,
  type SchemaAndValue,
} from '../../index.ts'
import { checked, withFields, type NamedSchema } from '../struct-fields.ts'
import type { JsonNode } from './json-text.ts'

export interface JsonOptions {
  /** Whether a null becomes a null of optional bytes; it is left out otherwise. */
  readonly keepsNulls: boolean
  /** Whether an empty array becomes one of optional texts; it is left out otherwise. */
  readonly keepsEmptyArrays: boolean
  /** What a field is called in the schema. */
  readonly fieldName: (name: string) => string
  /** The schema that equal ones share: converters are quick with a schema that they know. */
  readonly shared: (schema: Schema) => Schema
}

/**
 * A JSON document as data with the schema that it seems to have. Null where nothing of it would be left. Throws
 * DataError for arrays of mixed types and for numbers that no type can hold.
 */
export function fromJson(node: JsonNode, name: string, options: JsonOptions): SchemaAndValue | null {
  const guess = new SchemaGuess(options).of(node, name)
  if (guess === null) return null
  const schema = options.shared(guess)
  const value = valueOf(node, schema, options)
  validateValue(schema, value)
  return { schema, value }
}

class SchemaGuess {
  readonly #options: JsonOptions

  constructor(options: JsonOptions) {
    this.#options = options
  }

  of(node: JsonNode, name: string | null): Schema | null {
    switch (node.kind) {
      case 'string':
        return Schema.OPTIONAL_STRING
      case 'boolean':
        return Schema.OPTIONAL_BOOLEAN
      case 'number':
        return numberSchema(node.text)
      case 'null':
        return this.#options.keepsNulls ? Schema.OPTIONAL_BYTES : null
      case 'object':
        return this.#struct(node.members, name)
      case 'array':
        return this.#array(node.items, name)
    }
  }

  #struct(members: ReadonlyMap<string, JsonNode>, name: string | null): Schema {
    const builder = SchemaBuilder.struct().name(name).optional()
    const known = new Set<string>()
    for (const [member, node] of members) {
      const field = this.#options.fieldName(member)
      const schema = known.has(field) ? null : this.of(node, name === null ? field : `${name}.${field}`)
      if (schema === null) continue
      known.add(field)
      builder.field(field, schema)
    }
    return builder.build()
  }

  #array(items: readonly JsonNode[], name: string | null): Schema | null {
    if (items.length === 0 && !this.#options.keepsEmptyArrays) return null
    const element = items.length === 0 ? Schema.OPTIONAL_STRING : this.#element(items, name)
    return SchemaBuilder.array(element).optional().build()
  }

  #element(items: readonly JsonNode[], name: string | null): Schema {
    const sample = items.find(({ kind }) => kind !== 'null') ?? { kind: 'null' as const }
    for (const item of items) {
      if (item.kind !== 'null' && !isAlike(item, sample)) {
        throw new DataError(`Field is not a homogenous array (${sample.kind} x ${item.kind}).`)
      }
    }
    if (sample.kind === 'object') return this.#merged(items, name)
    const schema = this.of(sample, null)
    if (schema === null) throw new DataError(`Array '${name}' has unrecognized member schema.`)
    return schema
  }

  /** What all the objects have, each field as it was first. */
  #merged(items: readonly JsonNode[], name: string | null): Schema {
    const schemas: Schema[] = []
    for (const item of items) {
      if (item.kind !== 'object') continue
      const schema = this.#struct(item.members, name)
      if (!schemas.some((known) => equalSchemas(known, schema))) schemas.push(schema)
    }
    const [first] = schemas
    if (schemas.length === 1) return first!
    const fields = new Map<string, NamedSchema>()
    for (const field of schemas.flatMap((schema) => schema.fields)) {
      const before = fields.get(field.name)
      // Bytes stand for a null.
      if (before === undefined || (before.schema.type === 'BYTES' && field.schema.type !== 'BYTES')) {
        fields.set(field.name, field)
      }
    }
    return withFields(first!, [...fields.values()])
  }
}

function isAlike(a: JsonNode, b: JsonNode): boolean {
  if (a.kind === 'number' && b.kind === 'number') return numberSchema(a.text) === numberSchema(b.text)
  return a.kind === b.kind
}

function numberSchema(text: string): Schema {
  if (/[.eE]/.test(text)) return Schema.OPTIONAL_FLOAT64
  // The longest that an INT64 can be is -9223372036854775808.
  const value = text.length > 20 ? null : BigInt(text)
  if (value !== null && BigInt.asIntN(32, value) === value) return Schema.OPTIONAL_INT32
  if (value !== null && BigInt.asIntN(64, value) === value) return Schema.OPTIONAL_INT64
  throw new DataError(`The number ${text} is too large for an INT64`)
}

function valueOf(node: JsonNode, schema: Schema, options: JsonOptions): unknown {
  switch (node.kind) {
    case 'null':
      return null
    case 'number': {
      const number = Number(node.text)
      return schema.type === 'INT64' && !Number.isSafeInteger(number) ? BigInt(node.text) : number
    }
    case 'object':
      return structOf(node.members, schema, options)
    case 'array':
      return node.items.map((item) => valueOf(item, schema.valueSchema!, options))
    default:
      return node.value
  }
}

function structOf(members: ReadonlyMap<string, JsonNode>, schema: Schema, options: JsonOptions): Struct {
  const nodes = new Map<string, JsonNode>()
  for (const [member, node] of members) {
    const name = options.fieldName(member)
    if (!nodes.has(name)) nodes.set(name, node)
  }
  const values = schema.fields.map((field) => {
    const node = nodes.get(field.name)
    return checked(field, node === undefined ? null : valueOf(node, field.schema, options))
  })
  return Struct.adopt(schema, values)
}
