import { expect, test } from 'vitest'
import { Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { bytesToString } from '../../../src/transforms/third-party/bytes-to-string.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const bytes = Buffer.from('å')
const schema = SchemaBuilder.struct()
  .name('n')
  .field('a', Schema.BYTES)
  .field('b', Schema.OPTIONAL_BYTES)
  .field('c', Schema.BYTES)
  .build()

test('makes a text of a whole value', () => {
  const apply = configure(bytesToString.value)
  expect(apply(sinkRecord(schemaless(bytes)))?.value).toEqual(schemaless('å'))
  expect(apply(sinkRecord({ schema: Schema.BYTES, value: bytes }))?.value).toEqual({
    schema: Schema.STRING,
    value: 'å',
  })
  expect(apply(sinkRecord({ schema: Schema.OPTIONAL_BYTES, value: null }))?.value).toEqual({
    schema: Schema.OPTIONAL_STRING,
    value: null,
  })
})

test('makes texts of chosen fields', () => {
  const apply = configure(bytesToString.value, { fields: 'a,b' })
  const struct = new Struct(schema).put('a', bytes).put('c', bytes)
  const after = apply(sinkRecord({ schema, value: struct }))!.value
  expect(after.schema!.fields.map(({ schema }) => schema)).toEqual([
    Schema.STRING,
    Schema.OPTIONAL_STRING,
    Schema.BYTES,
  ])
  expect(after.schema!.name).toBe('n')
  expect((after.value as Struct).get('a')).toBe('å')
  expect((after.value as Struct).get('b')).toBeNull()
  expect((after.value as Struct).get('c')).toBe(bytes)
  expect(apply(sinkRecord(schemaless({ a: bytes, c: bytes, d: 1 })))?.value.value).toEqual({
    a: 'å',
    c: bytes,
    d: 1,
  })
})

test('knows other charsets', () => {
  const apply = configure(bytesToString.key, { charset: 'ISO-8859-1' })
  const record = sinkRecord(schemaless(null), { key: schemaless(Buffer.from([0xe5])) })
  expect(apply(record)?.key.value).toBe('å')
  expect(() => configure(bytesToString.key, { charset: 'klingon' })).toThrow(
    'Invalid value klingon for configuration charset',
  )
})

test('leaves a tombstone alone and refuses what is no bytes', () => {
  const record = sinkRecord(schemaless(null))
  expect(configure(bytesToString.value)(record)).toBe(record)
  expect(() => configure(bytesToString.value)(sinkRecord(schemaless(1)))).toThrow('and is java.lang.Long')
  expect(() => configure(bytesToString.value, { fields: 'a' })(sinkRecord(schemaless({ a: 'x' })))).toThrow(
    'Field a should be bytes to become a text, and is java.lang.String',
  )
})
