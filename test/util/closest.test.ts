import { describe, expect, test } from 'vitest'
import { closest } from '../../src/util/closest.ts'

const names = ['FileStreamSource', 'FileStreamSink', 'JsonConverter', 'x']

describe('the closest name', () => {
  for (const { name, found } of [
    { name: 'FileStreamSourse', found: 'FileStreamSource' },
    { name: 'filestreamsink', found: 'FileStreamSink' },
    { name: 'JsonConvertor', found: 'JsonConverter' },
    { name: 'jason converter', found: 'JsonConverter' },
    { name: 'y', found: 'x' },
    { name: 'Debezium', found: undefined },
    { name: 'AvroConverter', found: undefined },
    { name: '', found: 'x' },
  ]) {
    test(`to ${JSON.stringify(name)} is ${found}`, () => expect(closest(name, names)).toBe(found))
  }

  test('is none where there are no names', () => expect(closest('a', [])).toBeUndefined())
})
