import { expect, test } from 'vitest'
import { Schema } from '../../src/index.ts'
import { valueToKey } from '../../src/transforms/value-to-key.ts'
import { configure, contents, schemaless, shape, sinkRecord, structOf } from './configure.ts'

const apply = configure(valueToKey, { fields: 'b,a' })

test('makes a struct of fields of a struct, in the order of the setting', () => {
  const value = structOf({ a: [Schema.INT8, 1], b: [Schema.OPTIONAL_STRING, null], c: [Schema.INT8, 3] })
  const { key } = apply(sinkRecord({ value }))
  expect(shape(key.schema)).toBe('b:STRING? a:INT8')
  expect(contents(key)).toEqual({ b: null, a: 1 })
  expect(apply(sinkRecord({ value })).key.schema).toBe(key.schema)
})

test('makes a map of members of a map, null where there is none', () => {
  const { key, value } = apply(sinkRecord({ key: schemaless('old'), value: schemaless({ a: 1, c: 3 }) }))
  expect(key).toEqual(schemaless({ b: null, a: 1 }))
  expect(value.value).toEqual({ a: 1, c: 3 })
})

test('takes __proto__ for a name like any other', () => {
  const value = schemaless(JSON.parse('{"__proto__": 5}'))
  const { key } = configure(valueToKey, { fields: '__proto__,constructor' })(sinkRecord({ value }))
  expect(JSON.stringify(key.value)).toBe('{"__proto__":5,"constructor":null}')
})

test('says which field is not there', () => {
  const record = sinkRecord({ value: structOf({ a: [Schema.INT8, 1] }) })
  expect(() => apply(record)).toThrow('Field does not exist: b')
})

test('refuses a tombstone and a field given twice', () => {
  expect(() => apply(sinkRecord({}))).toThrow('[copying fields from value to key], found: null')
  const twice = configure(valueToKey, { fields: 'a,a' })
  expect(() => twice(sinkRecord({ value: structOf({ a: [Schema.INT8, 1] }) }))).toThrow(
    'field name duplication a',
  )
})
