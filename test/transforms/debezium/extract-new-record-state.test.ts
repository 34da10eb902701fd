import { describe, expect, test } from 'vitest'
import { ConfigError, DataError, Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { extractNewRecordState } from '../../../src/transforms/debezium/extract-new-record-state.ts'
import {
  change,
  configure,
  contents,
  envelopeSchema,
  headerTexts,
  key,
  row,
  rowSchema,
  shape,
  sourceRecord,
  tombstone,
} from './support.ts'

const unwrap = (settings: Record<string, string> = {}) => configure(extractNewRecordState, settings)
const created = change({ op: 'c', after: row(7, 'Ada') })
const updated = change({ op: 'u', before: row(7, 'Ada'), after: row(7, 'Ida', 'Rome') })
const deleted = change({ op: 'd', before: row(7, 'Ada') })

describe('ExtractNewRecordState', () => {
  test('makes the row after the change the value', () => {
    const after = unwrap()(updated)!
    expect(contents(after.value.value)).toEqual({ id: 7, name: 'Ida', city: 'Rome' })
    expect(after.value.schema!.name).toBe('srv.shop.customers.Value')
    expect(after.value.schema!.optional).toBe(false)
    expect((after.value.value as Struct).schema).toBe(after.value.schema)
    expect(after.key).toBe(updated.key)
    expect(after.topic).toBe(updated.topic)
    expect(after.sourceOffset).toEqual({ lsn: 1 })
  })

  test('gives records of one schema the same schema', () => {
    const apply = unwrap({ 'add.fields': 'op' })
    expect(apply(created)!.value.schema).toBe(apply(updated)!.value.schema)
  })

  test('leaves a null where the column has a default', () => {
    expect(contents(unwrap()(created)!.value.value)).toEqual({ id: 7, name: 'Ada', city: null })
  })

  for (const [what, record] of [
    ['without schema', sourceRecord({ schema: null, value: { after: { id: 7 }, op: 'c' } })],
    ['with another schema', sourceRecord({ schema: rowSchema, value: row(7) })],
    ['that is a plain text', sourceRecord({ schema: Schema.STRING, value: 'x' })],
  ] as const) {
    test(`leaves a record ${what} alone, its headers as well`, () => {
      expect(unwrap({ 'add.headers': 'op' })(record)).toBe(record)
    })
  }

  test('drops what a truncated table leaves', () => {
    expect(unwrap()(change({ op: 't' }))).toBeNull()
  })

  test('says that a row must be a struct', () => {
    const schema = envelopeSchema(Schema.OPTIONAL_STRING)
    const value = new Struct(schema).put('op', 'c').put('after', '{"_id": 1}')
    expect(() => unwrap()(sourceRecord({ schema, value }))).toThrow(
      'Only Struct objects supported for [source field insertion], found: java.lang.String',
    )
  })
})

describe('deletes', () => {
  const nullWithSchema = { value: null, schema: rowSchema }
  const wholeNull = { value: null, schema: null }
  const rewritten = { id: 7, name: 'Ada', city: 'Oslo', __deleted: 'true' }

  for (const [settings, ofDelete, keepsTombstone] of [
    [{}, nullWithSchema, false],
    [{ 'delete.tombstone.handling.mode': 'tombstone' }, nullWithSchema, false],
    [{ 'delete.tombstone.handling.mode': 'drop' }, null, false],
    [{ 'delete.tombstone.handling.mode': 'Rewrite' }, rewritten, false],
    [{ 'delete.tombstone.handling.mode': 'rewrite-with-tombstone' }, rewritten, true],
    [{ 'delete.tombstone.handling.mode': 'delete-to-tombstone' }, wholeNull, false],
    [{ 'drop.tombstones': 'false' }, null, true],
    [{ 'drop.tombstones': 'true' }, null, false],
    [{ 'delete.handling.mode': 'none' }, nullWithSchema, false],
    [{ 'delete.handling.mode': 'none', 'drop.tombstones': 'false' }, nullWithSchema, true],
    [{ 'delete.handling.mode': 'drop' }, null, false],
    [{ 'delete.handling.mode': 'rewrite', 'drop.tombstones': 'false' }, rewritten, true],
    [{ 'delete.handling.mode': 'rewrite', 'delete.tombstone.handling.mode': 'drop' }, null, false],
  ] as const) {
    test(`are handled as ${JSON.stringify(settings)} says`, () => {
      const apply = unwrap(settings)
      const after = apply(deleted)
      if (ofDelete === null) expect(after).toBeNull()
      else if ('schema' in ofDelete) expect(after!.value).toEqual(ofDelete)
      else expect(contents(after!.value.value)).toEqual(ofDelete)
      const gone = tombstone()
      expect(apply(gone)).toBe(keepsTombstone ? gone : null)
    })
  }

  test('mark the other rows as not deleted when they are rewritten', () => {
    const { value } = unwrap({ 'delete.handling.mode': 'rewrite' })(created)!
    expect(contents(value.value)).toEqual({ id: 7, name: 'Ada', city: 'Oslo', __deleted: 'false' })
    expect(shape(value.schema)).toBe('id:INT32 name:STRING? city:STRING? __deleted:STRING?')
  })

  test('leave nulls where defaults are not wanted', () => {
    const settings = { 'delete.tombstone.handling.mode': 'rewrite', 'replace.null.with.default': 'false' }
    expect(contents(unwrap(settings)(deleted)!.value.value)).toMatchObject({ city: null })
  })

  test('fail where a null may not be written back', () => {
    const strict = SchemaBuilder.struct()
      .field('n', new Schema({ type: 'INT32', default: 5 }))
      .build()
    const record = change({ op: 'c', after: new Struct(strict) })
    expect(() => unwrap()(record)).toThrow(DataError)
    const settings = { 'delete.tombstone.handling.mode': 'rewrite' }
    expect(contents(unwrap(settings)(record)!.value.value)).toEqual({ n: 5, __deleted: 'false' })
  })

  for (const name of ['delete.tombstone.handling.mode', 'delete.handling.mode']) {
    test(`refuse another word for ${name}`, () => {
      expect(() => unwrap({ [name]: 'keep' })).toThrow(
        `Invalid value keep for configuration ${name}: Value must be one of drop, `,
      )
    })
  }
})

describe('added fields', () => {
  const add = 'op, table,source.ts_ms,lsn:position,total_order,transaction.id,ts_ms,nothing.there'

  test('come from the event, its source and its transaction, null where there is none', () => {
    const { value } = unwrap({ 'add.fields': add })(created)!
    expect(shape(value.schema)).toBe(
      'id:INT32 name:STRING? city:STRING? __op:STRING? __table:STRING? __source_ts_ms:INT64? __position:INT64?' +
        ' __total_order:INT64? __transaction_id:STRING? __ts_ms:INT64?',
    )
    expect(contents(value.value)).toMatchObject({
      __op: 'c',
      __table: 'customers',
      __source_ts_ms: 1700000000123,
      __position: null,
      __total_order: null,
      __transaction_id: null,
      __ts_ms: 1700000000456,
    })
  })

  test('have what the transaction says', () => {
    const record = change({ op: 'c', after: row(7), transaction: '571' })
    expect(contents(unwrap({ 'add.fields': 'id,total_order' })(record)!.value.value)).toMatchObject({
      __id: '571',
      __total_order: 3,
    })
  })

  test('may be a whole struct, and what stands beside the structs', () => {
    const { value } = unwrap({ 'add.fields': 'source', 'add.fields.prefix': '' })(created)!
    expect(contents(value.value)).toMatchObject({ source: { connector: 'postgresql', table: 'customers' } })
    expect(value.schema!.field('source')!.schema).toBe((value.value as Struct).getStruct('source')!.schema)
  })

  test('are added to deleted rows that are kept', () => {
    const apply = unwrap({ 'add.fields': 'op', 'delete.handling.mode': 'rewrite' })
    expect(contents(apply(deleted)!.value.value)).toMatchObject({ __deleted: 'true', __op: 'd' })
  })

  test('are refused when they have two new names', () => {
    expect(() => unwrap({ 'add.fields': 'op:a:b' })).toThrow(ConfigError)
    expect(() => unwrap({ 'add.headers': 'op:a:b' })).toThrow(
      'Invalid value op:a:b for configuration add.headers: Unexpected field name: op:a:b',
    )
  })
})

describe('added headers', () => {
  const settings = { 'add.headers': 'op,source.db:database', 'add.headers.prefix': 'cdc.' }

  test('come after those that are there', () => {
    const record = change({ op: 'c', after: row(7), headers: [{ key: 'a', schema: null, value: 1 }] })
    const after = unwrap(settings)(record)!
    expect(headerTexts(after)).toEqual(['a=1', 'cdc.op=c', 'cdc.database=shop'])
    expect(after.headers.lastWithName('cdc.op')!.schema).toEqual(Schema.OPTIONAL_STRING)
    expect(headerTexts(record)).toEqual(['a=1'])
  })

  test('say of a tombstone that it is a delete', () => {
    const apply = unwrap({ ...settings, 'delete.tombstone.handling.mode': 'rewrite-with-tombstone' })
    expect(headerTexts(apply(tombstone())!)).toEqual(['cdc.op=d'])
    expect(headerTexts(apply(deleted)!)).toEqual(['cdc.op=d', 'cdc.database=shop'])
  })
})

describe('the topic', () => {
  const apply = unwrap({ 'route.by.field': 'name' })

  test('is what a column says, of deleted rows as well', () => {
    expect(apply(created)!.topic).toBe('Ada')
    expect(apply(updated)!.topic).toBe('Ida')
    expect(apply(deleted)!.topic).toBe('Ada')
  })

  test('stays where the column is null or blank', () => {
    for (const name of [null, ' ']) {
      expect(apply(change({ op: 'c', after: row(7, name) }))!.topic).toBe('srv.shop.customers')
    }
  })

  test('cannot come from a number or from no column', () => {
    expect(() => unwrap({ 'route.by.field': 'id' })(created)).toThrow("Field 'id' is not of type STRING")
    expect(() => unwrap({ 'route.by.field': 'x' })(created)).toThrow('x is not a valid field name')
  })
})

describe('fields that a header lists', () => {
  const listed = (value: unknown) => [
    { key: 'unchanged', schema: SchemaBuilder.array(Schema.STRING).build(), value },
  ]
  const withList = (value: unknown) =>
    change({ op: 'u', after: row(7, 'Ada', 'Rome'), headers: listed(value), key: key(7) })
  const settings = { 'drop.fields.header.name': 'unchanged' }

  test('are left out where they are optional', () => {
    const after = unwrap(settings)(withList(['id', 'city', 'other']))!
    expect(contents(after.value.value)).toEqual({ id: 7, name: 'Ada' })
  })

  test('are all left out where the schema need not stay compatible, of the key too if wanted', () => {
    const loose = { ...settings, 'drop.fields.keep.schema.compatible': 'false' }
    const record = withList(['id', 'city'])
    const after = unwrap(loose)(record)!
    expect(contents(after.value.value)).toEqual({ name: 'Ada' })
    expect(after.key).toBe(record.key)
    expect(contents(unwrap({ ...loose, 'drop.fields.from.key': 'true' })(record)!.key.value)).toEqual({})
  })

  test('may be added ones, but not of deletes, which get these later', () => {
    const headers = listed(['__op', 'city'])
    const apply = unwrap({ ...settings, 'add.fields': 'op', 'delete.handling.mode': 'rewrite' })
    const update = change({ op: 'u', after: row(7, 'Ada'), headers })
    expect(contents(apply(update)!.value.value)).toEqual({ id: 7, name: 'Ada', __deleted: 'false' })
    const removal = change({ op: 'd', before: row(7, 'Ada'), headers })
    expect(contents(apply(removal)!.value.value)).toEqual({
      id: 7,
      name: 'Ada',
      __deleted: 'true',
      __op: 'd',
    })
  })

  test('are none where the header is empty or missing, or the value null', () => {
    for (const record of [withList([]), created]) {
      expect(contents(unwrap(settings)(record)!.value.value)).toHaveProperty('city')
    }
    const removal = change({ op: 'd', before: row(7), headers: listed(['name']) })
    for (const mode of ['tombstone', 'delete-to-tombstone']) {
      expect(unwrap({ ...settings, 'delete.tombstone.handling.mode': mode })(removal)!.value.value).toBeNull()
    }
  })

  test('have to be a list', () => {
    const record = change({
      op: 'c',
      after: row(7),
      headers: [{ key: 'unchanged', schema: null, value: 'id' }],
    })
    expect(() => unwrap(settings)(record)).toThrow(
      'The header unchanged should list names of fields and is java.lang.String',
    )
  })
})
