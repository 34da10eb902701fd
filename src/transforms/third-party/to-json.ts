/**
 * ToJSON makes a JSON text, or its bytes, of a key or value that is a struct or a map.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.ToJSON, except that a null stays
 * null whatever its schema, where the original makes the text "null" of it.
 */
import {
  boolean,
  configDef,
  DataError,
  javaClassOf,
  keyAndValue,
  oneOf,
  oneOfIgnoringCase,
  Schema,
  string,
  Struct,
  type ConverterPlugin,
  type PartTransform,
} from '../../index.ts'
import { isMap } from './struct-or-map.ts'

/** The transform over the converter that writes the JSON. */
export function toJson(jsonConverter: ConverterPlugin) {
  return keyAndValue({
    name: 'com.github.jcustenborder.kafka.connect.transform.common.ToJSON',
    doc: 'Makes a JSON text, as JsonConverter writes it, of a key or value that is a struct or a map. Texts and bytes stay as they are.',
    config: configDef({
      'output.schema.type': string({
        importance: 'medium',
        default: 'STRING',
        validate: oneOf('STRING', 'BYTES'),
        doc: 'What the JSON becomes: STRING a text, BYTES its UTF-8.',
      }),
      'schemas.enable': boolean({
        importance: 'medium',
        default: false,
        doc: 'Whether the schema comes along, as {"schema": ..., "payload": ...}.',
      }),
      'decimal.format': string({
        importance: 'low',
        default: 'BASE64',
        validate: oneOfIgnoringCase('NUMERIC', 'BASE64'),
        doc: 'How decimals are written: BASE64 as their bytes, NUMERIC as numbers.',
      }),
      'replace.null.with.default': boolean({
        importance: 'low',
        default: true,
        doc: 'What a null in a field with a default is: true makes it the default, false leaves it null.',
      }),
    }),
    create(settings, which): PartTransform {
      const isText = settings['output.schema.type'] === 'STRING'
      const outSchema = isText ? Schema.OPTIONAL_STRING : Schema.OPTIONAL_BYTES
      const converterSettings = {
        'schemas.enable': String(settings['schemas.enable']),
        'decimal.format': settings['decimal.format'],
        'replace.null.with.default': String(settings['replace.null.with.default']),
      }
      const converter = jsonConverter.create(jsonConverter.config.parse(converterSettings), which)

      return (part, { topic }) => {
        const { schema, value } = part
        if (value === null || value === undefined) {
          return schema?.type === 'STRUCT' || schema?.type === 'MAP'
            ? { schema: outSchema, value: null }
            : part
        }
        if (typeof value === 'string' || value instanceof Uint8Array) return part
        if (!(value instanceof Struct) && !isMap(value)) {
          throw new DataError(
            `The ${which} of a record of topic ${topic} should be a struct or a map to become JSON, and is ${javaClassOf(value, schema)}`,
          )
        }
        const whole = value instanceof Struct ? { schema: value.schema, value } : part
        // JsonConverter answers at once.
        const json = converter.fromConnectData(topic, whole) as Buffer
        return { schema: outSchema, value: isText ? json.toString() : json }
      }
    },
  })
}
