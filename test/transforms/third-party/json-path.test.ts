import { describe, expect, test } from 'vitest'
import { plainValue } from '../../../src/transforms/plain-values.ts'
import { jsonPath } from '../../../src/transforms/third-party/json-path.ts'

const root = plainValue({
  'name': 'ann',
  'nothing': null,
  'a b': 1,
  'order': { total: 120, city: 'Oslo', tags: ['x', 'y'], big: 9007199254740993n, empty: [] },
  'items': [
    { id: 1, price: 10.5, name: 'Pen' },
    { id: 2, price: 20, name: 'Ink', note: null },
    { id: 3, name: 'pad' },
  ],
})

const shown = (path: string) =>
  jsonPath(path)
    .select(root)
    ?.map((value) =>
      value instanceof Map ? (value.get('id') ?? 'map') : typeof value === 'bigint' ? Number(value) : value,
    )
    .map((value) => (typeof value === 'bigint' ? Number(value) : value))

describe('a path selects', () => {
  for (const [path, expected] of [
    ['$.name', ['ann']],
    ["$['name']", ['ann']],
    ["$['a b']", [1]],
    ["$['name', 'a b', 'x']", ['ann', 1]],
    ['$.nothing', [null]],
    ['$.missing', undefined],
    ['$.missing.deeper', undefined],
    ['$.nothing.deeper', undefined],
    ['$.items[0].name', ['Pen']],
    ['$.items[-1].name', ['pad']],
    ['$.items[7]', undefined],
    ['$.items[0,2].name', ['Pen', 'pad']],
    ['$.items[1:].name', ['Ink', 'pad']],
    ['$.items[:1].name', ['Pen']],
    ['$.items[*].price', [10.5, 20]],
    ['$.items.*.id', [1, 2, 3]],
    ['$..price', [10.5, 20]],
    ['$..items[0].id', [1]],
    ['$.items[?(@.price)]', [1, 2]],
    ['$.items[?(!@.price)]', [3]],
    ["$.items[?(@.name == 'Ink')]", [2]],
    ['$.items[?(@.name == "Ink")]', [2]],
    ["$.items[?('Ink' == @.name)]", [2]],
    ["$.items[?(@.name != 'Ink')]", [1, 3]],
    ['$.items[?(@.price < 20)]', [1]],
    ['$.items[?(@.price <= 20)]', [1, 2]],
    ['$.items[?(@.price > 10.5)]', [2]],
    ['$.items[?(@.price >= 10.5)]', [1, 2]],
    ['$.items[?(@.price != 20)]', [1]],
    ['$.items[?(@.note == null)]', [2]],
    ['$.items[?(@.note != 1)]', []],
    ['$.items[?(@.missing == null)]', []],
    ['$.items[?(@.name =~ /p.*/i)]', [1, 3]],
    ['$.items[?(@.name =~ /p/i)]', []],
    ["$.items[?(@.name in ['Ink', 'pad'])]", [2, 3]],
    ["$.items[?(@.name nin ['Ink', 'pad'])]", [1]],
    ["$.items[?(@.name == 'Pen' || @.id == 3)]", [1, 3]],
    ["$.items[?(@.id > 1 && (@.name == 'Pen' || @.price == 20))]", [2]],
    ["$.items[?(!(@.name == 'Pen'))]", [2, 3]],
    ['$.items[?(@.name empty false)]', [1, 2, 3]],
    ['$.items[?(@.id == $.items[1].id)]', [2]],
    ["$.order[?(@.city == 'Oslo' && @.total > 100)]", ['map']],
    ["$.order[?(@.city == 'Rome')]", []],
    ['$.order[?(@.big == 9007199254740993)].total', [120]],
    ['$.order[?(@.big == 9007199254740992)].total', []],
    ["$.order[?(@.tags contains 'x')].total", [120]],
    ['$.order[?(@.tags size 2)].total', [120]],
    ['$.order[?(@.empty empty true)].total', [120]],
    ["$.order[?(@.tags subsetof ['x', 'y', 'z'])].total", [120]],
    ["$.order[?(@.tags anyof ['y'])].total", [120]],
    ["$.order[?(@.tags noneof ['y'])].total", []],
    ["$.order.tags[?(@ == 'y')]", ['y']],
    ["$[?(@.name == 'ann')]", ['map']],
    ["$[?(@['a b'] == 1)].name", ['ann']],
    ['$.name[?(@.x == 1)]', undefined],
    ['$.missing[?(@.x == 1)]', undefined],
    ['$', ['map']],
    ['$.items[?(@.name == $.items[?(@.id == 2)].name)]', []],
  ] as const) {
    test(path, () => {
      expect(shown(path)).toEqual(expected)
    })
  }
})

test('a path says which members of the root it needs', () => {
  expect(jsonPath('$.a.b').rootMembers).toEqual(new Set(['a']))
  expect(jsonPath('$.a[?(@.b == 1)]').rootMembers).toEqual(new Set(['a']))
  expect(jsonPath('$.a[?(@.b[?(@.c == $.d)])]').rootMembers).toBe('all')
  expect(jsonPath('$[?(@.b == 1)]').rootMembers).toBe('all')
})

describe('a path is refused', () => {
  for (const path of [
    '',
    'name',
    '$.',
    '$[',
    '$[name]',
    "$['name]",
    '$.a b',
    '$[?(@.a ==)]',
    '$[?(@.a == 1]',
    '$[?(@.a == process)]',
    '$[?(@.a =~ /(/)]',
    '$[(@.length-1)]',
  ]) {
    test(path, () => {
      expect(() => jsonPath(path)).toThrow(SyntaxError)
    })
  }
})
