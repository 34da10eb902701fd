import { expect, test } from 'vitest'
import { equalValues } from '../../src/data/equality.ts'

for (const [what, a, b, isEqual] of [
  ['a Map and an object of the same entries', new Map([['k', 1]]), { k: 1 }, true],
  ['a Map and an object of other entries', new Map([['k', 1]]), { k: 2 }, false],
  ['a Map and an object of more entries', new Map([['k', 1]]), { k: 1, l: 1 }, false],
  ['a Map and an array', new Map(), [], false],
  ['a Map and bytes', new Map(), Buffer.alloc(0), false],
] as const) {
  test(`${what} are ${isEqual ? 'equal' : 'different'}`, () => {
    expect(equalValues(a, b)).toBe(isEqual)
    expect(equalValues(b, a)).toBe(isEqual)
  })
}
