import { describe, expect, test } from 'vitest'
import { Headers, Schema, SchemaBuilder, Struct } from '../../src/index.ts'

const text = (value: string | null) => ({ schema: Schema.OPTIONAL_STRING, value })
const headers = Headers.empty.add('a', text('1')).add('b', text('2')).add('a', text('3'))
const shown = (some: Headers) => [...some].map(({ key, value }) => `${key}=${String(value)}`).join(' ')

describe('headers', () => {
  test('keep their order and every value of a key', () => {
    expect(shown(headers)).toBe('a=1 b=2 a=3')
    expect(headers.lastWithName('a')?.value).toBe('3')
    expect(headers.allWithName('a')).toHaveLength(2)
  })

  test('change into new ones', () => {
    expect(shown(headers.remove('a'))).toBe('b=2')
    expect(shown(headers.retainLatest())).toBe('b=2 a=3')
    expect(shown(headers.retainLatest('b'))).toBe('a=1 b=2 a=3')
    expect(shown(headers.apply((header) => (header.value === '2' ? null : header)))).toBe('a=1 a=3')
    expect(shown(headers)).toBe('a=1 b=2 a=3')
  })

  test('take any value without schema, and give a struct its own', () => {
    const schema = SchemaBuilder.struct().build()
    expect(
      Headers.empty.add('s', { schema: null, value: new Struct(schema) }).lastWithName('s')?.schema,
    ).toBe(schema)
    expect(Headers.empty.add('n', { schema: null, value: null }).size).toBe(1)
  })

  test('do not look into containers', () => {
    const schema = SchemaBuilder.array(Schema.INT8).build()
    expect(Headers.empty.add('l', { schema, value: ['x'] }).size).toBe(1)
  })

  for (const [schema, value, message] of [
    [Schema.STRING, null, 'A null value requires an optional schema but was Schema{STRING}'],
    [Schema.STRING, 5, 'The value 5 is not compatible with the schema Schema{STRING}'],
    [Schema.INT8, 300, 'The value 300 is not compatible with the schema Schema{INT8}'],
    [
      SchemaBuilder.array(Schema.INT8).build(),
      'x',
      'The value x is not compatible with the schema Schema{ARRAY}',
    ],
  ] as const) {
    test(`refuse: ${message}`, () => expect(() => Headers.empty.add('k', { schema, value })).toThrow(message))
  }

  test('refuse a null key', () => {
    expect(() => Headers.empty.add(null as never, text('x'))).toThrow('Null header keys are not permitted')
  })
})
