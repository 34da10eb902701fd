import { describe, expect, test } from 'vitest'
import { Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { schemaChangeEventFilter } from '../../../src/transforms/debezium/schema-change-event-filter.ts'
import { change, configure, row, sourceRecord, tombstone } from './support.ts'

const tableChange = SchemaBuilder.struct()
  .name('io.debezium.connector.schema.Change')
  .field('type', Schema.STRING)
  .build()
const schema = SchemaBuilder.struct()
  .name('io.debezium.connector.mysql.SchemaChangeValue')
  .field('ddl', Schema.OPTIONAL_STRING)
  .field('tableChanges', SchemaBuilder.array(tableChange).optional().build())
  .build()

function ddl(types: readonly string[] | null) {
  const changes = types?.map((type) => new Struct(tableChange).put('type', type)) ?? null
  return sourceRecord({ schema, value: new Struct(schema).put('tableChanges', changes) })
}

describe('SchemaChangeEventFilter', () => {
  const apply = configure(schemaChangeEventFilter, {
    'schema.change.event.exclude.list': 'DROP, DATABASE',
  })

  for (const [what, types, isKept] of [
    ['of a kind that is not listed', ['ALTER'], true],
    ['of a listed kind', ['DROP'], false],
    ['whose first change decides', ['ALTER', 'DROP'], true],
    ['about the database', [], false],
    ['without changes', null, false],
  ] as const) {
    test(`${isKept ? 'keeps' : 'drops'} an event ${what}`, () => {
      const record = ddl(types)
      expect(apply(record)).toBe(isKept ? record : null)
    })
  }

  test('keeps events about the database where these are not listed', () => {
    const record = ddl([])
    expect(configure(schemaChangeEventFilter, { 'schema.change.event.exclude.list': 'DROP' })(record)).toBe(
      record,
    )
  })

  test('keeps everything else', () => {
    for (const record of [change({ op: 'c', after: row(7) }), tombstone()]) expect(apply(record)).toBe(record)
  })

  test('refuses a kind that there is not, and no list', () => {
    expect(() => configure(schemaChangeEventFilter, { 'schema.change.event.exclude.list': 'drop' })).toThrow(
      'Invalid value drop for configuration schema.change.event.exclude.list',
    )
    expect(() => configure(schemaChangeEventFilter)).toThrow('Missing required configuration')
    expect(() => configure(schemaChangeEventFilter, { 'schema.change.event.exclude.list': '' })).toThrow(
      'Empty list',
    )
  })
})
