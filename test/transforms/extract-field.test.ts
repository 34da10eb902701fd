import { describe, expect, test } from 'vitest'
import { Schema, SchemaBuilder } from '../../src/index.ts'
import { extractField } from '../../src/transforms/extract-field.ts'
import { configure, onValue, schemaless, sinkRecord, structOf } from './configure.ts'

describe('ExtractField$Value', () => {
  const inner = structOf({ b: [Schema.INT8, 7] })
  const nested = structOf({ 'a': [inner.schema!, inner.value], 'a.b': [Schema.STRING, 'dotted'] })

  test('takes a field with its schema', () => {
    expect(onValue(extractField.value, { field: 'a.b' })(nested)).toEqual({
      schema: Schema.STRING,
      value: 'dotted',
    })
  })

  test('follows a path when the syntax is V2', () => {
    const apply = onValue(extractField.value, { 'field': 'a.b', 'field.syntax.version': 'v2' })
    expect(apply(nested)).toEqual({ schema: Schema.INT8, value: 7 })
    expect(apply(schemaless({ a: { b: 7 } }))).toEqual(schemaless(7))
    expect(apply(schemaless({ a: null }))).toEqual(schemaless(null))
    expect(() => apply(schemaless({ a: 'text' }))).toThrow(
      'for [nested field access], found: java.lang.String',
    )
  })

  test('gives the schema of the field for a null struct', () => {
    const apply = onValue(extractField.value, { 'field': 'a.b', 'field.syntax.version': 'V2' })
    expect(apply({ schema: nested.schema, value: null })).toEqual({ schema: Schema.INT8, value: null })
  })

  test('knows a field that is not there only with a schema', () => {
    const apply = onValue(extractField.value, { field: 'zz' })
    expect(apply(schemaless({ a: 1 }))).toEqual(schemaless(null))
    expect(() => apply({ schema: nested.schema, value: null })).toThrow('Unknown field: zz')
  })

  for (const [replace, value] of [
    ['true', 'd'],
    ['false', null],
  ] as const) {
    test(`reads a null with default as ${value} when replace.null.with.default is ${replace}`, () => {
      const withDefault = new SchemaBuilder('STRING').optional().default('d').build()
      const apply = onValue(extractField.value, { 'field': 'f', 'replace.null.with.default': replace })
      expect(apply(structOf({ f: [withDefault, null] })).value).toBe(value)
    })
  }

  test('refuses another syntax and a path that ends within backticks', () => {
    expect(() => configure(extractField.value, { 'field': 'a', 'field.syntax.version': 'V3' })).toThrow(
      'String must be one of (case insensitive): V1, V2',
    )
    expect(() =>
      configure(extractField.value, { 'field': 'foo.`bar', 'field.syntax.version': 'V2' }),
    ).toThrow(
      'Incomplete backtick pair in path: [foo.`bar], consider adding a backslash before backtick at position 4 to escape it',
    )
  })
})

test('ExtractField$Key works on the key', () => {
  const apply = configure(extractField.key, { field: 'a' })
  expect(apply(sinkRecord({ key: schemaless({ a: 1 }) })).key).toEqual(schemaless(1))
})
