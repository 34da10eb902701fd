import { describe, expect, test } from 'vitest'
import {
  dateSchema,
  decimalBuilder,
  projectSchema,
  Schema,
  SchemaBuilder,
  SchemaProjectorError,
  Struct,
  timestampSchema,
} from '../../src/index.ts'

const numbers = [Schema.INT8, Schema.INT16, Schema.INT32, Schema.INT64, Schema.FLOAT32, Schema.FLOAT64]

describe('projection', () => {
  for (const [from, source] of numbers.entries()) {
    for (const [to, target] of numbers.entries()) {
      if (from <= to) {
        test(`widens ${String(source)} to ${String(target)}`, () =>
          expect(projectSchema(source, 12, target)).toBe(12))
      } else {
        test(`refuses to narrow ${String(source)} to ${String(target)}`, () =>
          expect(() => projectSchema(source, 12, target)).toThrow(
            `Schema type mismatch. source type: ${source.type} and target type: ${target.type}`,
          ))
      }
    }
  }

  test('takes a default for null, and needs one for what is optional', () => {
    const byDefault = new SchemaBuilder('INT32').default(5).build()
    expect(projectSchema(Schema.OPTIONAL_INT32, null, byDefault)).toBe(5)
    expect(projectSchema(Schema.OPTIONAL_INT32, 3, byDefault)).toBe(3)
    expect(() => projectSchema(Schema.OPTIONAL_INT32, 3, Schema.INT32)).toThrow(
      'does not provide a default value',
    )
  })

  test('keeps, drops, fills and renames nothing in structs', () => {
    const source = SchemaBuilder.struct().field('a', Schema.INT8).field('b', Schema.STRING).build()
    const target = SchemaBuilder.struct()
      .field('a', Schema.INT64)
      .field('c', new SchemaBuilder('STRING').default('d').build())
      .field('o', Schema.OPTIONAL_STRING)
      .build()
    const projected = projectSchema(source, new Struct(source).put('a', 1).put('b', 'x'), target)
    expect(String(projected)).toBe('Struct{a=1,c=d}')
    const needy = SchemaBuilder.struct().field('z', Schema.INT8).build()
    expect(() => projectSchema(source, new Struct(source), needy)).toThrow(
      'Required field `z` is missing from source schema: Schema{STRUCT}',
    )
  })

  test('goes through arrays and maps', () => {
    const list = (of: Schema) => SchemaBuilder.array(of).build()
    const map = (of: Schema) => SchemaBuilder.map(Schema.STRING, of).build()
    expect(projectSchema(list(Schema.INT8), [1, 2], list(Schema.INT64))).toEqual([1, 2])
    expect(projectSchema(map(Schema.INT8), { a: 1 }, map(Schema.INT64))).toEqual({ a: 1 })
  })

  for (const [source, target, message] of [
    [
      dateSchema,
      Schema.INT32,
      'Schema name mismatch. source name: org.apache.kafka.connect.data.Date and target name: null',
    ],
    [timestampSchema, dateSchema, 'Schema type mismatch. source type: INT64 and target type: INT32'],
    [
      decimalBuilder(1).build(),
      decimalBuilder(2).build(),
      'Schema parameters not equal. source parameters: {scale=1} and target parameters: {scale=2}',
    ],
  ] as const) {
    test(`refuses: ${message}`, () => {
      expect(() => projectSchema(source, 0, target)).toThrow(SchemaProjectorError)
      expect(() => projectSchema(source, 0, target)).toThrow(message)
    })
  }
})
