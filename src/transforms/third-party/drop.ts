/**
 * Drop takes the key or value away from a record.
 *
 * Same settings as io.confluent.connect.transforms.Drop, after its public documentation.
 */
import {
  configDef,
  DataError,
  keyAndValue,
  nothing,
  oneOf,
  Schema,
  string,
  type PartTransform,
} from '../../index.ts'
import { schemaCache } from '../schema-cache.ts'

export const drop = keyAndValue({
  name: 'io.confluent.connect.transforms.Drop',
  doc: 'Sets the key or value of a record to null.',
  config: configDef({
    'schema.behavior': string({
      importance: 'medium',
      default: 'nullify',
      validate: oneOf('nullify', 'retain', 'validate', 'force_optional'),
      doc: 'What becomes of the schema: nullify takes it away too, retain leaves it as it is, validate leaves it and fails where it is not optional, force_optional makes it optional.',
    }),
  }),
  create({ 'schema.behavior': behavior }, which): PartTransform {
    const optional = schemaCache((schema) =>
      schema.optional ? schema : new Schema({ ...schema.parts(), optional: true }),
    )

    return ({ schema }) => {
      if (schema === null || behavior === 'nullify') return nothing
      if (behavior === 'force_optional') return { schema: optional(schema), value: null }
      if (behavior === 'validate' && !schema.optional) {
        throw new DataError(
          `The ${which} cannot be dropped: its schema ${String(schema)} is not optional and schema.behavior is validate`,
        )
      }
      return { schema, value: null }
    }
  },
})
