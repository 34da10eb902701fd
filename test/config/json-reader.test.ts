import { describe, expect, test } from 'vitest'
import { exactNumber, readJson } from '../../src/config/json-reader.ts'

describe('readJson', () => {
  const texts = [
    '{}',
    '[]',
    '""',
    '0',
    '-0',
    '-1.5e+3',
    '1E5',
    'true',
    'false',
    'null',
    ' [1 , 2 ,{"a":[]}]\n',
    '"\\u00e9\\n\\"\\\\"',
    '{"a":1,"a":2}',
    '"\u2028"',
    '{"__proto__":{"x":1}}',
    '',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '01',
    '.5',
    '5.',
    '1e',
    '+1',
    '-',
    'nul',
    'NaN',
    '"',
    '"\\x"',
    '"\n"',
    '[1]]',
    '1 2',
    "{'a':1}",
    '\u00a01',
  ]
  for (const text of texts) {
    test(`takes ${JSON.stringify(text)} as JSON.parse does`, () => {
      let expected: unknown
      let isJson = true
      try {
        expected = JSON.parse(text)
      } catch {
        isJson = false
      }
      if (isJson) expect(JSON.stringify(readJson(text))).toBe(JSON.stringify(expected))
      else expect(() => readJson(text)).toThrow(SyntaxError)
    })
  }

  test('keeps every integer exact on demand', () => {
    expect(
      readJson('[1, 9007199254740993, -9223372036854775808, 1.0, 1e20]', { number: exactNumber }),
    ).toEqual([1, 9007199254740993n, -9223372036854775808n, 1, 1e20])
  })

  test('tells where members stand', () => {
    const seen: unknown[] = []
    readJson('{"a": {"b":1},\n "c":2}', { member: (...member) => seen.push(member) })
    expect(seen).toEqual([
      ['a', 1, 1],
      ['b', 7, 2],
      ['c', 16, 1],
    ])
  })

  test('refuses nesting that would exhaust the stack', () => {
    expect(() => readJson('['.repeat(1e5))).toThrow('nested too deep')
  })
})
