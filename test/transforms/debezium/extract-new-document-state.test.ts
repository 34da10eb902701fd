import { describe, expect, test } from 'vitest'
import {
  DataError,
  nothing,
  optionalTimestampSchema,
  Schema,
  SchemaBuilder,
  Struct,
  type SchemaAndValue,
} from '../../../src/index.ts'
import { readBson } from '../../../src/transforms/debezium/bson.ts'
import { extractNewDocumentState } from '../../../src/transforms/debezium/extract-new-document-state.ts'
import { configure, contents, headerTexts, shape, sourceRecord, sourceSchema } from './support.ts'

const updateSchema = SchemaBuilder.struct()
  .field('removedFields', SchemaBuilder.array(Schema.STRING).optional().build())
  .field('updatedFields', Schema.OPTIONAL_STRING)
  .optional()
  .build()
const envelope = SchemaBuilder.struct()
  .name('srv.shop.customers.Envelope')
  .field('before', Schema.OPTIONAL_STRING)
  .field('after', Schema.OPTIONAL_STRING)
  .field('updateDescription', updateSchema)
  .field('source', sourceSchema)
  .field('op', Schema.OPTIONAL_STRING)
  .field('ts_ms', Schema.OPTIONAL_INT64)
  .build()
const keySchema = SchemaBuilder.struct().name('srv.shop.customers.Key').field('id', Schema.STRING).build()
const key = (id: string): SchemaAndValue => ({
  schema: keySchema,
  value: new Struct(keySchema).put('id', id),
})

interface MongoChange {
  readonly op: string
  readonly before?: string
  readonly after?: string
  readonly updated?: string
  readonly removed?: readonly string[]
  readonly id?: string
}

function change({ op, before, after, updated, removed, id = '{"$oid": "5f1"}' }: MongoChange) {
  const source = new Struct(sourceSchema)
    .put('connector', 'mongodb')
    .put('db', 'shop')
    .put('table', 'x')
    .put('ts_ms', 5)
  const value = new Struct(envelope).put('op', op).put('source', source)
  if (before !== undefined) value.put('before', before)
  if (after !== undefined) value.put('after', after)
  if (updated !== undefined || removed !== undefined) {
    const update = new Struct(updateSchema)
    if (updated !== undefined) update.put('updatedFields', updated)
    if (removed !== undefined) update.put('removedFields', removed)
    value.put('updateDescription', update)
  }
  return sourceRecord({ schema: envelope, value }, { key: key(id) })
}

const unwrap = (settings: Record<string, string> = {}) => configure(extractNewDocumentState, settings)
const created = (after: string, settings: Record<string, string> = {}) =>
  unwrap(settings)(change({ op: 'c', after }))!.value
const plain = (value: unknown): unknown =>
  value instanceof Struct
    ? Object.fromEntries(value.schema.fields.map(({ name, index }) => [name, plain(value.at(index))]))
    : Array.isArray(value)
      ? value.map(plain)
      : value

describe('ExtractNewDocumentState', () => {
  test('makes the document the value and the id the key', () => {
    const after = unwrap()(
      change({ op: 'c', after: '{"_id": {"$oid": "5f1"}, "name": "Ada", "n": {"x": 1}}' }),
    )!
    expect(shape(after.key.schema)).toBe('id:STRING?')
    expect(contents(after.key.value)).toEqual({ id: '5f1' })
    expect(after.value.schema!.name).toBe('srv.shop.customers')
    expect(shape(after.value.schema)).toBe('_id:STRING? name:STRING? n:STRUCT?')
    expect(after.value.schema!.field('n')!.schema.name).toBe('srv.shop.customers.n')
    expect(contents(after.value.value)).toEqual({ _id: '5f1', name: 'Ada', n: { x: 1 } })
  })

  test('gives documents that look alike the same schema', () => {
    const apply = unwrap()
    const [a, b] = ['{"a": 1}', '{"a": 2}'].map((after) => apply(change({ op: 'c', after }))!)
    expect(a!.value.schema).toBe(b!.value.schema)
    expect(a!.key.schema).toBe(b!.key.schema)
    expect((b!.value.value as Struct).schema).toBe(b!.value.schema)
  })

  test('leaves alone what is no event of MongoDB', () => {
    for (const record of [
      sourceRecord({ schema: Schema.STRING, value: 'x' }, { key: key('1') }),
      sourceRecord({ schema: null, value: {} }, { key: key('1') }),
      sourceRecord(change({ op: 'c', after: '{}' }).value, { key: nothing }),
    ]) {
      expect(unwrap({ 'add.headers': 'op' })(record)).toBe(record)
    }
  })

  test('takes changed fields where the document is not there', () => {
    const record = change({ op: 'u', updated: '{"a.b": 5, "gone": 1, "c": "x"}', removed: ['gone'], id: '7' })
    expect(contents(unwrap()(record)!.value.value)).toEqual({ 'a.b': 5, 'c': 'x', '_id': 7 })
    expect(contents(unwrap({ 'flatten.struct': 'true' })(record)!.value.value)).toEqual({
      a_b: 5,
      c: 'x',
      _id: 7,
    })
  })

  test('lifts nested fields if wanted', () => {
    const settings = { 'flatten.struct': 'true', 'flatten.struct.delimiter': '-' }
    expect(contents(created('{"a": {"b": {"c": 1}}, "d": 2}', settings).value)).toEqual({
      'a-b-c': 1,
      'd': 2,
    })
  })

  test('adds fields and headers', () => {
    const apply = unwrap({ 'add.fields': 'op,source.ts_ms,nothing.there', 'add.headers': 'op' })
    const after = apply(change({ op: 'c', after: '{"a": 1}' }))!
    expect(contents(after.value.value)).toEqual({ a: 1, __op: 'c', __source_ts_ms: 5 })
    expect(headerTexts(after)).toEqual(['__op=c'])
  })

  test('adjusts names for Avro, and empty arrays', () => {
    const settings = { 'field.name.adjustment.mode': 'avro' }
    const { schema, value } = created('{"1-a": {"b.c": 1}, "l": []}', settings)
    expect(plain(value)).toEqual({ _1_a: { b_c: 1 }, l: null })
    expect(schema!.field('_1_a')!.schema.name).toBe('srv.shop.customers._1_a')
  })
})

describe('deletes of documents', () => {
  const deleted = change({ op: 'd', before: '{"_id": {"$oid": "5f1"}, "a": 1}' })
  const withoutBefore = change({ op: 'd' })
  const tombstone = sourceRecord(nothing, { key: key('{"$oid": "5f1"}') })
  const mode = (mode: string) => ({ 'delete.tombstone.handling.mode': mode })

  for (const [settings, ofDelete, keepsTombstone] of [
    [{}, null, false],
    [mode('delete-to-tombstone'), null, false],
    [mode('drop'), 'dropped', false],
    [mode('rewrite'), { _id: '5f1', a: 1, __deleted: true }, false],
    [mode('rewrite-with-tombstone'), { _id: '5f1', a: 1, __deleted: true }, true],
    [{ 'drop.tombstones': 'false', 'delete.handling.mode': 'none' }, null, true],
  ] as const) {
    test(`are handled as ${JSON.stringify(settings)} says`, () => {
      const apply = unwrap(settings)
      const after = apply(deleted)
      if (ofDelete === 'dropped') expect(after).toBeNull()
      else if (ofDelete === null) expect(after!.value).toEqual(nothing)
      else expect(contents(after!.value.value)).toEqual(ofDelete)
      const gone = apply(tombstone)
      expect(gone !== null).toBe(keepsTombstone)
      if (gone !== null) expect([contents(gone.key.value), gone.value]).toEqual([{ id: '5f1' }, nothing])
    })
  }

  test('mark other documents and may get the id', () => {
    expect(plain(created('{"a": 1}', mode('rewrite')).value)).toEqual({ a: 1, __deleted: false })
    expect(plain(unwrap(mode('rewrite'))(withoutBefore)!.value.value)).toEqual({ __deleted: true })
    const withId = { ...mode('rewrite'), 'delete.tombstone.handling.mode.rewrite-with-id': 'true' }
    expect(plain(unwrap(withId)(withoutBefore)!.value.value)).toEqual({ __deleted: true, _id: '5f1' })
  })
})

describe('types of MongoDB', () => {
  for (const [json, schema, value] of [
    ['null', Schema.OPTIONAL_STRING, null],
    ['"x"', Schema.OPTIONAL_STRING, 'x'],
    ['true', Schema.OPTIONAL_BOOLEAN, true],
    ['5', Schema.OPTIONAL_INT32, 5],
    ['-5000000000', Schema.OPTIONAL_INT64, -5000000000],
    ['5.0', Schema.OPTIONAL_FLOAT64, 5],
    ['-Infinity', Schema.OPTIONAL_FLOAT64, -Infinity],
    ['{"$oid": "5f1"}', Schema.OPTIONAL_STRING, '5f1'],
    ['{"$numberInt": "5"}', Schema.OPTIONAL_INT32, 5],
    ['{"$numberLong": "9007199254740993"}', Schema.OPTIONAL_INT64, 9007199254740993n],
    ['{"$numberDouble": "NaN"}', Schema.OPTIONAL_FLOAT64, Number.NaN],
    ['{"$numberDecimal": "1.50"}', Schema.OPTIONAL_STRING, '1.50'],
    ['{"$date": 1393804800000}', optionalTimestampSchema, 1393804800000],
    ['{"$date": {"$numberLong": "-5"}}', optionalTimestampSchema, -5],
    ['{"$date": "2014-03-03T00:00:00Z"}', optionalTimestampSchema, 1393804800000],
    ['{"$timestamp": {"t": 5, "i": 2}}', optionalTimestampSchema, 5000],
    ['{"$binary": "aGk=", "$type": "00"}', Schema.OPTIONAL_BYTES, Buffer.from('hi')],
    ['{"$binary": {"base64": "aGk=", "subType": "00"}}', Schema.OPTIONAL_BYTES, Buffer.from('hi')],
    [
      '{"$uuid": "00112233-4455-6677-8899-aabbccddeeff"}',
      Schema.OPTIONAL_BYTES,
      Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
    ],
    ['{"$code": "x()"}', Schema.OPTIONAL_STRING, 'x()'],
  ] as const) {
    test(json, () => {
      const { schema: result, value: struct } = created(`{"v": ${json}}`)
      expect(result!.field('v')!.schema).toEqual(schema)
      expect((struct as Struct).get('v')).toEqual(value)
    })
  }

  for (const [json, value] of [
    ['{"$regex": "a.*", "$options": "i"}', { regex: 'a.*', options: 'i' }],
    ['{"$regularExpression": {"pattern": "a", "options": ""}}', { regex: 'a', options: '' }],
    ['{"$code": "x()", "$scope": {"y": 1}}', { code: 'x()', scope: { y: 1 } }],
    ['{"$ref": "coll", "$id": 5}', { $ref: 'coll', $id: 5 }],
    ['{}', {}],
  ] as const) {
    test(json, () => expect(plain(created(`{"v": ${json}}`).value)).toEqual({ v: value }))
  }

  test('undefined is left out', () => {
    expect(plain(created('{"a": {"$undefined": true}, "b": 1}').value)).toEqual({ b: 1 })
  })

  for (const json of ['{"$minKey": 1}', '{"$date": "soon"}', '{"$oid": {}}', '99999999999999999999']) {
    test(`${json} is refused`, () => expect(() => readBson(json)).toThrow(DataError))
  }

  test('what is no document is refused', () => {
    expect(() => created('5')).toThrow('Not a document of MongoDB: 5')
    expect(() => created('{"a": NaN')).toThrow(SyntaxError)
  })
})

describe('arrays', () => {
  test('have one type of elements, in documents all fields that any of them has', () => {
    const { schema, value } = created(
      '{"l": [1, null, 2], "m": [[1], [2]], "e": [], "o": [{"a": 1}, {"b": {"x": 1}}, {"b": {"y": "z"}}]}',
    )
    expect(plain(value)).toEqual({
      l: [1, null, 2],
      m: [[1], [2]],
      e: [],
      o: [
        { a: 1, b: null },
        { a: null, b: { x: 1, y: null } },
        { a: null, b: { x: null, y: 'z' } },
      ],
    })
    const element = schema!.field('o')!.schema.valueSchema!
    expect([element.name, element.optional]).toEqual(['srv.shop.customers.o', true])
    expect(schema!.field('e')!.schema.valueSchema).toEqual(Schema.OPTIONAL_STRING)
  })

  for (const array of ['[1, "x"]', '[{"a": 1}, {"a": "x"}]', '[{}, 1]', '[[1], 2]']) {
    test(`of mixed types are refused: ${array}`, () => {
      expect(() => created(`{"l": ${array}}`)).toThrow(
        'Array elements with different Bson types are not supported: srv.shop.customers.l',
      )
    })
  }

  test('may be structs, whose elements may differ', () => {
    const settings = { 'array.encoding': 'Document' }
    const { schema, value } = created('{"l": [1, {"a": "x"}, [true], {"a": 2}], "e": []}', settings)
    expect(plain(value)).toEqual({ l: { _0: 1, _1: { a: 'x' }, _2: { _0: true }, _3: { a: 2 } }, e: {} })
    expect(schema!.field('l')!.schema.name).toBe('srv.shop.customers.l')
    expect(schema!.field('l')!.schema.field('_1')!.schema.name).toBe('srv.shop.customers.l._1')
  })
})
