import { decimalBuilder, decimalName, Schema, type Field } from '../../index.ts'
import { withFields } from '../struct-fields.ts'

/** The parameter in which converters and connectors note how many digits a decimal may have. */
export const precisionParameter = 'connect.decimal.precision'

export function isDecimal({ schema }: Field): boolean {
  return schema.name === decimalName
}

export interface DecimalShape {
  readonly scale: number
  readonly precision: number
}

/**
 * A struct schema with other precisions and scales; `shapeOf` gives null for a field that stays as it is. Neither
 * optionality of the struct nor defaults of the fields that change are kept, as in the original.
 */
export function withDecimals(schema: Schema, shapeOf: (field: Field) => DecimalShape | null): Schema {
  return withFields(
    schema,
    schema.fields.map((field) => {
      const shape = shapeOf(field)
      return shape === null ? field : { name: field.name, schema: decimalSchema(field.schema, shape) }
    }),
  )
}

function decimalSchema(schema: Schema, { scale, precision }: DecimalShape): Schema {
  const { version, doc, optional, parameters } = schema
  const parts = decimalBuilder(scale)
    .parameters(parameters ?? {})
    .parameter('scale', String(scale))
    .parameter(precisionParameter, String(precision))
    .build()
    .parts()
  return new Schema({ ...parts, version, doc, optional })
}

/** The number that a parameter of a schema says; `fallback` where it is not there. */
export function numberParameter({ schema: { parameters } }: Field, name: string, fallback: number): number {
  const text = parameters?.[name]
  return text === undefined ? fallback : Number(text)
}
