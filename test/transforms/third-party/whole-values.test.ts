import { describe, expect, test } from 'vitest'
import { jsonConverter } from '../../../src/converters/json.ts'
import {
  Decimal,
  decimalBuilder,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
} from '../../../src/index.ts'
import { normalizeSchema } from '../../../src/transforms/third-party/normalize-schema.ts'
import { patternFilter } from '../../../src/transforms/third-party/pattern-filter.ts'
import { setNull } from '../../../src/transforms/third-party/set-null.ts'
import { toJson } from '../../../src/transforms/third-party/to-json.ts'
import { contents, structOf } from '../configure.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

describe('SetNull', () => {
  test('takes key or value away with the schema', () => {
    const record = sinkRecord(structOf({ id: [Schema.INT8, 1] }))
    const withoutValue = configure(setNull.value)(record)!
    expect([withoutValue.value, withoutValue.key]).toEqual([schemaless(null), schemaless('k')])
    const withoutKey = configure(setNull.key)(record)!
    expect([withoutKey.value, withoutKey.key]).toEqual([record.value, schemaless(null)])
  })
})

describe('PatternFilter', () => {
  const apply = configure(patternFilter.value, { pattern: 'fail.*', fields: 'status,cause' })

  for (const [value, isDropped] of [
    [{ status: 'failed' }, true],
    [{ status: 'ok', cause: 'failure' }, true],
    [{ status: 'has failed' }, false],
    [{ status: null }, false],
    [{ status: 1 }, false],
    [{ other: 'failed' }, false],
    ['failed', false],
    [null, false],
  ] as const) {
    test(`${isDropped ? 'drops' : 'keeps'} ${JSON.stringify(value)}`, () => {
      const record = sinkRecord(schemaless(value))
      expect(apply(record)).toBe(isDropped ? null : record)
    })
  }

  test('looks into structs, not at their defaults, and into maps with a schema', () => {
    const failing = new SchemaBuilder('STRING').optional().default('failed').build()
    expect(apply(sinkRecord(structOf({ status: [failing, 'failed'] })))).toBeNull()
    const withDefault = sinkRecord(structOf({ status: [failing, null], n: [Schema.INT8, 1] }))
    expect(apply(withDefault)).toBe(withDefault)
    const schema = SchemaBuilder.map(Schema.STRING, Schema.STRING).build()
    expect(apply(sinkRecord({ schema, value: { cause: 'failed' } }))).toBeNull()
    expect(apply(sinkRecord({ schema, value: new Map([['cause', 'failed']]) }))).toBeNull()
  })

  test('works on keys and refuses bad settings', () => {
    const onKey = configure(patternFilter.key, { pattern: 'x', fields: 'a' })
    expect(onKey(sinkRecord(schemaless(1), { key: schemaless({ a: 'x' }) }))).toBeNull()
    expect(() => configure(patternFilter.value, { pattern: '(' })).toThrow(
      'for configuration pattern: Invalid regex',
    )
    expect(() => configure(patternFilter.value)).toThrow('Missing required configuration "pattern"')
  })
})

describe('ToJSON', () => {
  const plugin = toJson(jsonConverter)
  const order = structOf({
    id: [Schema.INT64, 7],
    total: [Schema.FLOAT64, 10],
    price: [decimalBuilder(2).build(), new Decimal(150n, 2)],
    note: [new SchemaBuilder('STRING').optional().default('none').build(), null],
  })

  test('makes an optional text of a struct', () => {
    expect(configure(plugin.value)(sinkRecord(order))!.value).toEqual({
      schema: Schema.OPTIONAL_STRING,
      value: '{"id":7,"total":10.0,"price":"AJY=","note":"none"}',
    })
  })

  test('takes the settings of JsonConverter, and makes bytes', () => {
    const settings = {
      'output.schema.type': 'BYTES',
      'decimal.format': 'NUMERIC',
      'replace.null.with.default': 'false',
    }
    expect(configure(plugin.key, settings)(sinkRecord(schemaless(1), { key: order }))!.key).toEqual({
      schema: Schema.OPTIONAL_BYTES,
      value: Buffer.from('{"id":7,"total":10.0,"price":1.50,"note":null}'),
    })
    const id = structOf({ id: [Schema.INT8, 7] })
    expect(configure(plugin.value, { 'schemas.enable': 'true' })(sinkRecord(id))!.value.value).toBe(
      '{"schema":{"type":"struct","fields":[{"type":"int8","optional":false,"field":"id"}],"optional":false},"payload":{"id":7}}',
    )
  })

  test('makes a text of a map with or without a schema', () => {
    const apply = configure(plugin.value)
    expect(apply(sinkRecord(schemaless({ a: [1, null, 'å'] })))!.value.value).toBe('{"a":[1,null,"å"]}')
    const schema = SchemaBuilder.map(Schema.STRING, timestampSchema).build()
    expect(apply(sinkRecord({ schema, value: { at: 5 } }))!.value.value).toBe('{"at":5}')
  })

  test('leaves texts, bytes and nulls', () => {
    const apply = configure(plugin.value)
    for (const part of [schemaless('x'), schemaless(Buffer.from('x')), schemaless(null)]) {
      const record = sinkRecord(part)
      expect(apply(record)).toBe(record)
    }
    const { schema } = order
    expect(apply(sinkRecord({ schema, value: null }))!.value).toEqual({
      schema: Schema.OPTIONAL_STRING,
      value: null,
    })
  })

  test('refuses other types and settings', () => {
    expect(() => configure(plugin.value)(sinkRecord({ schema: Schema.INT32, value: 1 }))).toThrow(
      'The value of a record of topic orders should be a struct or a map to become JSON, and is java.lang.Integer',
    )
    expect(() => configure(plugin.value, { 'output.schema.type': 'INT8' })).toThrow(
      'Invalid value INT8 for configuration output.schema.type',
    )
  })
})

describe('NormalizeSchema', () => {
  const address = (version: number, ...names: readonly string[]) => {
    const builder = SchemaBuilder.struct().name('address').version(version).optional()
    for (const name of names) builder.field(name, Schema.OPTIONAL_STRING)
    return builder.build()
  }
  const customer = (version: number, inner: Schema, more: Record<string, Schema> = {}) => {
    const builder = SchemaBuilder.struct().name('customer').version(version).field('address', inner)
    for (const [name, schema] of Object.entries(more)) builder.field(name, schema)
    return builder.build()
  }
  const city = (schema: Schema) => new Struct(schema).put('city', 'Oslo')
  const first = customer(1, address(1, 'city', 'street'), { old: Schema.OPTIONAL_INT8 })
  const withDefault = new SchemaBuilder('STRING').default('new').build()
  const second = customer(2, address(2, 'zip', 'city'), { status: withDefault })
  const of = (schema: Schema) => ({
    schema,
    value: new Struct(schema).put('address', city(schema.field('address')!.schema)),
  })

  test('brings a struct to the newest version that went by, with inner structs', () => {
    const apply = configure(normalizeSchema.value)
    const early = sinkRecord(of(first))
    expect(apply(early)).toBe(early)
    const newer = sinkRecord(of(second))
    expect(apply(newer)).toBe(newer)
    const after = apply(sinkRecord(of(first)))!.value
    expect(after.schema).toBe(second)
    expect(String((after.value as Struct).get('address'))).toBe('Struct{city=Oslo}')
    expect((after.value as Struct).get('status')).toBe('new')
    ;(after.value as Struct).validate()
  })

  test('keeps a null inner struct null', () => {
    const apply = configure(normalizeSchema.value)
    apply(sinkRecord(of(second)))
    const after = apply(sinkRecord({ schema: first, value: new Struct(first) }))!.value
    expect(contents(after)['address']).toBeNull()
  })

  test('fails where the newest version has a required field more, or another type', () => {
    for (const [more, problem] of [
      [{ n: Schema.INT8 }, 'null used for required field: "n"'],
      [{ old: Schema.OPTIONAL_STRING }, 'Invalid Java object for schema with type STRING'],
    ] as const) {
      const apply = configure(normalizeSchema.value)
      const newest = customer(3, first.field('address')!.schema, more)
      apply(sinkRecord({ schema: newest, value: new Struct(newest) }))
      const value = new Struct(first).put('old', 1)
      expect(() => apply(sinkRecord({ schema: first, value }))).toThrow(problem)
    }
  })

  test('leaves other names, unnamed structs, maps, texts and tombstones alone', () => {
    const apply = configure(normalizeSchema.key)
    apply(sinkRecord(schemaless(1), { key: of(second) }))
    const unnamed = structOf({ id: [Schema.INT8, 1] })
    for (const key of [unnamed, schemaless({ a: 1 }), schemaless('x'), schemaless(null)]) {
      const record = sinkRecord(schemaless(1), { key })
      expect(apply(record)).toBe(record)
    }
  })
})
