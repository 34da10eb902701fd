/**
 * ExtractChangedRecordState puts the names of the columns that an update changed into one header, and of those that it
 * did not change into another.
 *
 * Same settings and results as io.debezium.transforms.ExtractChangedRecordState.
 */
import {
  configDef,
  defineTransform,
  equalValues,
  Headers,
  Schema,
  string,
  type Header,
  type Struct,
} from '../../index.ts'
import { changeEvent, rowOf } from './envelope.ts'

export const extractChangedRecordState = defineTransform({
  name: 'io.debezium.transforms.ExtractChangedRecordState',
  doc: 'Makes headers that list the columns that a change event changed, and those that it did not.',
  config: configDef({
    'header.changed.name': string({
      importance: 'low',
      default: null,
      doc: 'The header for the names of changed columns; without it there is none. The list is empty where there is no row before or none after.',
    }),
    'header.unchanged.name': string({
      importance: 'low',
      default: null,
      doc: 'The header for the names of the other columns; without it there is none.',
    }),
  }),
  create(settings) {
    const changedHeader = listHeader(settings['header.changed.name'] ?? '')
    const unchangedHeader = listHeader(settings['header.unchanged.name'] ?? '')

    return {
      apply(record) {
        const envelope = changeEvent(record.value, 'Record value should be struct.')
        if (envelope === null) return record
        const { changed, unchanged } = compared(envelope)
        const added = [...changedHeader(changed), ...unchangedHeader(unchanged)]
        return added.length === 0
          ? record
          : record.with({ headers: Headers.of([...record.headers, ...added]) })
      },
    }
  },
})

function listHeader(name: string): (names: readonly string[]) => readonly Header[] {
  if (name === '') return () => []
  const schema = new Schema({ type: 'ARRAY', optional: true, name, valueSchema: Schema.OPTIONAL_STRING })
  return (names) => [{ key: name, schema, value: names }]
}

function compared(envelope: Struct): { changed: string[]; unchanged: string[] } {
  const changed: string[] = []
  const unchanged: string[] = []
  const after = rowOf(envelope, 'after', 'After value should be struct.')
  const before = rowOf(envelope, 'before', 'Before value should be struct.')
  if (after === null || before === null) return { changed, unchanged }
  for (const { name, index } of after.schema.fields) {
    const isSame = equalValues(after.at(index), before.getWithoutDefault(name))
    ;(isSame ? unchanged : changed).push(name)
  }
  return { changed, unchanged }
}
