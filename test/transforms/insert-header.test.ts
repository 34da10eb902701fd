import { expect, test } from 'vitest'
import { Schema } from '../../src/index.ts'
import { insertHeader } from '../../src/transforms/insert-header.ts'
import { configure, headerTexts, sinkRecord } from './configure.ts'

for (const [literal, schema, value] of [
  ['1', Schema.INT8, 1],
  ['true', Schema.BOOLEAN, true],
  ['abc', Schema.STRING, 'abc'],
  ['null', null, null],
] as const) {
  test(`adds the value that ${literal} means`, () => {
    const { headers } = configure(insertHeader, { 'header': 'h', 'value.literal': literal })(sinkRecord({}))
    expect([...headers]).toEqual([{ key: 'h', schema, value }])
  })
}

test('keeps a header of the same name', () => {
  const record = sinkRecord({ headers: [{ key: 'h', schema: null, value: 'old' }] })
  const apply = configure(insertHeader, { 'header': 'h', 'value.literal': 'new' })
  expect(headerTexts(apply(record))).toEqual(['h=old', 'h=new'])
})

test('refuses a header without a name', () => {
  expect(() => configure(insertHeader, { 'header': null, 'value.literal': '1' })).toThrow(
    'Invalid value null for configuration header: entry must be non null',
  )
})
