/**
 * BooleanConverter writes one byte, 1 or 0.
 *
 * Same as org.apache.kafka.connect.converters.BooleanConverter.
 */
import { configDef, DataError, defineConverter, javaClassOf, Schema } from '../index.ts'

export const booleanConverter = defineConverter({
  name: 'org.apache.kafka.connect.converters.BooleanConverter',
  doc: 'Writes a boolean as one byte.',
  roles: ['key', 'value', 'header'],
  config: configDef({}),
  create: () => ({
    fromConnectData(_, { schema, value }) {
      if (schema !== null && schema.type !== 'BOOLEAN') {
        throw new DataError(`Invalid schema type for BooleanConverter: ${schema.type}`)
      }
      if (value === null || value === undefined) return null
      if (typeof value === 'boolean') return Buffer.of(value ? 1 : 0)
      throw new DataError(
        `BooleanConverter is not compatible with objects of type class ${javaClassOf(value, schema)}`,
      )
    },
    toConnectData(_, bytes) {
      if (bytes === null) return { schema: Schema.OPTIONAL_BOOLEAN, value: null }
      if (bytes.length === 1 && bytes[0]! <= 1)
        return { schema: Schema.OPTIONAL_BOOLEAN, value: bytes[0] === 1 }
      throw new DataError('Failed to deserialize boolean: ')
    },
  }),
})
