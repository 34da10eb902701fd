/**
 * HoistField wraps the whole key or value into a field of its own.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.HoistField.
 */
import { configDef, keyAndValue, SchemaBuilder, string, Struct, type Schema } from '../index.ts'
import { schemaCache } from './schema-cache.ts'

export const hoistField = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.HoistField',
  doc: 'Wraps the whole key or value into the only field of a struct, or of a map where there is no schema.',
  isUniform: true,
  config: configDef({
    field: string({
      importance: 'medium',
      doc: 'Name of that field.',
    }),
  }),
  create({ field }) {
    const hoisted = schemaCache((schema: Schema) => SchemaBuilder.struct().field(field, schema).build())
    return ({ schema, value }) => {
      if (schema === null) return { schema: null, value: { [field]: value ?? null } }
      const updated = hoisted(schema)
      return { schema: updated, value: new Struct(updated).put(updated.fields[0]!, value) }
    }
  },
})
