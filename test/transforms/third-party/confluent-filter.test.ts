import { describe, expect, test } from 'vitest'
import { ConfigError, DataError, Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { confluentFilter } from '../../../src/transforms/third-party/confluent-filter.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const inner = SchemaBuilder.struct().optional().field('nested', Schema.OPTIONAL_STRING).build()
const schema = SchemaBuilder.struct().field('key', inner).field('n', Schema.OPTIONAL_INT64).build()
const structOf = (nested: string | null) => ({
  schema,
  value: new Struct(schema).put('key', new Struct(inner).put('nested', nested)).put('n', 5),
})
const condition = `$.key[?(@.nested == 'value1' || @.nested == "value2")]`

describe('Confluent Filter$Value', () => {
  for (const [what, value, matches] of [
    ['a map that matches', schemaless({ key: { nested: 'value2' } }), true],
    ['a map that does not', schemaless({ key: { nested: 'other' } }), false],
    ['a map without the field inside of the filter', schemaless({ key: {} }), false],
    ['a struct that matches', structOf('value1'), true],
    ['a struct that does not', structOf('other'), false],
    ['a struct whose field is null inside of the filter', structOf(null), false],
  ] as const) {
    test(`keeps or drops ${what}`, () => {
      const record = sinkRecord(value)
      const include = { 'filter.condition': condition, 'filter.type': 'include' }
      expect(configure(confluentFilter.value, include)(record)).toBe(matches ? record : null)
      const exclude = { 'filter.condition': condition, 'filter.type': 'exclude' }
      expect(configure(confluentFilter.value, exclude)(record)).toBe(matches ? null : record)
    })
  }

  for (const [what, path, value] of [
    ['a tombstone', condition, schemaless(null)],
    ['a value without the field on the way', condition, schemaless({ other: 1 })],
    ['a null on the way', condition, schemaless({ key: null })],
    ['a null at the end', '$.key', schemaless({ key: null })],
    ['a text', condition, schemaless('text')],
  ] as const) {
    test(`does what missing.or.null.behavior says with ${what}`, () => {
      const record = sinkRecord(value)
      const settings = { 'filter.condition': path, 'filter.type': 'include' }
      const apply = (behavior: string) =>
        configure(confluentFilter.value, { ...settings, 'missing.or.null.behavior': behavior })(record)
      expect(apply('include')).toBe(record)
      expect(apply('exclude')).toBeNull()
      expect(() => apply('fail')).toThrow(DataError)
      expect(() => configure(confluentFilter.value, settings)(record)).toThrow(
        `The value of a record of topic orders has nothing, or null, where filter.condition ${path} leads`,
      )
    })
  }

  for (const [settings, message] of [
    [{ 'filter.type': 'include' }, 'Missing required configuration "filter.condition"'],
    [{ 'filter.condition': '$' }, 'Missing required configuration "filter.type"'],
    [{ 'filter.condition': '$', 'filter.type': 'x' }, 'Invalid value x for configuration filter.type'],
    [
      { 'filter.condition': '$.', 'filter.type': 'include' },
      'Invalid value $. for configuration filter.condition: no valid JSONPath: a name is missing at character 3',
    ],
  ] as const) {
    test(`refuses ${JSON.stringify(settings)}`, () => {
      expect(() => configure(confluentFilter.value, settings)).toThrow(ConfigError)
      expect(() => configure(confluentFilter.value, settings)).toThrow(message)
    })
  }
})

test('Confluent Filter$Key looks at the key', () => {
  const apply = configure(confluentFilter.key, { 'filter.condition': '$.id', 'filter.type': 'include' })
  const record = sinkRecord(schemaless(null), { key: schemaless({ id: 1 }) })
  expect(apply(record)).toBe(record)
})
