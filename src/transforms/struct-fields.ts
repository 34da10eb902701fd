import {
  boolean,
  equalSchemas,
  SchemaBuilder,
  validateValue,
  type Field,
  type Schema,
  type Struct,
} from '../index.ts'

/** The setting that most transforms of structs have. */
export const replaceNullWithDefault = boolean({
  importance: 'medium',
  default: true,
  doc: 'What a null in a field with a default is: true makes it the default, false leaves it null.',
})

/** The value of a field as `replace.null.with.default` wants it. */
export function read(struct: Struct, field: Field, replaceNulls: boolean): unknown {
  return replaceNulls ? struct.get(field) : struct.at(field.index)
}

/** A field of a new struct, and the one of the old struct that its value comes from. */
export interface Move {
  readonly from: Field
  readonly to: Field
  /** Whether what fits the one fits the other. */
  readonly isSameType: boolean
}

export function move(from: Field, to: Field): Move {
  return { from, to, isSameType: from.schema === to.schema || equalSchemas(from.schema, to.schema) }
}

/** The value for the field that the move goes to. Throws DataError where it does not fit. */
export function moved(struct: Struct, { from, to, isSameType }: Move, replaceNulls: boolean): unknown {
  const value = read(struct, from, replaceNulls)
  if (isSameType && value !== null) return value
  return checked(to, value)
}

/** The values for the fields of a new struct, in their order. */
export function movedAll(struct: Struct, moves: readonly Move[], replaceNulls: boolean): unknown[] {
  const values = new Array<unknown>(moves.length)
  for (let i = 0; i < moves.length; i++) values[i] = moved(struct, moves[i]!, replaceNulls)
  return values
}

/** The value, if the field may have it. Throws DataError otherwise. */
export function checked(field: Field, value: unknown): unknown {
  validateValue(field.schema, value, `field: "${field.name}"`)
  return value
}

/**
 * A struct schema of other fields. It keeps name, version, documentation and parameters, neither optionality nor
 * default: what Kafka Connect calls the basics. Throws SchemaBuilderError for two fields of one name.
 */
export function withFields(schema: Schema, fields: readonly NamedSchema[]): Schema {
  const builder = SchemaBuilder.struct().name(schema.name).version(schema.version).doc(schema.doc)
  if (schema.parameters !== null) builder.parameters(schema.parameters)
  for (const field of fields) builder.field(field.name, field.schema)
  return builder.build()
}

export interface NamedSchema {
  readonly name: string
  readonly schema: Schema
}
