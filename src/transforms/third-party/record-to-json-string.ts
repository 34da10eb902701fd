/**
 * Record2JsonStringConverter puts a whole struct, as MongoDB's extended JSON, into the one field of a new struct.
 *
 * Same settings and results as com.github.cedelsb.kafka.connect.smt.Record2JsonStringConverter. The settings that would
 * need more than JSON are refused: XML, the output mode SHELL, and patterns for times.
 */
import {
  boolean,
  configDef,
  keyAndValue,
  nonEmpty,
  oneOf,
  oneOfIgnoringCase,
  rule,
  Schema,
  SchemaBuilder,
  string,
  Struct,
  type PartTransform,
} from '../../index.ts'
import { requireStruct } from '../requirements.ts'
import {
  extendedJson,
  extendedJsonForms,
  isoText,
  type ExtendedJsonForms,
  type ExtendedJsonMode,
} from './extended-json.ts'

const purpose = 'Converting record with Schema into a simple JSON String'

const noXml = rule('false', (isXml: boolean) =>
  isXml ? 'XML cannot be written here; leave the setting out for JSON' : null,
)

const noPattern = rule('ISO_INSTANT or nothing', (pattern: string | null) =>
  pattern === null || pattern === '' || pattern.toUpperCase() === 'ISO_INSTANT'
    ? null
    : 'only ISO_INSTANT can be written here; leave the setting out for it',
)

export const recordToJsonString = keyAndValue({
  name: 'com.github.cedelsb.kafka.connect.smt.Record2JsonStringConverter',
  doc: "Puts a whole struct, as MongoDB's extended JSON, into the one field of a new struct. A null and what has no schema stay as they are.",
  config: configDef({
    'json.string.field.name': string({
      importance: 'high',
      default: 'jsonstring',
      validate: nonEmpty,
      doc: 'The name of the field with the text.',
    }),
    'json.writer.output.mode': string({
      importance: 'medium',
      default: 'RELAXED',
      validate: oneOf('RELAXED', 'EXTENDED', 'STRICT'),
      doc: 'How types that JSON does not have are written: RELAXED keeps numbers plain, EXTENDED gives every number its type, STRICT is the form of older versions.',
    }),
    'post.processing.to.xml': boolean({
      importance: 'low',
      default: false,
      validate: noXml,
      doc: 'Has to be false: no XML is written.',
    }),
    'json.writer.handle.logical.types': boolean({
      importance: 'low',
      default: false,
      doc: 'Whether times, decimals and bytes stand alone, without a $ name around them that says their type.',
    }),
    'json.writer.datetime.logical.types.as': string({
      importance: 'low',
      default: 'LONG',
      validate: oneOfIgnoringCase('LONG', 'STRING'),
      doc: 'How times stand alone: LONG as milliseconds since 1970, STRING as text in UTC.',
    }),
    'json.writer.datetime.pattern': string({
      importance: 'low',
      default: null,
      validate: noPattern,
      doc: 'How times are written as text: only ISO_INSTANT, which it is without this setting, too.',
    }),
    'json.writer.datetime.zoneid': string({
      importance: 'low',
      default: 'UTC',
      doc: 'The zone of texts. ISO_INSTANT is in UTC whatever this says.',
    }),
  }),
  create(settings): PartTransform {
    const forms = formsFor(settings)
    const outSchema = SchemaBuilder.struct()
      .name('jsonStringSchema')
      .version(1)
      .field(settings['json.string.field.name'], Schema.STRING)
      .build()

    return (part) => {
      const { schema, value } = part
      if (value === null || value === undefined || schema === null) return part
      const json = extendedJson(requireStruct(part, purpose), forms)
      return { schema: outSchema, value: Struct.adopt(outSchema, [json]) }
    }
  },
})

function formsFor(settings: {
  readonly 'json.writer.output.mode': string
  readonly 'json.writer.handle.logical.types': boolean
  readonly 'json.writer.datetime.logical.types.as': string
}): ExtendedJsonForms {
  const forms = extendedJsonForms[settings['json.writer.output.mode'] as ExtendedJsonMode]
  if (!settings['json.writer.handle.logical.types']) return forms
  const isText = settings['json.writer.datetime.logical.types.as'].toUpperCase() === 'STRING'
  return {
    ...forms,
    date: isText ? (epochMs) => `"${isoText(epochMs)}"` : String,
    bytes: (base64) => `{"base64": "${base64}"}`,
    decimal: (text) => text,
  }
}
