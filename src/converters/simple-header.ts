/**
 * SimpleHeaderConverter writes the text of a value and guesses the value from the text.
 *
 * Same as org.apache.kafka.connect.storage.SimpleHeaderConverter.
 */
import {
  configDef,
  DataError,
  decodeUtf8,
  defineConverter,
  encodeUtf8,
  nothing,
  Schema,
  Values,
} from '../index.ts'

export const simpleHeaderConverter = defineConverter({
  name: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  doc: 'Writes the text of a header value, and guesses from text what the value was.',
  roles: ['header'],
  config: configDef({}),
  create: () => ({
    isUniform: true,
    fromConnectData(_, { schema, value }) {
      try {
        const text = Values.convertToString(schema, value)
        return text === null ? null : encodeUtf8(text)
      } catch (cause) {
        if (cause instanceof DataError) throw cause
        throw new DataError('The header value cannot be written as text: is it nested too deep?', { cause })
      }
    },
    toConnectData(_, bytes) {
      if (bytes === null) return nothing
      try {
        return Values.parseString(decodeUtf8(bytes))
      } catch (error) {
        if (error instanceof DataError) throw error
        // Nesting that is too deep for the parser: Kafka Connect hands on the bytes, too.
        return { schema: Schema.BYTES, value: bytes }
      }
    },
  }),
})
