import { describe, expect, test } from 'vitest'
import {
  DataError,
  Decimal,
  decimalBuilder,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
  validateValue,
} from '../../src/index.ts'

const inner = SchemaBuilder.struct().field('x', Schema.STRING).build()
const schema = SchemaBuilder.struct()
  .field('id', Schema.INT32)
  .field('note', Schema.OPTIONAL_STRING)
  .field('count', new SchemaBuilder('INT32').default(7).build())
  .field('inner', inner)
  .field('list', SchemaBuilder.array(Schema.INT8).optional().build())
  .build()
const full = () => new Struct(schema).put('id', 1).put('inner', new Struct(inner).put('x', 'y'))

describe('a struct', () => {
  test('gives defaults for what is not there, but not as stored values', () => {
    expect(full().get('count')).toBe(7)
    expect(full().getWithoutDefault('count')).toBeNull()
    expect(full().getInt32('count')).toBeNull()
    expect(full().getStruct('inner')?.getString('x')).toBe('y')
  })

  test('has Java’s text, without nulls and defaults', () => {
    expect(String(full().put('list', [1, 2]))).toBe('Struct{id=1,inner=Struct{x=y},list=[1, 2]}')
  })

  test('equals another with equal schema and values', () => {
    expect(full().equals(full())).toBe(true)
    expect(full().equals(full().put('id', 2))).toBe(false)
  })

  test('is valid without values that are optional or have a default', () => {
    expect(() => full().validate()).not.toThrow()
  })

  const other = SchemaBuilder.struct().field('x', Schema.INT8).build()
  for (const [message, act] of [
    ['Not a struct schema: Schema{INT8}', () => new Struct(Schema.INT8)],
    ['nope is not a valid field name', () => full().get('nope')],
    ["Field 'id' is not of type STRING", () => full().getString('id')],
    ['Invalid value: null used for required field: "id", schema type: INT32', () => full().put('id', null)],
    [
      'Invalid value: null used for required field: "id", schema type: INT32',
      () => new Struct(schema).validate(),
    ],
    [
      'Invalid Java object for schema with type INT32: class java.lang.String for field: "id"',
      () => full().put('id', 'x'),
    ],
    [
      'Invalid Java object for schema with type INT8: class java.lang.Long for element of array field: "list"',
      () => full().put('list', [300]),
    ],
    ['Struct schemas do not match.', () => full().put('inner', new Struct(other).put('x', 1))],
  ] as const) {
    test(`refuses: ${message} ${String(act).slice(6, 60)}`, () => {
      expect(act).toThrow(DataError)
      expect(act).toThrow(message)
    })
  }
})

describe('validateValue', () => {
  for (const [what, of, value] of [
    ['the largest int64', Schema.INT64, 2n ** 63n - 1n],
    ['a safe integer as int64', Schema.INT64, 2 ** 53 - 1],
    ['a decimal', decimalBuilder(2).build(), new Decimal(5n, 2)],
    ['epoch milliseconds', timestampSchema, -1],
    ['a map as plain object', SchemaBuilder.map(Schema.STRING, Schema.INT8).build(), { a: 1 }],
    ['a map as Map', SchemaBuilder.map(Schema.INT8, Schema.INT8).build(), new Map([[1, 2]])],
  ] as const) {
    test(`takes ${what}`, () => expect(() => validateValue(of, value)).not.toThrow())
  }

  const map = SchemaBuilder.map(Schema.STRING, Schema.INT8).build()
  for (const [of, value, message] of [
    [
      Schema.INT64,
      2n ** 63n,
      'Invalid Java object for schema with type INT64: class java.lang.Long for value',
    ],
    [Schema.INT64, 1.5, 'Invalid Java object for schema with type INT64: class java.lang.Double for value'],
    [
      timestampSchema,
      'x',
      'Invalid Java object for schema "org.apache.kafka.connect.data.Timestamp" with type INT64: class java.lang.String for value',
    ],
    [map, { a: null }, 'Invalid value: null used for required value of map value, schema type: INT8'],
    [
      map,
      new Map([[1, 1]]),
      'Invalid Java object for schema with type STRING: class java.lang.Long for key of map value',
    ],
    [new Schema({ type: 'ARRAY' }), [1], 'No schema defined for element of array value'],
    [
      Schema.BYTES,
      [1],
      'Invalid Java object for schema with type BYTES: class java.util.ArrayList for value',
    ],
  ] as const) {
    test(`refuses: ${message}`, () => expect(() => validateValue(of, value)).toThrow(message))
  }
})
