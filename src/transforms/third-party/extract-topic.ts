/**
 * Confluent's ExtractTopic takes the name of the topic from the key, the value or a header.
 *
 * Same settings as io.confluent.connect.transforms.ExtractTopic, after its public documentation.
 */
import {
  boolean,
  configDef,
  DataError,
  defineTransform,
  javaClassOf,
  oneOfIgnoringCase,
  string,
  type ConnectRecord,
  type SchemaAndValue,
  type Transform,
} from '../../index.ts'
import { plainPart } from '../plain-values.ts'
import { jsonPathSetting } from './json-path-setting.ts'
import { fieldOf } from './part-field.ts'

const skipMissing = boolean({
  importance: 'low',
  default: false,
  doc: 'Whether a record keeps its topic where the new name is missing or null; it is a data error otherwise.',
})

export const extractTopic = {
  key: partForm('key', 'Key'),
  value: partForm('value', 'Value'),
  header: defineTransform({
    name: 'io.confluent.connect.transforms.ExtractTopic$Header',
    doc: 'Sends a record to the topic that a header names.',
    config: configDef({
      'field': string({ importance: 'high', doc: 'The header; the last one of that name counts.' }),
      'skip.missing.or.null': skipMissing,
    }),
    create: (settings) =>
      router(`header ${settings.field}`, settings['skip.missing.or.null'], ({ headers }) => {
        return headers.lastWithName(settings.field)?.value
      }),
  }),
}

function partForm(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `io.confluent.connect.transforms.ExtractTopic$${suffix}`,
    doc: 'Sends a record to the topic that its key or value, or a field there, names.',
    config: configDef({
      'field': string({
        importance: 'medium',
        default: '',
        doc: 'The field with the name of the topic; when empty, the whole key or value is the name.',
      }),
      'field.format': string({
        importance: 'medium',
        default: 'PLAIN',
        validate: oneOfIgnoringCase('PLAIN', 'JSON_PATH'),
        doc: 'Whether field is the name of a field (PLAIN) or a JSONPath to it (JSON_PATH), such as $.order.region.',
      }),
      'skip.missing.or.null': skipMissing,
    }),
    create({ field, 'field.format': format, 'skip.missing.or.null': isSkipped }) {
      const isPath = field !== '' && format.toUpperCase() === 'JSON_PATH'
      const find = isPath ? byPath(field) : (from: SchemaAndValue) => fieldOf(from, field, 'topic extraction')
      const place = field === '' ? part : `field ${field} of the ${part}`
      return router(place, isSkipped, (record) => find(record[part]))
    },
  })
}

function byPath(text: string): (from: SchemaAndValue) => unknown {
  const path = jsonPathSetting('field', text)
  return (from) => path.select(plainPart(from, path.rootMembers))?.[0]
}

function router(place: string, isSkipped: boolean, find: (record: ConnectRecord) => unknown): Transform {
  return {
    apply(record) {
      const topic = find(record)
      if (topic === null || topic === undefined || topic === '') {
        if (isSkipped) return record
        throw new DataError(
          `The ${place} should name the topic and is missing, null or empty in a record of ${record.topic}`,
        )
      }
      if (typeof topic === 'string') return record.with({ topic })
      throw new DataError(
        `The ${place} should name the topic and is no text but ${javaClassOf(topic)} in a record of ${record.topic}`,
      )
    },
  }
}
