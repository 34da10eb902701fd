/**
 * ExtractNewDocumentState makes the document out of a change event of MongoDB, whose JSON becomes data with the schema
 * that it seems to have. The key becomes a struct with the id. Records that are no such events pass as they are.
 *
 * Same settings and results as io.debezium.connector.mongodb.transforms.ExtractNewDocumentState, except that a null
 * goes with every type in an array, and that documents in an array may have nested documents that differ.
 */
import {
  boolean,
  configDef,
  DataError,
  defineTransform,
  nothing,
  SchemaBuilder,
  string,
  type ConnectRecord,
  type Schema,
  type SchemaAndValue,
  type SettingsOf,
  type Struct,
  type Transform,
} from '../../index.ts'
import { flatten } from '../flatten.ts'
import { schemaCache } from '../schema-cache.ts'
import { requireStruct } from '../requirements.ts'
import { addedFieldsFields, addedFound, headerAdder } from './added-fields.ts'
import { readBson, readDocument, type Bson } from './bson.ts'
import { fieldsOf, structOf, type BsonOptions } from './bson-data.ts'
import { choice } from './choice.ts'
import { deleteHandling, deleteHandlingFields } from './delete-handling.ts'
import { isEnvelopeSchema, isMissing } from './envelope.ts'
import { fieldReferences } from './field-reference.ts'
import { adjustmentMode, nameAdjuster } from './name-adjuster.ts'

const purpose = 'source field insertion'

const fields = {
  ...deleteHandlingFields,
  'delete.tombstone.handling.mode.rewrite-with-id': boolean({
    importance: 'low',
    default: false,
    doc: 'Whether a rewritten delete event that has no document before it gets the id as _id.',
  }),
  'array.encoding': string({
    importance: 'medium',
    default: 'array',
    validate: choice('array', 'document'),
    doc: 'What arrays become: array, whose elements have to be of one type, or document, a struct with fields _0, _1 and so on.',
  }),
  'flatten.struct': boolean({
    importance: 'low',
    default: false,
    doc: 'Whether nested fields are lifted to the outermost level.',
  }),
  'flatten.struct.delimiter': string({
    importance: 'low',
    default: '_',
    doc: 'What stands between the names on the path of a lifted field.',
  }),
  ...addedFieldsFields,
  'field.name.adjustment.mode': adjustmentMode(
    'What happens to the names of fields, and to every step of the name of the schema. Where it is not none, empty arrays become null.',
  ),
}

export const extractNewDocumentState = defineTransform({
  name: 'io.debezium.connector.mongodb.transforms.ExtractNewDocumentState',
  doc: 'Makes the document out of a change event of MongoDB.',
  config: configDef(fields),
  create,
})

function create(settings: SettingsOf<typeof fields>): Transform {
  const deletes = deleteHandling(settings)
  const isMarked = deletes.onDelete === 'rewrite'
  const withId = settings['delete.tombstone.handling.mode.rewrite-with-id']
  const addHeaders = headerAdder(
    fieldReferences('add.headers', settings['add.headers'], settings['add.headers.prefix']),
  )
  const addedOf = addedFound(
    fieldReferences('add.fields', settings['add.fields'], settings['add.fields.prefix']),
  )
  const delimiter = settings['flatten.struct.delimiter']
  const flat = settings['flatten.struct'] ? flatten.value.create({ delimiter }) : null
  const mode = settings['field.name.adjustment.mode']
  const adjustSchema = nameAdjuster(mode, 'schema')
  const options: BsonOptions = {
    arraysAsDocuments: settings['array.encoding'].toLowerCase() === 'document',
    emptyArraysAsNull: mode.toLowerCase() !== 'none',
    fieldName: nameAdjuster(mode, 'field'),
  }
  const shared = { key: schemaCache((schema) => schema), value: schemaCache((schema) => schema) }

  function keyOf(id: Bson): SchemaAndValue {
    const members = new Map([['id', id]])
    const schema = shared.key(structSchema(null, fieldsOf(members, null, options)))
    return { schema, value: structOf(members, schema, options) }
  }

  function valueOf(members: ReadonlyMap<string, Bson>, envelope: Struct): SchemaAndValue {
    const added = addedOf(envelope.schema)
    const name = schemaName(envelope.schema.name!, adjustSchema)
    const own = fieldsOf(members, name, options)
    const schema = shared.value(
      structSchema(name, [...own, ...added.map((field) => [field.name, field.schema] as const)]),
    )
    const value = structOf(members, schema, options)
    for (const { name, read } of added) value.put(name, read(envelope))
    return { schema, value }
  }

  /** The document after the change, or for a delete what the settings say; null leaves nothing of it. */
  function documentOf(envelope: Struct, id: Bson): Map<string, Bson> | 'drop' | null {
    const after = textIn(envelope, 'after')
    const update = structIn(envelope, 'updateDescription')
    const isDelete = after === null && update === null
    if (isDelete && deletes.onDelete === 'drop') return 'drop'
    const text = isDelete && isMarked ? textIn(envelope, 'before') : after
    const members =
      text !== null ? readDocument(text) : update !== null ? updated(update, id) : new Map<string, Bson>()
    if (isMarked) {
      members.set('__deleted', readBson(String(isDelete)))
      if (withId && !members.has('_id')) members.set('_id', id)
    }
    return members.size === 0 ? null : members
  }

  /** What an update says where the whole document is not there. */
  function updated(update: Struct, id: Bson): Map<string, Bson> {
    const set = textIn(update, 'updatedFields')
    const members = set === null ? new Map<string, Bson>() : readDocument(set)
    for (const field of (update.get('removedFields') ?? []) as string[]) members.delete(field)
    if (!members.has('_id')) members.set('_id', id)
    if (flat === null) return members
    return new Map(Array.from(members, ([name, node]) => [name.replaceAll('.', delimiter), node]))
  }

  return {
    apply<R extends ConnectRecord>(record: R): R | null {
      if (!(record.key.schema?.name?.endsWith('.Key') ?? false)) return record
      const isTombstone = isMissing(record.value.value)
      if (!isTombstone && !isEnvelopeSchema(record.value.schema)) return record
      if (isTombstone && !deletes.keepsTombstones) return null
      const id = readBson(idIn(record.key))
      const envelope = isTombstone ? null : requireStruct(record.value, purpose)
      const members = envelope === null ? null : documentOf(envelope, id)
      if (members === 'drop') return null
      const value = members === null ? nothing : valueOf(members, envelope!)
      const changed = record.with({ key: keyOf(id), value, headers: addHeaders(record) })
      return flat === null ? changed : (flat.apply(changed) as R)
    },
  }
}

function structSchema(name: string | null, fields: readonly (readonly [string, Schema])[]): Schema {
  const builder = SchemaBuilder.struct().name(name)
  for (const [field, schema] of fields) builder.field(field, schema)
  return builder.build()
}

/** That of the envelope without its end, each step made one that Avro accepts if wanted. */
function schemaName(envelope: string, adjust: (name: string) => string): string {
  return envelope.slice(0, -'.Envelope'.length).split('.').map(adjust).join('.')
}

/** The id as JSON. */
function idIn(key: SchemaAndValue): string {
  const id = requireStruct(key, 'field extraction').get('id')
  if (!isMissing(id)) return String(id)
  throw new DataError('The key of a change event of MongoDB has no id')
}

function textIn(struct: Struct, field: string): string | null {
  return struct.schema.field(field) === undefined ? null : struct.getString(field)
}

function structIn(struct: Struct, field: string): Struct | null {
  return struct.schema.field(field) === undefined ? null : struct.getStruct(field)
}
