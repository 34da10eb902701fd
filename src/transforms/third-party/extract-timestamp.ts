/**
 * ExtractTimestamp takes the timestamp of a record from a field of its key or value.
 *
 * Same settings and results as io.aiven.kafka.connect.transforms.ExtractTimestamp, except that headers stay.
 */
import {
  configDef,
  DataError,
  defineTransform,
  Instant,
  javaClassOf,
  nonEmpty,
  oneOfIgnoringCase,
  string,
  Struct,
  type ConnectRecord,
} from '../../index.ts'
import { fieldOf } from './part-field.ts'

export const extractTimestamp = { key: form('key', 'Key'), value: form('value', 'Value') }

function form(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `io.aiven.kafka.connect.transforms.ExtractTimestamp$${suffix}`,
    doc: 'Gives a record the timestamp that a field of its key or value holds: an INT64 or a Timestamp.',
    config: configDef({
      'field.name': string({
        importance: 'high',
        validate: nonEmpty,
        doc: 'The field with the timestamp.',
      }),
      'timestamp.resolution': string({
        importance: 'low',
        default: 'milliseconds',
        validate: oneOfIgnoringCase('milliseconds', 'seconds'),
        doc: 'What a number counts: milliseconds or seconds.',
      }),
    }),
    create({ 'field.name': field, 'timestamp.resolution': resolution }) {
      const unitMs = resolution.toLowerCase() === 'seconds' ? 1000 : 1
      return {
        apply: (record) => record.with({ timestamp: timestampOf(record, part, field, unitMs) }),
      }
    },
  })
}

function timestampOf(record: ConnectRecord, part: 'key' | 'value', field: string, unitMs: number): number {
  const { value } = record[part]
  if (value === null || value === undefined) throw new DataError(`${part} can't be null: ${String(record)}`)
  const found = fieldOf(record[part], field, 'timestamp extraction')
  if (found === null || found === undefined) {
    throw new DataError(`${field} field must be present and its value can't be null: ${String(record)}`)
  }
  if (found instanceof Instant) return found.value
  const schema = value instanceof Struct ? value.schema.field(field)!.schema : null
  switch (javaClassOf(found, schema)) {
    case 'java.util.Date':
      return found as number
    case 'java.lang.Long':
      return Number(found) * unitMs
    default:
      throw new DataError(
        `${field} field must be INT64 or org.apache.kafka.connect.data.Timestamp: ${String(record)}`,
      )
  }
}
