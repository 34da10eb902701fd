import { describe, expect, test } from 'vitest'
import { DataError, Schema, SchemaBuilder, Struct, type Header } from '../../../src/index.ts'
import { extractChangedRecordState } from '../../../src/transforms/debezium/extract-changed-record-state.ts'
import { extractNewRecordState } from '../../../src/transforms/debezium/extract-new-record-state.ts'
import { headerToValue } from '../../../src/transforms/debezium/header-to-value.ts'
import {
  change,
  configure,
  contents,
  envelopeSchema,
  headerTexts,
  row,
  rowSchema,
  shape,
  sourceRecord,
  tombstone,
} from './support.ts'

const text = (key: string, value: string): Header => ({ key, schema: Schema.STRING, value })

describe('ExtractChangedRecordState', () => {
  const apply = configure(extractChangedRecordState, {
    'header.changed.name': 'changed',
    'header.unchanged.name': 'same',
  })

  for (const [what, record, expected] of [
    ['an update', change({ op: 'u', before: row(7, 'Ada'), after: row(7, 'Ida') }), ['name', 'id,city']],
    ['an update of nothing', change({ op: 'u', before: row(7), after: row(7) }), ['', 'id,name,city']],
    [
      'a null and the default',
      change({ op: 'u', before: row(7), after: row(7, null, 'Oslo') }),
      ['city', 'id,name'],
    ],
    ['a new row', change({ op: 'c', after: row(7) }), ['', '']],
    ['a deleted row', change({ op: 'd', before: row(7) }), ['', '']],
  ] as const) {
    test(`compares the rows of ${what}`, () => {
      expect(headerTexts(apply(record)!)).toEqual([`changed=${expected[0]}`, `same=${expected[1]}`])
      expect(headerTexts(record)).toEqual([])
    })
  }

  test('gives the list a schema of the name of its header', () => {
    const { schema } = apply(change({ op: 'c', after: row(7) }))!.headers.lastWithName('changed')!
    expect(schema).toEqual(SchemaBuilder.array(Schema.OPTIONAL_STRING).optional().name('changed').build())
  })

  test('compares bytes and nested structs by content', () => {
    const inner = SchemaBuilder.struct().field('x', Schema.INT32).build()
    const schema = SchemaBuilder.struct().field('b', Schema.BYTES).field('s', inner).optional().build()
    const with_ = (x: number) =>
      new Struct(schema).put('b', Buffer.from('ab')).put('s', new Struct(inner).put('x', x))
    expect(headerTexts(apply(change({ op: 'u', before: with_(1), after: with_(2) }))!)).toEqual([
      'changed=s',
      'same=b',
    ])
  })

  test('makes only the headers that have a name', () => {
    const record = change({ op: 'u', before: row(7), after: row(8) })
    const one = configure(extractChangedRecordState, { 'header.changed.name': 'c' })
    expect(headerTexts(one(record)!)).toEqual(['c=id'])
    expect(configure(extractChangedRecordState)(record)).toBe(record)
  })

  test('leaves what is no change event alone', () => {
    for (const record of [tombstone(), sourceRecord({ schema: rowSchema, value: row(7) })]) {
      expect(apply(record)).toBe(record)
    }
  })

  test('says that rows must be structs', () => {
    const schema = envelopeSchema(Schema.OPTIONAL_STRING)
    const value = new Struct(schema).put('op', 'c').put('after', '{}')
    expect(() => apply(sourceRecord({ schema, value }))).toThrow(
      'Only Struct objects supported for [After value should be struct.], found: java.lang.String',
    )
  })
})

describe('HeaderToValue', () => {
  const copy = (headers: string, fields: string) =>
    configure(headerToValue, { headers, fields, operation: 'copy' })
  const flat = (headers: readonly Header[]) =>
    sourceRecord({ schema: rowSchema, value: row(7, 'Ada') }, { headers })

  test('copies headers into new fields and fields that are there', () => {
    const record = flat([text('a', '1'), text('b', '2'), text('c', '3')])
    const after = copy('c, a', 'fresh, name')(record)!
    expect(shape(after.value.schema)).toBe('id:INT32 name:STRING? city:STRING? fresh:STRING')
    expect(contents(after.value.value)).toEqual({ id: 7, name: '1', city: 'Oslo', fresh: '3' })
    expect((after.value.value as Struct).schema).toBe(after.value.schema)
    expect(headerTexts(after)).toEqual(['a=1', 'b=2', 'c=3'])
  })

  test('takes the headers away when it moves them, all of that name', () => {
    const record = flat([text('a', '1'), text('b', '2'), text('a', '3')])
    const settings = { headers: 'a', fields: 'fresh', operation: 'move' }
    const after = configure(headerToValue, settings)(record)!
    expect(contents(after.value.value)).toMatchObject({ fresh: '3' })
    expect(headerTexts(after)).toEqual(['b=2'])
  })

  test('goes into what is nested, and makes structs that are missing', () => {
    const headers = [text('a', '1'), text('b', '2'), text('c', '3')]
    const record = change({ op: 'c', after: row(7, 'Ada'), headers })
    const after = copy('a,b,c', 'after.trace,meta.deep.b,meta.c')(record)!
    const struct = after.value.value as Struct
    expect(contents(struct)).toMatchObject({
      after: { id: 7, name: 'Ada', trace: '1' },
      before: null,
      meta: { deep: { b: '2' }, c: '3' },
    })
    expect(after.value.schema!.name).toBe('srv.shop.customers.Envelope')
    struct.validate()
    struct.getStruct('after')!.validate()
    struct.getStruct('meta')!.validate()
  })

  test('leaves a struct null that is null', () => {
    const record = change({ op: 'd', before: row(7), headers: [text('a', '1')] })
    const after = copy('a', 'after.trace')(record)!
    expect(contents(after.value.value)).toMatchObject({ after: null, before: { id: 7 } })
    ;(after.value.value as Struct).validate()
  })

  test('remembers the schema for each set of headers', () => {
    const apply = copy('a,b', 'x,y')
    const both = apply(flat([text('a', '1'), text('b', '2')]))!
    const one = apply(flat([text('a', '1')]))!
    expect(shape(one.value.schema)).toBe('id:INT32 name:STRING? city:STRING? x:STRING')
    expect(shape(both.value.schema)).toContain('y:STRING')
    expect(apply(flat([text('a', '9'), text('b', '8')]))!.value.schema).toBe(both.value.schema)
    const number = { key: 'a', schema: Schema.INT32, value: 1 }
    expect(shape(apply(flat([number]))!.value.schema)).toContain('x:INT32')
  })

  test('leaves records without the headers alone, and tombstones', () => {
    for (const record of [flat([]), flat([text('z', '1')]), tombstone({ headers: [text('a', '1')] })]) {
      expect(copy('a,', 'x')(record)).toBe(record)
    }
  })

  test('fails for values that are no structs, types that do not fit and ways through plain fields', () => {
    const headers = [text('a', '1')]
    expect(() => copy('a', 'x')(sourceRecord({ schema: null, value: { id: 7 } }, { headers }))).toThrow(
      'Only Struct objects supported for [Header field insertion], found: java.util.HashMap',
    )
    expect(() => copy('a', 'id')(flat(headers))).toThrow(DataError)
    expect(() => copy('a', 'id.x')(flat(headers))).toThrow(
      "Field 'id' is a primitive type, not a struct. Cannot add nested field 'id.x'.",
    )
  })

  for (const [settings, message] of [
    [{ fields: 'a', operation: 'copy' }, 'Missing required configuration "headers"'],
    [{ headers: 'a', fields: ',b', operation: 'copy' }, 'Empty string element(s) not permitted'],
    [{ headers: 'a b', fields: 'b', operation: 'copy' }, 'Element(s) containing space not permitted'],
    [{ headers: 'a', fields: 'after. b', operation: 'copy' }, 'Element(s) containing space not permitted'],
    [
      { headers: 'a,b', fields: 'b', operation: 'copy' },
      "'fields' config must have the same number of elements as 'headers' config.",
    ],
    [{ headers: 'a', fields: 'b', operation: 'x' }, 'Invalid value x for configuration operation'],
    [{ headers: 'a,b', fields: 'x.y,x', operation: 'copy' }, 'x.y for configuration fields: it lies in x'],
  ] as const) {
    test(`refuses ${JSON.stringify(settings)}`, () => {
      expect(() => configure(headerToValue, settings)).toThrow(message)
    })
  }
})

test('the three together put what changed into the row', () => {
  const changed = configure(extractChangedRecordState, { 'header.changed.name': 'changed' })
  const moved = configure(headerToValue, { headers: 'changed', fields: 'changes', operation: 'move' })
  const unwrap = configure(extractNewRecordState, { 'add.fields': 'changes' })
  for (const [before, after, names] of [
    [undefined, row(7), []],
    [row(7, 'Ada'), row(7, 'Ida'), ['name']],
  ] as const) {
    const record = change(before === undefined ? { op: 'c', after } : { op: 'u', before, after })
    const result = unwrap(moved(changed(record)!)!)!
    expect(contents(result.value.value)).toMatchObject({ id: 7, __changes: names })
    expect(headerTexts(result)).toEqual([])
  }
})
