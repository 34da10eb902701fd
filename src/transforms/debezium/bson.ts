import { DataError, optionalTimestampSchema, Schema, SchemaBuilder, Struct } from '../../index.ts'
import { readJson, type JsonNode } from './json-text.ts'

/** A value of MongoDB: what has one type in Connect, or something to look into. */
export type Bson =
  | { readonly kind: 'value'; readonly schema: Schema; readonly value: unknown }
  | { readonly kind: 'null' | 'undefined' }
  | { readonly kind: 'array'; readonly items: readonly Bson[] }
  | { readonly kind: 'document'; readonly members: BsonMembers }

export type BsonMembers = ReadonlyMap<string, Bson>

/**
 * Reads MongoDB's extended JSON, as its drivers write it in every mode but that of the shell. Throws SyntaxError for
 * what is no JSON and DataError for a value that cannot be read.
 */
export function readBson(text: string): Bson {
  return bsonOf(readJson(text, 'mongodb'))
}

/** The same where only a document will do. */
export function readDocument(text: string): Map<string, Bson> {
  const node = readBson(text)
  if (node.kind === 'document') return new Map(node.members)
  throw new DataError(`Not a document of MongoDB: ${text}`)
}

const regexSchema = SchemaBuilder.struct()
  .name('io.debezium.mongodb.regex')
  .optional()
  .field('regex', Schema.OPTIONAL_STRING)
  .field('options', Schema.OPTIONAL_STRING)
  .build()

function bsonOf(node: JsonNode): Bson {
  switch (node.kind) {
    case 'null':
      return { kind: 'null' }
    case 'string':
      return text(node.value)
    case 'boolean':
      return value(Schema.OPTIONAL_BOOLEAN, node.value)
    case 'number':
      return /^-?\d+$/.test(node.text)
        ? integer(node.text)
        : value(Schema.OPTIONAL_FLOAT64, Number(node.text))
    case 'array':
      return { kind: 'array', items: node.items.map(bsonOf) }
    case 'object':
      return typed(node.members) ?? { kind: 'document', members: membersOf(node) }
  }
}

/** What an object with a member such as $oid stands for; null for an ordinary document. */
function typed(members: ReadonlyMap<string, JsonNode>): Bson | null {
  const [first] = members.keys()
  if (first === undefined || !first.startsWith('$')) return null
  const of = (name: string): JsonNode => members.get(name) ?? { kind: 'null' }
  const content = of(first)
  switch (first) {
    case '$oid':
    case '$symbol':
    case '$numberDecimal':
      return text(textOf(content, first))
    case '$numberInt':
      return value(Schema.OPTIONAL_INT32, Number(textOf(content, first)))
    case '$numberLong':
      return long(textOf(content, first))
    case '$numberDouble':
      return value(Schema.OPTIONAL_FLOAT64, Number(textOf(content, first)))
    case '$date':
      return value(optionalTimestampSchema, dateOf(content))
    case '$timestamp':
      return value(optionalTimestampSchema, 1000 * Number(textOf(memberOf(content, 't'), first)))
    case '$uuid':
      return value(Schema.OPTIONAL_BYTES, Buffer.from(textOf(content, first).replaceAll('-', ''), 'hex'))
    case '$binary':
    case '$type':
      return members.has('$binary') ? value(Schema.OPTIONAL_BYTES, bytesOf(of('$binary'))) : null
    case '$regex':
    case '$options':
      return of('$regex').kind === 'string' ? regex(of('$regex'), of('$options')) : null
    case '$regularExpression':
      return regex(memberOf(content, 'pattern'), memberOf(content, 'options'))
    case '$code':
      return code(textOf(content, first), of('$scope'))
    case '$undefined':
      return { kind: 'undefined' }
    case '$minKey':
    case '$maxKey':
      throw new DataError(`MongoDB's ${first.slice(1)} has no counterpart in Connect`)
    default:
      return null
  }
}

function value(schema: Schema, value: unknown): Bson {
  return { kind: 'value', schema, value }
}

function text(content: string): Bson {
  return value(Schema.OPTIONAL_STRING, content)
}

function integer(digits: string): Bson {
  const number = Number(digits)
  return (number | 0) === number ? value(Schema.OPTIONAL_INT32, number | 0) : long(digits)
}

function long(digits: string): Bson {
  const exact = BigInt(digits)
  if (BigInt.asIntN(64, exact) !== exact)
    throw new DataError(`The number ${digits} is too large for an INT64`)
  return value(Schema.OPTIONAL_INT64, Number.isSafeInteger(Number(exact)) ? Number(exact) : exact)
}

function regex(pattern: JsonNode, options: JsonNode): Bson {
  const struct = new Struct(regexSchema)
    .put('regex', textOf(pattern, '$regex'))
    .put('options', options.kind === 'null' ? '' : textOf(options, '$options'))
  return value(regexSchema, struct)
}

function code(content: string, scope: JsonNode): Bson {
  if (scope.kind !== 'object') return text(content)
  const members = new Map<string, Bson>([
    ['code', text(content)],
    ['scope', { kind: 'document', members: membersOf(scope) }],
  ])
  return { kind: 'document', members }
}

/** Milliseconds, from a number, a text like 2024-01-31T12:00:00Z or a long. */
function dateOf(node: JsonNode): number {
  const inner = node.kind === 'object' ? memberOf(node, '$numberLong') : node
  const found = textOf(inner, '$date')
  const ms = /^-?\d+$/.test(found) ? Number(found) : Date.parse(found)
  if (Number.isNaN(ms)) throw new DataError(`Not a date of MongoDB: ${found}`)
  return ms
}

function bytesOf(node: JsonNode): Buffer {
  const base64 = node.kind === 'object' ? memberOf(node, 'base64') : node
  return Buffer.from(textOf(base64, '$binary'), 'base64')
}

function membersOf({ members }: { readonly members: ReadonlyMap<string, JsonNode> }): Map<string, Bson> {
  return new Map(Array.from(members, ([name, node]) => [name, bsonOf(node)]))
}

function memberOf(node: JsonNode, name: string): JsonNode {
  return (node.kind === 'object' ? node.members.get(name) : undefined) ?? { kind: 'null' }
}

function textOf(node: JsonNode, what: string): string {
  if (node.kind === 'string') return node.value
  if (node.kind === 'number') return node.text
  throw new DataError(`The content of ${what} should be a text or a number and is ${node.kind}`)
}
