import { expect, test } from 'vitest'
import { dropHeaders } from '../../src/transforms/drop-headers.ts'
import { configure, headerTexts, sinkRecord } from './configure.ts'

const header = (key: string, value: string) => ({ key, schema: null, value })
const record = sinkRecord({
  headers: [header('a', '1'), header('b', '2'), header('a', '3'), header('A', '4')],
})

test('removes every header of the name, and keeps the order of the others', () => {
  expect(headerTexts(configure(dropHeaders, { headers: 'a,absent' })(record))).toEqual(['b=2', 'A=4'])
})

test('leaves a record without such headers as it is', () => {
  expect(configure(dropHeaders, { headers: 'absent' })(record)).toBe(record)
})

test('refuses an empty list', () => {
  expect(() => configure(dropHeaders, { headers: '' })).toThrow(
    'Invalid value [] for configuration headers: Empty list',
  )
})
