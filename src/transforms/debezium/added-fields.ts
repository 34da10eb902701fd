import { Headers, list, Schema, string, type ConnectRecord, type Header } from '../../index.ts'
import { planCache } from '../plan-cache.ts'
import { requireStruct } from '../requirements.ts'
import { isMissing } from './envelope.ts'
import type { FieldReference, FoundField } from './field-reference.ts'

export const addedFieldsFields = {
  'add.fields': list({
    importance: 'low',
    default: [],
    doc: 'Fields of the change event that the row gets as well, where the event has them: op, ts_ms, those of source and transaction by their plain names, or with the struct as in source.ts_ms. A name of its own follows a colon: op:OPERATION.',
  }),
  'add.fields.prefix': string({
    importance: 'low',
    default: '__',
    doc: 'What the names of added fields begin with.',
  }),
  'add.headers': list({
    importance: 'low',
    default: [],
    doc: 'Fields of the change event that become headers, written as in add.fields. Tombstones get op only.',
  }),
  'add.headers.prefix': string({
    importance: 'low',
    default: '__',
    doc: 'What the names of added headers begin with.',
  }),
}

/** Those of the referenced fields that envelopes of a schema have. */
export function addedFound(
  references: readonly FieldReference[],
): (envelope: Schema) => readonly FoundField[] {
  return planCache((envelope) =>
    references.map((reference) => reference.find(envelope)).filter((field) => field !== null),
  )
}

/** The headers of a record and after them the referenced fields. A tombstone gets the operation only. */
export function headerAdder(references: readonly FieldReference[]): (record: ConnectRecord) => Headers {
  if (references.length === 0) return ({ headers }) => headers
  const found = addedFound(references)
  const ofTombstone: readonly Header[] = references
    .filter(({ isOperation }) => isOperation)
    .map(({ name }) => ({ key: name, schema: Schema.STRING, value: 'd' }))

  return ({ headers, value }) => {
    if (isMissing(value.value)) {
      return ofTombstone.length === 0 ? headers : Headers.of([...headers, ...ofTombstone])
    }
    const envelope = requireStruct(value, 'source field insertion')
    const added = found(envelope.schema).map(({ name, schema, read }) => ({
      key: name,
      schema,
      value: read(envelope),
    }))
    return Headers.of([...headers, ...added])
  }
}
