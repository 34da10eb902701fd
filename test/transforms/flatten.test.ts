import { describe, expect, test } from 'vitest'
import { Instant, Schema, SchemaBuilder, Struct } from '../../src/index.ts'
import { flatten } from '../../src/transforms/flatten.ts'
import { configure, contents, onValue, schemaless, shape, sinkRecord, structOf } from './configure.ts'

describe('Flatten$Value', () => {
  const apply = onValue(flatten.value, {})

  test('brings members of nested maps to the top, in their order', () => {
    const value = { 'a': 1, 'b': { c: [1, 2], d: { e: null }, f: {} }, 'b.c': 'last' }
    expect(JSON.stringify(apply(schemaless(value)).value)).toBe('{"a":1,"b.c":"last","b.d.e":null}')
  })

  test('brings fields of nested structs to the top', () => {
    const inner = structOf({ x: [Schema.INT8, 1], y: [Schema.OPTIONAL_STRING, null] })
    const middle = structOf({ i: [inner.schema!, inner.value], z: [Schema.STRING, 'z'] })
    const outer = structOf({ m: [middle.schema!, middle.value], l: [Schema.INT8, 9] })
    const flat = onValue(flatten.value, { delimiter: '#' })(outer)
    expect(shape(flat.schema)).toBe('m#i#x:INT8 m#i#y:STRING? m#z:STRING l:INT8')
    expect(contents(flat)).toEqual({ 'm#i#x': 1, 'm#i#y': null, 'm#z': 'z', 'l': 9 })
  })

  test('makes optional what lies in something optional, and leaves it unset with that', () => {
    const inner = SchemaBuilder.struct().optional().field('x', Schema.INT8).build()
    const flat = apply(structOf({ i: [inner, null], l: [Schema.INT8, 9] }))
    expect(shape(flat.schema)).toBe('i.x:INT8? l:INT8')
    expect(contents(flat)).toEqual({ 'i.x': null, 'l': 9 })
  })

  test('hands the default of a struct down to fields without one', () => {
    const builder = SchemaBuilder.struct()
      .field('x', Schema.INT8)
      .field('y', new SchemaBuilder('INT8').default(5).build())
    const value = new Struct(builder.build()).put('x', 1).put('y', 2)
    const inner = new Schema({ ...builder.build().parts(), optional: true, default: value })
    const flat = apply(structOf({ i: [inner, null] }))
    expect(flat.schema!.fields.map(({ schema }) => schema.default)).toEqual([1, 5])
  })

  test('passes a tombstone through', () => {
    const record = sinkRecord({ value: { schema: Schema.OPTIONAL_STRING, value: null } })
    expect(configure(flatten.value, {})(record)).toBe(record)
  })

  test('refuses what it does not know', () => {
    const map = SchemaBuilder.map(Schema.STRING, Schema.STRING).build()
    expect(() => apply(structOf({ m: [map, {}] }))).toThrow(
      'Flatten transformation does not support MAP for record with schemas (for field m).',
    )
    const struct = structOf({ a: [Schema.INT8, 1] }).value
    expect(() => apply(schemaless({ a: { b: struct } }))).toThrow(
      'does not support class org.apache.kafka.connect.data.Struct for record without schemas (for field a.b).',
    )
    expect(() => apply(schemaless({ a: new Instant(0) }))).toThrow("is not supported by Connect's data API")
  })
})
