import { describe, expect, test } from 'vitest'
import { dateSchema, equalSchemas, Schema, SchemaBuilder, SchemaBuilderError } from '../../src/index.ts'

describe('a schema', () => {
  const make = () =>
    SchemaBuilder.struct().name('n').version(1).doc('d').parameter('p', 'q').field('a', Schema.INT32)

  test('equals another with the same attributes', () => {
    expect(equalSchemas(make().build(), make().build())).toBe(true)
  })

  for (const [what, other] of [
    ['optional', make().optional()],
    [
      'another doc',
      SchemaBuilder.struct().name('n').version(1).doc('x').parameter('p', 'q').field('a', Schema.INT32),
    ],
    ['another parameter', make().parameter('r', 's')],
    ['one more field', make().field('b', Schema.INT32)],
    [
      'another field type',
      SchemaBuilder.struct().name('n').version(1).doc('d').parameter('p', 'q').field('a', Schema.INT64),
    ],
  ] as const) {
    test(`differs from one that is ${what}`, () =>
      expect(equalSchemas(make().build(), other.build())).toBe(false))
  }

  test('differs by its default', () => {
    const of = (value: number) => new SchemaBuilder('INT32').default(value).build()
    expect(equalSchemas(of(1), of(1))).toBe(true)
    expect(equalSchemas(of(1), of(2))).toBe(false)
    expect(equalSchemas(of(1), Schema.INT32)).toBe(false)
  })

  test('has a text with its name, if any', () => {
    expect(String(Schema.INT32)).toBe('Schema{INT32}')
    expect(String(dateSchema)).toBe('Schema{org.apache.kafka.connect.data.Date:INT32}')
  })

  for (const [message, act] of [
    ['Cannot list fields on non-struct type', () => Schema.INT8.fields],
    ['Cannot look up fields on non-struct type', () => Schema.INT8.field('a')],
    ['Cannot look up key schema on non-map type', () => Schema.INT8.keySchema],
    ['Cannot look up value schema on non-array and non-map type', () => Schema.INT8.valueSchema],
  ] as const) {
    test(`refuses: ${message}`, () => expect(act).toThrow(message))
  }
})

describe('SchemaBuilder', () => {
  for (const [message, act] of [
    [
      'Invalid SchemaBuilder call: optional has already been set.',
      () => SchemaBuilder.struct().optional().required(),
    ],
    [
      'Invalid SchemaBuilder call: name has already been set.',
      () => SchemaBuilder.struct().name('a').name('b'),
    ],
    [
      'Invalid SchemaBuilder call: name has already been set.',
      () => SchemaBuilder.struct().name('a').name(null),
    ],
    [
      'Invalid SchemaBuilder call: version has already been set.',
      () => SchemaBuilder.struct().version(1).version(2),
    ],
    ['Invalid SchemaBuilder call: doc has already been set.', () => SchemaBuilder.struct().doc('a').doc('b')],
    ['Invalid default value', () => new SchemaBuilder('INT8').default(300)],
    ['Invalid default value', () => new SchemaBuilder('INT8').default(null)],
    ['Cannot create fields on type INT8', () => new SchemaBuilder('INT8').field('a', Schema.INT8)],
    ['fieldName cannot be null.', () => SchemaBuilder.struct().field('', Schema.INT8)],
    [
      'Cannot create field because of field name duplication a',
      () => SchemaBuilder.struct().field('a', Schema.INT8).field('a', Schema.INT8),
    ],
    ['valueSchema cannot be null.', () => SchemaBuilder.array(null as never)],
    ['keySchema cannot be null.', () => SchemaBuilder.map(null as never, Schema.INT8)],
  ] as const) {
    test(`refuses: ${message} ${String(act).slice(6, 60)}`, () => {
      expect(act).toThrow(SchemaBuilderError)
      expect(act).toThrow(message)
    })
  }

  test('takes the same attribute twice', () => {
    expect(SchemaBuilder.struct().name(null).name('a').name('a').optional().optional().build().name).toBe('a')
  })

  test('leaves empty parameters away', () => {
    expect(new SchemaBuilder('INT8').parameters({}).build().parameters).toBeNull()
  })
})
