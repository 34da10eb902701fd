import { describe, expect, test } from 'vitest'
import { Schema, SchemaBuilder, Struct } from '../../src/index.ts'
import { replaceField } from '../../src/transforms/replace-field.ts'
import { configure, contents, onValue, schemaless, shape, sinkRecord, structOf } from './configure.ts'

const struct = () =>
  structOf({
    a: [Schema.INT8, 1],
    b: [Schema.INT8, 2],
    c: [Schema.OPTIONAL_STRING, null],
    d: [Schema.INT8, 4],
  })

describe('ReplaceField$Value', () => {
  for (const { settings, fields } of [
    { settings: { exclude: 'a,zz' }, fields: { b: 2, c: null, d: 4 } },
    { settings: { include: 'd,a' }, fields: { a: 1, d: 4 } },
    { settings: { include: 'a,b', exclude: 'b' }, fields: { a: 1 } },
    { settings: { renames: 'a:x,c:y' }, fields: { x: 1, b: 2, y: null, d: 4 } },
    { settings: { include: 'a,b', renames: 'a:b2,zz:y' }, fields: { b2: 1, b: 2 } },
  ]) {
    const text = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
    test(`gives ${Object.keys(fields).join()} for ${text.join(' ')}, with a schema and without`, () => {
      const apply = onValue(replaceField.value, settings)
      const changed = apply(struct())
      expect(Object.entries(contents(changed))).toEqual(Object.entries(fields))
      expect(apply(schemaless({ a: 1, b: 2, c: null, d: 4 }))).toEqual(schemaless(fields))
      expect(apply(struct()).schema).toBe(changed.schema)
    })
  }

  test('keeps name and version of the schema, but not that it is optional', () => {
    const schema = SchemaBuilder.struct().name('n').version(2).optional().field('a', Schema.INT8).build()
    const value = new Struct(schema).put('a', 1)
    const changed = onValue(replaceField.value, { renames: 'a:b' })({ schema, value })
    expect(changed.schema).toMatchObject({ name: 'n', version: 2, optional: false })
    expect(shape(changed.schema)).toBe('b:INT8')
  })

  test('reads a field that goes by a new name of another from there, as Kafka Connect does', () => {
    const apply = onValue(replaceField.value, { renames: 'a:b', exclude: 'a', include: 'a,b' })
    expect(contents(apply(struct()))).toEqual({ b: 1 })
    const lost = onValue(replaceField.value, { renames: 'zz:b' })
    expect(() => lost(struct())).toThrow('zz is not a valid field name')
  })

  test('refuses to write a null into a required field whose default does not count', () => {
    const field = new SchemaBuilder('INT8').default(5).build()
    const schema = SchemaBuilder.struct().field('a', field).build()
    const value = { schema, value: new Struct(schema) }
    expect(contents(onValue(replaceField.value, { renames: 'a:b' })(value))).toEqual({ b: 5 })
    const strict = onValue(replaceField.value, { 'renames': 'a:b', 'replace.null.with.default': 'false' })
    expect(() => strict(value)).toThrow('null used for required field: "b"')
  })

  test('passes a tombstone through and refuses what is no pair', () => {
    const tombstone = sinkRecord({})
    expect(configure(replaceField.value, { exclude: 'a' })(tombstone)).toBe(tombstone)
    expect(() => configure(replaceField.value, { renames: 'a:b,c' })).toThrow(
      'Invalid value [a:b, c] for configuration renames: Invalid rename mapping: c',
    )
  })
})
