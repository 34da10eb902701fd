/**
 * SchemaChangeEventFilter drops some kinds of the events with which Debezium tells of changed tables.
 *
 * Same settings and results as io.debezium.transforms.SchemaChangeEventFilter.
 */
import {
  all,
  configDef,
  defineTransform,
  list,
  listOf,
  nonEmpty,
  type Schema,
  type Struct,
} from '../../index.ts'
import { requireStruct } from '../requirements.ts'
import { isMissing } from './envelope.ts'

export const schemaChangeEventFilter = defineTransform({
  name: 'io.debezium.transforms.SchemaChangeEventFilter',
  doc: 'Drops the events of chosen kinds that tell of changes of tables; other records pass.',
  config: configDef({
    'schema.change.event.exclude.list': list({
      importance: 'high',
      validate: all(nonEmpty, listOf('CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'DATABASE')),
      doc: 'The kinds of events to drop. DATABASE are those that concern no table. An event without a list of changes is always dropped.',
    }),
  }),
  create(settings) {
    const excluded = new Set(settings['schema.change.event.exclude.list'])

    return {
      apply(record) {
        const { schema, value } = record.value
        if (isMissing(value) || !isSchemaChange(schema)) return record
        const kind = kindOf(requireStruct(record.value, 'Read schema change event to filter'))
        return kind === null || excluded.has(kind) ? null : record
      },
    }
  },
})

function isSchemaChange(schema: Schema | null): boolean {
  return /\.SchemaChange(?:Key|Value)$/.test(schema?.name ?? '')
}

/** What the first change is; null where the event has no list of changes. */
function kindOf(event: Struct): string | null {
  const changes = event.getArray('tableChanges')
  if (changes === null) return null
  const [first] = changes
  return first === undefined
    ? 'DATABASE'
    : requireStruct({ schema: null, value: first }, 'Read table change').getString('type')
}
