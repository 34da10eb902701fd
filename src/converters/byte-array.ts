/**
 * ByteArrayConverter hands bytes through.
 *
 * Same as org.apache.kafka.connect.converters.ByteArrayConverter.
 */
import { configDef, DataError, defineConverter, javaClassOf, Schema } from '../index.ts'

export const byteArrayConverter = defineConverter({
  name: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  doc: 'Hands bytes through unchanged.',
  roles: ['key', 'value', 'header'],
  config: configDef({}),
  create: () => ({
    isUniform: true,
    fromConnectData(_, { schema, value }) {
      if (schema !== null && schema.type !== 'BYTES') {
        throw new DataError(`Invalid schema type for ByteArrayConverter: ${schema.type}`)
      }
      if (value === null || value === undefined) return null
      if (Buffer.isBuffer(value)) return value
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      throw new DataError(
        `ByteArrayConverter is not compatible with objects of type class ${javaClassOf(value, schema)}`,
      )
    },
    toConnectData: (_, bytes) => ({ schema: Schema.OPTIONAL_BYTES, value: bytes }),
  }),
})
