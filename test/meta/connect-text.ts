import type { Field, Schema } from '../../src/data/schema.ts'
import type { SchemaAndValue } from '../../src/data/schema-and-value.ts'
import { Struct } from '../../src/data/struct.ts'
import { convertToString } from '../../src/data/values/text.ts'

/** A Connect value for human readers: `7 (int32)`, `"hello" (optional string)`, `{"a":1} (no schema)`. */
export function connectText({ schema, value }: SchemaAndValue): string {
  return `${valueText(schema, value)} (${schema === null ? 'no schema' : schemaText(schema)})`
}

function valueText(schema: Schema | null, value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Struct) {
    // Java leaves out the fields that are null.
    const fields = value.schema.fields ?? []
    return `Struct{${fields.map((each) => `${each.name}=${fieldText(value, each)}`).join(',')}}`
  }
  return convertToString(schema, value) ?? 'null'
}

function fieldText(struct: Struct, { name, schema }: Field): string {
  return convertToString(schema, struct.getWithoutDefault(name)) ?? 'null'
}

function schemaText(schema: Schema): string {
  return `${schema.optional ? 'optional ' : ''}${typeText(schema)}`
}

function typeText(schema: Schema): string {
  const { name, type, parameters } = schema
  if (name?.startsWith('org.apache.kafka.connect.data.')) {
    const scale = parameters?.['scale'] === undefined ? '' : ` of scale ${parameters['scale']}`
    return name.slice(name.lastIndexOf('.') + 1) + scale
  }
  if (type === 'ARRAY') return `array of ${innerText(schema.valueSchema)}`
  if (type === 'MAP') return `map of ${innerText(schema.keySchema)} to ${innerText(schema.valueSchema)}`
  if (type !== 'STRUCT') return type.toLowerCase()
  const fields = (schema.fields ?? []).map(({ name, schema }) => `${name} ${schemaText(schema)}`)
  return `struct of ${fields.join(', ')}`
}

function innerText(schema: Schema | null | undefined): string {
  return schema == null ? 'anything' : schemaText(schema)
}
