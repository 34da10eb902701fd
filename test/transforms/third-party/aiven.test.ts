import { describe, expect, test } from 'vitest'
import { Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { caseTransform } from '../../../src/transforms/third-party/case-transform.ts'
import { filterByFieldValue } from '../../../src/transforms/third-party/filter-by-field-value.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const schema = SchemaBuilder.struct()
  .field('name', Schema.OPTIONAL_STRING)
  .field('n', Schema.INT64)
  .field('on', Schema.BOOLEAN)
  .build()
const struct = (name: string | null = 'Ann') => ({
  schema,
  value: new Struct(schema).put('name', name).put('n', 42).put('on', true),
})
const map = (name: string | null = 'Ann') => schemaless({ name, n: 42, on: true })

describe('FilterByFieldValue', () => {
  for (const [settings, matches] of [
    [{ 'field.name': 'name', 'field.value': 'Ann' }, true],
    [{ 'field.name': 'name', 'field.value': 'ann' }, false],
    [{ 'field.name': 'n', 'field.value': '42' }, true],
    [{ 'field.name': 'n', 'field.value': '43' }, false],
    [{ 'field.name': 'on', 'field.value': 'true' }, true],
    [{ 'field.name': 'name', 'field.value.pattern': 'n+$' }, true],
    [{ 'field.name': 'name', 'field.value.pattern': '^n' }, false],
    [{ 'field.name': 'n', 'field.value.pattern': '^4' }, true],
    [{ 'field.name': 'missing', 'field.value.pattern': '.' }, false],
    [{ 'field.name': 'missing', 'field.value': 'x' }, false],
  ] as const) {
    test(`${JSON.stringify(settings)} matches: ${matches}`, () => {
      for (const value of [struct(), map()]) {
        const record = sinkRecord(value)
        expect(configure(filterByFieldValue.value, settings)(record)).toBe(matches ? record : null)
        const others = { ...settings, 'field.value.matches': 'false' }
        expect(configure(filterByFieldValue.value, others)(record)).toBe(matches ? null : record)
      }
    })
  }

  test('looks at the whole key without field.name', () => {
    const record = sinkRecord(map())
    expect(configure(filterByFieldValue.key, { 'field.value': 'k' })(record)).toBe(record)
    expect(configure(filterByFieldValue.key, { 'field.value': 'x' })(record)).toBeNull()
  })

  test('leaves a tombstone alone', () => {
    const record = sinkRecord(schemaless(null))
    expect(configure(filterByFieldValue.value, { 'field.value': 'x' })(record)).toBe(record)
  })

  test('wants a value or a pattern, not both', () => {
    const message = 'Either field.value or field.value.pattern have to be set to apply filter transform'
    expect(() => configure(filterByFieldValue.value, {})).toThrow(message)
    const both = { 'field.value': 'x', 'field.value.pattern': 'x' }
    expect(() => configure(filterByFieldValue.value, both)).toThrow(message)
  })
})

describe('CaseTransform', () => {
  for (const [wanted, name] of [
    ['upper', 'ANN'],
    ['LOWER', 'ann'],
  ] as const) {
    test(`writes ${wanted} case and leaves the other fields alone`, () => {
      const apply = configure(caseTransform.value, { 'field.names': 'name,missing', 'case': wanted })
      expect(apply(sinkRecord(map()))?.value.value).toEqual({ name, n: 42, on: true })
      expect(String(apply(sinkRecord(struct()))?.value.value)).toBe(`Struct{name=${name},n=42,on=true}`)
    })
  }

  test('leaves nulls', () => {
    const apply = configure(caseTransform.value, { 'field.names': 'name', 'case': 'upper' })
    expect(apply(sinkRecord(map(null)))?.value.value).toEqual({ name: null, n: 42, on: true })
    expect(String(apply(sinkRecord(struct(null)))?.value.value)).toBe('Struct{n=42,on=true}')
  })

  test('fails for a tombstone and for a text', () => {
    const apply = configure(caseTransform.value, { 'field.names': 'name', 'case': 'upper' })
    expect(() => apply(sinkRecord(schemaless(null)))).toThrow("value Value can't be null")
    expect(() => apply(sinkRecord(schemaless('x')))).toThrow('Value type must be STRUCT or MAP')
  })
})
