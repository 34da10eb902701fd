/**
 * ChangeCase writes the names of fields in another case, those of inner structs and of structs in arrays too.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.ChangeCase. A null struct or
 * array stays null, where the original makes an empty struct or fails, and data without a schema is taken as well.
 */
import type { Schema } from '../../index.ts'
import {
  DataError,
  isPlainObject,
  keyAndValue,
  SchemaBuilder,
  Struct,
  type PartTransform,
} from '../../index.ts'
import { setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { caseConfig, changeCase } from './case-format.ts'
import { derivedByName, structOrMap } from './struct-or-map.ts'

export const changeCaseOfFields = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.ChangeCase',
  doc: 'Writes the names of fields, at every depth, in another case. A schema keeps its name alone.',
  config: caseConfig('the names of the fields are'),
  create({ from, to }): PartTransform {
    const rename = changeCase(from, to)
    const updated = planCache((schema) => convertedSchema(schema, rename))

    return structOrMap({
      purpose: 'changing the case of fields',
      schema: updated,
      struct(struct) {
        const schema = updated(struct.schema)
        return { schema, value: converted(schema, struct) }
      },
      map: (members) => renamed(members, rename) as object,
    })
  },
})

function convertedSchema(schema: Schema, rename: (name: string) => string): Schema {
  switch (schema.type) {
    case 'STRUCT':
      return derivedByName(
        schema,
        schema.fields.map((field) => ({
          name: rename(field.name),
          schema: convertedSchema(field.schema, rename),
        })),
      )
    case 'ARRAY': {
      if (schema.valueSchema === null) return schema
      const array = SchemaBuilder.array(convertedSchema(schema.valueSchema, rename))
      return (schema.optional ? array.optional() : array).build()
    }
    default:
      return schema
  }
}

/** A value as the converted schema has it. */
function converted(schema: Schema, value: unknown): unknown {
  if (value instanceof Struct && schema.type === 'STRUCT') {
    const values = schema.fields.map((field) => {
      const { name, schema: before } = value.schema.fields[field.index]!
      const found = value.at(field.index) ?? before.default ?? null
      if (found === null && !field.schema.optional && field.schema.default === undefined) {
        throw new DataError(`Invalid value: null used for required field: "${name}"`)
      }
      return converted(field.schema, found)
    })
    return Struct.adopt(schema, values)
  }
  if (schema.type !== 'ARRAY' || schema.valueSchema === null || !Array.isArray(value)) return value
  const { valueSchema } = schema
  return value.map((item) => converted(valueSchema, item))
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename))
  if (!isPlainObject(value)) return value
  const after = {}
  for (const name of Object.keys(value)) setMember(after, rename(name), renamed(value[name], rename))
  return after
}
