import { describe, expect, test } from 'vitest'
import { offsetJson, parseOffsetJson } from '../../../src/runtime/offsets/offset-json.ts'
import { OffsetNamespace, validateOffsetFormat } from '../../../src/runtime/offsets/offset-namespace.ts'

class Whole {
  readonly #value: number
  constructor(value: number) {
    this.#value = value
  }
  valueOf() {
    return this.#value
  }
  toString() {
    return Number.isFinite(this.#value) ? this.#value.toFixed(1) : String(this.#value)
  }
}

describe('offsetJson', () => {
  for (const [value, json] of [
    [{ b: 1, a: 'x' }, '{"b":1,"a":"x"}'],
    [{ p: 9007199254740993n }, '{"p":9007199254740993}'],
    [{ e: 1e17, f: 1.5, n: Number.NaN }, '{"e":100000000000000000,"f":1.5,"n":"NaN"}'],
    [{ d: new Whole(10), i: new Whole(Infinity) }, '{"d":10.0,"i":"Infinity"}'],
    ['\u001f\\u001f"\n', '"\\u001F\\\\u001f\\"\\n"'],
    [Buffer.from('ab'), '"YWI="'],
    [null, 'null'],
    [new Map([['__proto__', true]]), '{"__proto__":true}'],
  ] as const) {
    test(`writes ${json} as Kafka Connect does`, () => expect(offsetJson(value)).toBe(json))
  }

  test('reads integers of any size without loss and __proto__ as a name', () => {
    const parsed = parseOffsetJson('{"a":9223372036854775807,"b":-1,"c":1.5,"__proto__":2}') as Record<
      string,
      unknown
    >
    expect(parsed['a']).toBe(9223372036854775807n)
    expect(Object.entries(parsed)).toEqual([
      ['a', 9223372036854775807n],
      ['b', -1],
      ['c', 1.5],
      ['__proto__', 2],
    ])
    expect(offsetJson(parsed)).toBe('{"a":9223372036854775807,"b":-1,"c":1.5,"__proto__":2}')
  })
})

describe('OffsetNamespace', () => {
  const store = new Map<string, string | null>([
    ['["files",{"filename":"a"}]', '{"position":28}'],
    ['["files",{"filename":"b"}]', null],
    ['["files",{"a":1,"b":2}]', '{"p":1}'],
    ['["other",{"filename":"a"}]', '{"position":1}'],
    ['"plain"', '{"x":1}'],
    ['["files"]', '{"x":1}'],
    ['not json', 'neither'],
    ['[not json', 'neither'],
  ])
  const files = new OffsetNamespace(store, 'files')

  test('finds an offset by the exact text of its partition', () => {
    expect(files.offset({ filename: 'a' })).toEqual({ position: 28 })
    expect(files.offset({ filename: 'b' })).toBeNull()
    expect(files.offset({ filename: 'c' })).toBeNull()
    expect(files.offset({ a: 1, b: 2 })).toEqual({ p: 1 })
    expect(files.offset({ b: 2, a: 1 })).toBeNull()
  })

  test('lists partitions with an offset and passes keys of another form over', () => {
    expect(files.list()).toEqual([
      { partition: { filename: 'a' }, offset: { position: 28 } },
      { partition: { a: 1, b: 2 }, offset: { p: 1 } },
    ])
  })

  test('makes the change that stores or deletes an offset', () => {
    expect(files.change({ filename: 'a' }, { position: 30n })).toEqual([
      '["files",{"filename":"a"}]',
      '{"position":30}',
    ])
    expect(files.change({ filename: 'a' }, null)).toEqual(['["files",{"filename":"a"}]', null])
    expect(files.change(null, { p: 1 })).toEqual(['["files",null]', '{"p":1}'])
  })

  for (const [map, message] of [
    ['text', 'Offsets must be specified as a Map'],
    [[1], 'Offsets must be specified as a Map'],
    [new Map([[1, 2]]), 'Offsets may only use String keys'],
    [{ k: [1] }, 'Offsets may only contain primitive types as values, but field k contains ARRAY'],
    [{ k: {} }, 'Offsets may only contain primitive types as values, but field k contains MAP'],
    [
      { k: new Date(0) },
      'Offsets may only contain primitive types as values, but field k contains class java.util.Date',
    ],
  ] as const) {
    test(`refuses with "${message}"`, () => expect(() => validateOffsetFormat(map)).toThrow(message))
  }

  test('accepts null maps, null values and every primitive', () => {
    validateOffsetFormat(null)
    validateOffsetFormat({ a: null, b: 1, c: 1n, d: 's', e: true, f: Buffer.from(''), g: new Whole(1) })
  })
})
