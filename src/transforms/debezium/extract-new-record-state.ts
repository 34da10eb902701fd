/**
 * ExtractNewRecordState makes the row out of a change event: the value becomes what `after` holds, a delete event what
 * the settings say. Records that are no change events of Debezium pass as they are.
 *
 * Same settings and results as io.debezium.transforms.ExtractNewRecordState. The settings for deletes of Debezium up to
 * 3.1 are still read.
 */
import {
  boolean,
  configDef,
  defineTransform,
  nothing,
  Schema,
  string,
  Struct,
  type ConnectRecord,
  type Headers,
  type SchemaAndValue,
  type SettingsOf,
  type Transform,
} from '../../index.ts'
import { planCache } from '../plan-cache.ts'
import { requireStruct } from '../requirements.ts'
import { checked, withFields, type NamedSchema } from '../struct-fields.ts'
import { addedFieldsFields, addedFound, headerAdder } from './added-fields.ts'
import { deleteHandling, deleteHandlingFields } from './delete-handling.ts'
import { dropFieldsFields, fieldDropper } from './drop-fields.ts'
import { isEnvelopeSchema, isMissing, rowOf } from './envelope.ts'
import { fieldReferences, type FoundField } from './field-reference.ts'

const purpose = 'source field insertion'
const deletedField: NamedSchema = { name: '__deleted', schema: Schema.OPTIONAL_STRING }

const fields = {
  ...deleteHandlingFields,
  'route.by.field': string({
    importance: 'low',
    default: '',
    doc: 'The column that names the topic of the record. Where it is null or blank the topic stays.',
  }),
  ...addedFieldsFields,
  ...dropFieldsFields,
  'replace.null.with.default': boolean({
    importance: 'low',
    default: true,
    doc: 'Whether a null in a column with a default becomes that default where rows are rewritten to have __deleted. Without that, nulls stay.',
  }),
}

export const extractNewRecordState = defineTransform({
  name: 'io.debezium.transforms.ExtractNewRecordState',
  doc: 'Makes the row out of a change event of Debezium; what else the event says can be added to it or to the headers.',
  config: configDef(fields),
  create,
})

function create(settings: SettingsOf<typeof fields>): Transform {
  const deletes = deleteHandling(settings)
  const added = fieldReferences('add.fields', settings['add.fields'], settings['add.fields.prefix'])
  const addedNames = new Set(added.map(({ name }) => name))
  const addHeaders = headerAdder(
    fieldReferences('add.headers', settings['add.headers'], settings['add.headers.prefix']),
  )
  const routeField = settings['route.by.field']
  const drop = fieldDropper(settings)
  const isMarked = deletes.onDelete === 'rewrite'
  const replaceNulls = isMarked && settings['replace.null.with.default']
  const addedOf = addedFound(added)
  const plans = planCache((envelope) => planFor(addedOf(envelope), isMarked))

  function flat(envelope: Struct, row: Struct, isDelete: boolean): Struct {
    const plan = plans(envelope.schema)
    const schema = isDelete ? plan.before(row.schema) : plan.after(row.schema)
    const { fields: columns } = row.schema
    const values: unknown[] = []
    for (let i = 0; i < columns.length; i++) {
      const value = replaceNulls ? row.get(columns[i]!) : row.at(i)
      // What is there was checked when it was put; a null may be missing still.
      values.push(value === null ? checked(schema.fields[i]!, null) : value)
    }
    if (isMarked) values.push(String(isDelete))
    for (const field of plan.added) values.push(field.read(envelope))
    return Struct.adopt(schema, values)
  }

  function valueFor(envelope: Struct, row: Struct, isDelete: boolean): SchemaAndValue {
    if (isDelete && deletes.onDelete === 'tombstone') return nothing
    if (isDelete && deletes.onDelete === 'null') {
      return { schema: envelope.schema.field('after')!.schema, value: null }
    }
    const value = flat(envelope, row, isDelete)
    return { schema: value.schema, value }
  }

  function changed<R extends ConnectRecord>(record: R, headers: Headers): R | null {
    const envelope = requireStruct(record.value, purpose)
    const after = rowIn(envelope, 'after')
    const row = after ?? rowIn(envelope, 'before')
    const isDelete = after === null
    // Neither row: the table was truncated.
    if (row === null || (isDelete && deletes.onDelete === 'drop')) return null
    const value = valueFor(envelope, row, isDelete)
    const topic = routeField === '' ? null : row.getString(routeField)
    const result = record.with(isBlank(topic) ? { headers, value } : { headers, value, topic })
    // Of a delete event the added fields are added after that.
    return drop === null ? result : drop(result, isDelete ? addedNames : none)
  }

  return {
    apply(record) {
      const isTombstone = isMissing(record.value.value)
      if (!isTombstone && !isEnvelopeSchema(record.value.schema)) return record
      const headers = addHeaders(record)
      if (!isTombstone) return changed(record, headers)
      if (!deletes.keepsTombstones) return null
      return headers === record.headers ? record : record.with({ headers })
    },
  }
}

const none: ReadonlySet<string> = new Set()

function isBlank(text: string | null): text is null {
  return text === null || text.trim() === ''
}

function rowIn(envelope: Struct, field: 'before' | 'after'): Struct | null {
  // Java's IllegalArgumentException.
  if (envelope.schema.field(field) === undefined) throw new Error(`Unknown field: ${field}`)
  return rowOf(envelope, field, purpose)
}

interface Plan {
  readonly added: readonly FoundField[]
  /** The schema of the result, by that of the row. */
  readonly before: (row: Schema) => Schema
  readonly after: (row: Schema) => Schema
}

function planFor(added: readonly FoundField[], isMarked: boolean): Plan {
  const result = (row: Schema): Schema =>
    withFields(row, [...row.fields, ...(isMarked ? [deletedField] : []), ...added])
  return { added, before: planCache(result), after: planCache(result) }
}
