import { describe, expect, test } from 'vitest'
import { FieldPath } from '../../src/transforms/field-path.ts'

/** Nests a value under the steps. */
const nest = (steps: readonly string[]): Record<string, unknown> =>
  steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), 'found') as Record<string, unknown>

describe('A path of syntax V2', () => {
  for (const [path, ...steps] of [
    ['foo.bar.baz', 'foo', 'bar', 'baz'],
    ['..', '', '', ''],
    ['foo..', 'foo', '', ''],
    ['.bar.', '', 'bar', ''],
    ['foo`bar`baz', 'foo`bar`baz'],
    ['`foo.bar.baz`', 'foo.bar.baz'],
    ['foo.`bar.baz`', 'foo', 'bar.baz'],
    ['`foo.bar`.baz', 'foo.bar', 'baz'],
    ['foo.``bar.baz`', 'foo', '`bar.baz'],
    ['foo.`bar.baz``', 'foo', 'bar.baz`'],
    ['foo.`ba`r.baz`', 'foo', 'ba`r.baz'],
    ['foo.ba`r.baz', 'foo', 'ba`r', 'baz'],
    ['foo.``bar``.baz', 'foo', '`bar`', 'baz'],
    ['``foo.bar.baz``', '`foo.bar.baz`'],
    ['foo.`bar\\`.baz`', 'foo', 'bar`.baz'],
    ['foo.`bar.`baz`', 'foo', 'bar.`baz'],
    ['foo.`bar\\`.`baz`', 'foo', 'bar`.`baz'],
    ['foo.`bar\\\\`.\\`baz`', 'foo', 'bar\\`.\\`baz'],
    ['`a\\`b`.c', 'a\\`b', 'c'],
    ['``', ''],
  ] as [string, ...string[]][]) {
    test(`${path} has the steps ${steps.map((step) => `<${step}>`).join(' ')}`, () => {
      expect(new FieldPath(path, 'V2').valueInMap(nest(steps))).toBe('found')
    })
  }

  for (const [path, position] of [
    ['`foo.bar.baz', 0],
    ['foo.`bar.baz', 4],
    ['foo.bar.`baz', 8],
    ['foo.bar.`baz\\`', 8],
    ['`.a', 0],
  ] as const) {
    test(`${path} is refused`, () => {
      expect(() => new FieldPath(path, 'V2')).toThrow(`backtick at position ${position} to escape it`)
    })
  }

  test('that is empty fits no record', () => {
    expect(() => new FieldPath('', 'V2').valueInMap({})).toThrow(RangeError)
  })
})

test('A path of syntax V1 is one name', () => {
  expect(new FieldPath('`a`.b', 'V1').valueInMap({ '`a`.b': 1 })).toBe(1)
})
