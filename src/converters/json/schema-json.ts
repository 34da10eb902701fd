import type { Schema } from '../../index.ts'
import { DataError, SchemaBuilder, SchemaBuilderError, type SchemaType } from '../../index.ts'
import { Fraction } from './parser.ts'
import { reader } from './read.ts'
import { stringJson, writer, type WriteOptions } from './write.ts'

const typeNames: Readonly<Record<SchemaType, string>> = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
  ARRAY: 'array',
  MAP: 'map',
  STRUCT: 'struct',
}

const types = new Map(Object.entries(typeNames).map(([type, name]) => [name, type as SchemaType]))

/** The JSON text of a schema, its members in the order in which Kafka Connect writes them. */
export function schemaToJson(schema: Schema | null, options: WriteOptions, field?: string): string {
  if (schema === null) return 'null'
  let json = `{"type":"${typeNames[schema.type]}"`
  const inner = (member: string, part: Schema | null) => `,"${member}":${schemaToJson(part, options)}`
  if (schema.type === 'ARRAY') json += inner('items', schema.valueSchema)
  if (schema.type === 'MAP') json += inner('keys', schema.keySchema) + inner('values', schema.valueSchema)
  if (schema.type === 'STRUCT') {
    const fields = schema.fields.map(({ name, schema }) => schemaToJson(schema, options, name))
    json += `,"fields":[${fields.join(',')}]`
  }
  json += `,"optional":${schema.optional}`
  if (schema.name !== null) json += `,"name":${stringJson(schema.name)}`
  if (schema.version !== null) json += `,"version":${schema.version}`
  if (schema.doc !== null) json += `,"doc":${stringJson(schema.doc)}`
  if (schema.parameters !== null) {
    const entries = Object.entries(schema.parameters)
    json += `,"parameters":{${entries.map(([key, value]) => `${stringJson(key)}:${stringJson(value)}`).join(',')}}`
  }
  if (schema.default !== undefined && schema.default !== null) {
    json += `,"default":${writer(schema, options)(schema.default)}`
  }
  if (field !== undefined) json += `,"field":${stringJson(field)}`
  return `${json}}`
}

/** The schema that a parsed JSON schema describes; null for JSON's null. Throws DataError. */
export function schemaFromJson(json: unknown, replaceNulls: boolean): Schema | null {
  if (json === null) return null
  const member = (name: string): unknown =>
    typeof json === 'object' && !Array.isArray(json) && Object.hasOwn(json, name)
      ? (json as Record<string, unknown>)[name]
      : undefined
  const builder = builderOf(member, replaceNulls)
  if (member('optional') === true) builder.optional()
  else builder.required()
  const [name, version, doc] = [member('name'), member('version'), member('doc')]
  if (typeof name === 'string') builder.name(name)
  if (typeof version === 'number') builder.version(version | 0)
  else if (typeof version === 'bigint') builder.version(Number(BigInt.asIntN(32, version)))
  if (typeof doc === 'string') builder.doc(doc)
  const parameters = member('parameters')
  if (typeof parameters === 'object' && parameters !== null && !isListOrNumber(parameters)) {
    for (const [key, value] of Object.entries(parameters)) {
      if (typeof value !== 'string') throw new DataError('Schema parameters must have string values.')
      builder.parameter(key, value)
    }
  }
  const byDefault = member('default')
  if (byDefault !== undefined) setDefault(builder, byDefault, replaceNulls)
  return builder.build()
}

function isListOrNumber(json: object): boolean {
  return Array.isArray(json) || json instanceof Fraction
}

function builderOf(member: (name: string) => unknown, replaceNulls: boolean): SchemaBuilder {
  const typeName = member('type')
  if (typeof typeName !== 'string') throw new DataError("Schema must contain 'type' field")
  const type = types.get(typeName)
  const part = (json: unknown) => schemaFromJson(json, replaceNulls)!
  switch (type) {
    case undefined:
      throw new DataError(`Unknown schema type: ${typeName}`)
    case 'ARRAY': {
      const items = member('items') ?? null
      if (items === null) throw new DataError('Array schema did not specify the element type')
      return SchemaBuilder.array(part(items))
    }
    case 'MAP': {
      const [keys, values] = [member('keys'), member('values')]
      if (keys === undefined) throw new DataError('Map schema did not specify the key type')
      if (values === undefined) throw new DataError('Map schema did not specify the value type')
      return SchemaBuilder.map(part(keys), part(values))
    }
    case 'STRUCT': {
      const fields = member('fields')
      if (!Array.isArray(fields)) throw new DataError('Struct schema\'s "fields" argument is not an array.')
      const builder = SchemaBuilder.struct()
      for (const field of fields as unknown[]) {
        const name = (field as { field?: unknown } | null)?.field
        if (typeof name !== 'string') throw new DataError("Struct schema's field name not specified properly")
        builder.field(name, part(field))
      }
      return builder
    }
    default:
      return new SchemaBuilder(type)
  }
}

function setDefault(builder: SchemaBuilder, json: unknown, replaceNulls: boolean): void {
  const schema = builder.build()
  const value = reader(schema, replaceNulls)(json)
  // Kafka Connect compares the schema of such a default with one that is still being built, and refuses it.
  if (schema.type === 'STRUCT' && value !== null) throw new SchemaBuilderError('Invalid default value')
  builder.default(value)
}
