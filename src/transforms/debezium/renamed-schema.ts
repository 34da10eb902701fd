import { SchemaBuilder, Struct, type Schema } from '../../index.ts'
import type { NamedSchema } from '../struct-fields.ts'

/** A struct schema of that name and these fields which is otherwise like the other, without a default. */
export function named(schema: Schema, name: string | null, fields: readonly NamedSchema[]): Schema {
  const builder = SchemaBuilder.struct().name(name).version(schema.version).doc(schema.doc)
  if (schema.parameters !== null) builder.parameters(schema.parameters)
  if (schema.optional) builder.optional()
  for (const field of fields) builder.field(field.name, field.schema)
  return builder.build()
}

/** The values of a struct under a schema with the same fields. */
export function regrown(struct: Struct, schema: Schema): Struct {
  return Struct.adopt(
    schema,
    schema.fields.map(({ index }) => struct.at(index)),
  )
}
