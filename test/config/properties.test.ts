import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { parseProperties } from '../../src/config/properties.ts'

describe('parseProperties', () => {
  for (const [name, text, places] of [
    ['LF', 'a=1\n\n  b : 2\n', ['1:1', '3:3']],
    ['CR LF', '# c\r\na=1\r\n\tb=2', ['2:1', '3:2']],
    ['CR', '!c\ra=1\r\rb=2', ['2:1', '4:1']],
    ['LF CR', 'a=1\n\rb=2', ['1:1', '3:1']],
    ['continuations', 'a=1,\\\r\n  2,\\\n  3\r\nb=2', ['1:1', '4:1']],
    ['a line that begins with a continuation', '\\\n a=1\nb=2', ['2:2', '3:1']],
    ['a continued blank line', 'a=1\\\n\nb=2', ['1:1', '3:1']],
  ] as const) {
    test(`knows where a key stands with ${name} line ends`, () => {
      const { origin } = parseProperties(text, 'w')
      const places2 = ['a', 'b'].map((key) => `${origin(key)?.line}:${origin(key)?.column}`)
      expect(places2).toEqual(places)
    })
  }

  test('reports the place that counts and names every place of a key that occurs again', () => {
    const { pairs, duplicates, origin, values } = parseProperties('a=1\nb=2\na=3\n', 'w.properties')
    expect(pairs).toEqual([
      ['a', '3'],
      ['b', '2'],
    ])
    expect(values['a']).toBe('3')
    expect(origin('a')).toEqual({ file: 'w.properties', line: 3, column: 1 })
    expect(origin('c')).toBeUndefined()
    expect(duplicates).toEqual([
      {
        key: 'a',
        positions: [
          { file: 'w.properties', line: 1, column: 1 },
          { file: 'w.properties', line: 3, column: 1 },
        ],
      },
    ])
  })

  test('treats names from Object.prototype as ordinary keys', () => {
    const { values, origin } = parseProperties('__proto__=1\nconstructor=2', 'w')
    expect(Object.keys(values)).toEqual(['__proto__', 'constructor'])
    expect(values['__proto__']).toBe('1')
    expect(values['toString']).toBeUndefined()
    expect(origin('toString')).toBeUndefined()
  })

  test('makes a line of a backslash and LF at the end, but none of a backslash and CR LF, like Java', () => {
    expect(parseProperties('\\\n', 'w').pairs).toEqual([['', '']])
    expect(parseProperties('\\\r\n', 'w').pairs).toEqual([])
  })

  test('names place and remedy of a broken escape', () => {
    const parse = () => parseProperties('ok=1\n  path=c:\\users\n', 'w.properties')
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow('Malformed \\uxxxx encoding. (w.properties:2:3)')
  })

  test('takes a line of a million continuations in a moment', () => {
    const { values } = parseProperties(`a=${'x,\\\n  '.repeat(1e6)}y`, 'w')
    expect(values['a']).toHaveLength(2e6 + 1)
  })
})
