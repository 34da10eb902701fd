import { describe, expect, test } from 'vitest'
import { Schema, SchemaBuilder, Struct, type SchemaAndValue } from '../../src/index.ts'
import { setSchemaMetadata } from '../../src/transforms/set-schema-metadata.ts'
import { configure, contents, onValue, schemaless, sinkRecord } from './configure.ts'

const optional = new SchemaBuilder('STRING').optional().default('d').build()
const schema = SchemaBuilder.struct().name('n').version(1).doc('D').optional().field('f', optional).build()
const struct: SchemaAndValue = { schema, value: new Struct(schema) }

describe('SetSchemaMetadata$Value', () => {
  for (const { settings, name, version } of [
    { settings: { 'schema.name': 'x' }, name: 'x', version: 1 },
    { settings: { 'schema.version': '9' }, name: 'n', version: 9 },
    { settings: { 'schema.name': 'x', 'schema.version': '9' }, name: 'x', version: 9 },
  ]) {
    test(`sets ${Object.keys(settings).join(' and ')} and keeps the rest`, () => {
      const changed = onValue(setSchemaMetadata.value, settings)(struct)
      expect(changed.schema).toMatchObject({ name, version, doc: 'D', optional: true })
      expect((changed.value as Struct).schema).toBe(changed.schema)
    })
  }

  for (const [replace, value] of [
    ['true', 'd'],
    ['false', null],
  ] as const) {
    test(`reads a null with default as ${value} when replace.null.with.default is ${replace}`, () => {
      const settings = { 'schema.name': 'x', 'replace.null.with.default': replace }
      expect(contents(onValue(setSchemaMetadata.value, settings)(struct))).toEqual({ f: value })
    })
  }

  test('changes the schema of a null', () => {
    const changed = onValue(setSchemaMetadata.value, { 'schema.name': 'x' })({ schema, value: null })
    expect(changed).toMatchObject({ schema: { name: 'x' }, value: null })
  })

  test('leaves what has neither schema nor value, and refuses a value without schema', () => {
    const apply = configure(setSchemaMetadata.value, { 'schema.name': 'x' })
    const tombstone = sinkRecord({})
    expect(apply(tombstone)).toBe(tombstone)
    expect(() => apply(sinkRecord({ value: schemaless(1) }))).toThrow(
      'Schema required for [updating schema metadata]',
    )
  })

  test('refuses a schema without fields, as Kafka Connect does', () => {
    const apply = onValue(setSchemaMetadata.value, { 'schema.name': 'x' })
    expect(() => apply({ schema: Schema.STRING, value: 'v' })).toThrow(
      'Cannot list fields on non-struct type',
    )
  })

  test('needs one of its settings', () => {
    expect(() => configure(setSchemaMetadata.value, {})).toThrow('Neither schema name nor version configured')
  })
})
