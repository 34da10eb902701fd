import { describe, expect, test } from 'vitest'
import { DataError, Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { drop } from '../../../src/transforms/third-party/drop.ts'
import {
  aivenTombstoneHandler,
  confluentTombstoneHandler,
  makeTombstone,
} from '../../../src/transforms/third-party/tombstones.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const tombstones = [schemaless(null), { schema: Schema.OPTIONAL_STRING, value: null }]

for (const [name, plugin, behaviors] of [
  ['Confluent', confluentTombstoneHandler, ['warn', 'ignore']],
  ['Aiven', aivenTombstoneHandler, ['drop_silent', 'DROP_WARN']],
] as const) {
  describe(`TombstoneHandler of ${name}`, () => {
    for (const behavior of behaviors) {
      test(`drops records without a value when told to ${behavior}`, () => {
        for (const value of tombstones) expect(configure(plugin, { behavior })(sinkRecord(value))).toBeNull()
      })
    }

    test('fails when told to', () => {
      for (const value of tombstones) {
        expect(() => configure(plugin, { behavior: 'fail' })(sinkRecord(value))).toThrow(DataError)
      }
    })

    test('leaves all other records alone', () => {
      const record = sinkRecord(schemaless(''))
      expect(configure(plugin, { behavior: 'fail' })(record)).toBe(record)
    })

    test('refuses another behavior', () => {
      expect(() => configure(plugin, { behavior: 'x' })).toThrow('Invalid value x for configuration behavior')
    })
  })
}

test('TombstoneHandler of Confluent drops by default', () => {
  expect(configure(confluentTombstoneHandler)(sinkRecord(schemaless(null)))).toBeNull()
})

test('MakeTombstone takes value and schema', () => {
  const value = { schema: Schema.STRING, value: 'x' }
  expect(configure(makeTombstone)(sinkRecord(value))?.value).toEqual(schemaless(null))
})

describe('Drop', () => {
  const schema = SchemaBuilder.struct().name('n').field('a', Schema.STRING).build()
  const struct = () => ({ schema, value: new Struct(schema).put('a', 'x') })

  test('takes value and schema by default, and leaves the key', () => {
    const after = configure(drop.value)(sinkRecord(struct()))
    expect(after?.value).toEqual(schemaless(null))
    expect(after?.key.value).toBe('k')
  })

  test('takes the key', () => {
    expect(configure(drop.key)(sinkRecord(struct()))?.key).toEqual(schemaless(null))
  })

  test('retains the schema', () => {
    const after = configure(drop.value, { 'schema.behavior': 'retain' })(sinkRecord(struct()))
    expect(after?.value).toEqual({ schema, value: null })
  })

  test('makes the schema optional', () => {
    const after = configure(drop.value, { 'schema.behavior': 'force_optional' })(sinkRecord(struct()))
    expect(after?.value.value).toBeNull()
    expect(after?.value.schema).toMatchObject({ name: 'n', optional: true })
    expect(after?.value.schema?.field('a')?.schema).toBe(Schema.STRING)
  })

  test('fails for a schema that is not optional when told to validate', () => {
    const apply = configure(drop.value, { 'schema.behavior': 'validate' })
    expect(() => apply(sinkRecord(struct()))).toThrow('The value cannot be dropped')
    const optional = { schema: Schema.OPTIONAL_STRING, value: 'x' }
    expect(apply(sinkRecord(optional))?.value).toEqual({ ...optional, value: null })
  })

  test('leaves nothing of data without a schema', () => {
    const after = configure(drop.value, { 'schema.behavior': 'validate' })(sinkRecord(schemaless('x')))
    expect(after?.value).toEqual(schemaless(null))
  })
})
