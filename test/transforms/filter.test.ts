import { expect, test } from 'vitest'
import { filter } from '../../src/transforms/filter.ts'
import { configure, schemaless, sinkRecord } from './configure.ts'

test('drops every record', () => {
  const apply = configure(filter)
  expect(apply(sinkRecord({}))).toBeNull()
  expect(apply(sinkRecord({ value: schemaless(1) }))).toBeNull()
})
