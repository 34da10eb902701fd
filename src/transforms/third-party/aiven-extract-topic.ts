/**
 * Aiven's ExtractTopic takes the name of the topic from the key or value: a text, a number or a boolean.
 *
 * Same settings and results as io.aiven.kafka.connect.transforms.ExtractTopic.
 */
import {
  boolean,
  configDef,
  DataError,
  defineTransform,
  javaClassOf,
  javaText,
  string,
  Struct,
  type ConnectRecord,
} from '../../index.ts'
import { fieldOf } from './part-field.ts'

export const aivenExtractTopic = { key: form('key', 'Key'), value: form('value', 'Value') }

function form(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `io.aiven.kafka.connect.transforms.ExtractTopic$${suffix}`,
    doc: 'Sends a record to the topic that its key or value, or a field there, names: a text, a number or a boolean.',
    config: configDef({
      'field.name': string({
        importance: 'high',
        default: null,
        doc: 'The field with the name of the topic; without it the whole key or value is the name.',
      }),
      'skip.missing.or.null': boolean({
        importance: 'low',
        default: false,
        doc: 'Whether a record keeps its topic where the new name is missing or null; it is a data error otherwise.',
      }),
    }),
    create({ 'field.name': field, 'skip.missing.or.null': isSkipped }) {
      return {
        apply(record) {
          const topic = topicOf(record, part, field ?? '')
          if (topic !== '') return record.with({ topic })
          if (isSkipped) return record
          const what = field ? `${field} in ${part}` : part
          throw new DataError(`${what} can't be null or empty: ${String(record)}`)
        },
      }
    },
  })
}

/** The name; empty where there is none. */
function topicOf(record: ConnectRecord, part: 'key' | 'value', field: string): string {
  const { schema, value } = record[part]
  if (field !== '' && (value === null || value === undefined)) {
    throw new DataError(`${part} can't be null if field name is specified: ${String(record)}`)
  }
  const found = fieldOf(record[part], field, 'topic extraction')
  if (found === null || found === undefined) return ''
  const foundSchema =
    field === '' ? schema : value instanceof Struct ? value.schema.field(field)!.schema : null
  if (supported.has(javaClassOf(found, foundSchema))) return blankAsEmpty(javaText(found, foundSchema))
  const what = field === '' ? part : `${field} in ${part}`
  throw new DataError(`${what} must be a text, a number or a boolean: ${String(record)}`)
}

function blankAsEmpty(text: string): string {
  return text.trim() === '' ? '' : text
}

const supported: ReadonlySet<string> = new Set(
  ['Byte', 'Short', 'Integer', 'Long', 'Double', 'Float', 'Boolean', 'String'].map(
    (name) => `java.lang.${name}`,
  ),
)
