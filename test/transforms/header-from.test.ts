import { describe, expect, test } from 'vitest'
import { Schema } from '../../src/index.ts'
import { headerFrom } from '../../src/transforms/header-from.ts'
import { configure, contents, headerTexts, schemaless, shape, sinkRecord, structOf } from './configure.ts'

const settings = (operation: string) => ({ fields: 'a,c', headers: 'h1,h2', operation })
const struct = () =>
  structOf({ a: [Schema.STRING, 'x'], b: [Schema.INT8, 1], c: [Schema.OPTIONAL_STRING, null] })

describe('HeaderFrom$Value', () => {
  test('moves fields of a struct', () => {
    const record = configure(headerFrom.value, settings('move'))(sinkRecord({ value: struct() }))
    expect(headerTexts(record)).toEqual(['h1=x', 'h2=null'])
    expect(shape(record.value.schema)).toBe('b:INT8')
    expect(contents(record.value)).toEqual({ b: 1 })
    expect(record.headers.lastWithName('h1')?.schema).toBe(Schema.STRING)
  })

  test('copies fields of a struct', () => {
    const value = struct()
    const record = configure(headerFrom.value, settings('copy'))(sinkRecord({ value }))
    expect(headerTexts(record)).toEqual(['h1=x', 'h2=null'])
    expect(record.value).toBe(value)
  })

  test('moves members of a map, and makes null of absent ones', () => {
    const value = schemaless({ a: 1, b: 2 })
    const record = configure(headerFrom.value, settings('move'))(sinkRecord({ value }))
    expect(headerTexts(record)).toEqual(['h1=1', 'h2=null'])
    expect(record.value.value).toEqual({ b: 2 })
    expect(value.value).toEqual({ a: 1, b: 2 })
  })

  test('keeps a header of the same name', () => {
    const headers = [{ key: 'h1', schema: null, value: 'old' }]
    const record = sinkRecord({ headers, value: schemaless({ a: 1 }) })
    expect(headerTexts(configure(headerFrom.value, settings('copy'))(record))).toEqual([
      'h1=old',
      'h1=1',
      'h2=null',
    ])
  })

  test('refuses a tombstone', () => {
    expect(() => configure(headerFrom.value, settings('copy'))(sinkRecord({}))).toThrow(
      'Only Map objects supported in absence of schema for [header copy], found: null',
    )
  })

  test('refuses lists of different length, and another operation', () => {
    expect(() => configure(headerFrom.value, { ...settings('move'), headers: 'h1' })).toThrow(
      "'fields' config must have the same number of elements as 'headers' config.",
    )
    expect(() => configure(headerFrom.value, settings('Move'))).toThrow('String must be one of: move, copy')
  })
})

test('HeaderFrom$Key takes the fields from the key', () => {
  const record = configure(headerFrom.key, settings('move'))(sinkRecord({ key: struct() }))
  expect(shape(record.key.schema)).toBe('b:INT8')
})
