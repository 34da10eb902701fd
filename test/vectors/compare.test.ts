import { describe, expect, test } from 'vitest'
import { ConfigError, ConnectError, DataError, RetriableError, SchemaBuilderError } from '../../src/errors.ts'
import { equalJsonTexts } from '../../src/vectors/compare.ts'
import { isOfKind } from '../../src/vectors/run-vector.ts'

describe('equalJsonTexts', () => {
  for (const [a, b, isEqual] of [
    ['{"a":1,"b":2}', '{"b":2, "a":1}', true],
    ['{"a":1}', '{"a":1,"b":null}', false],
    ['{"a":1,"b":null}', '{"a":1,"c":null}', false],
    ['[1,2]', '[2,1]', false],
    ['[[1,2],[3,4]]', '[[3,4],[1,2]]', true],
    ['[[1,2],[1,2],[3,4]]', '[[3,4],[3,4],[1,2]]', false],
    ['[[1,2],[3]]', '[[3],[1,2]]', false],
    ['1', '1.0', false],
    ['1.0', '1.00', true],
    ['1.0E10', '10000000000.0', true],
    ['1e2', '100', false],
    ['9007199254740993', '9007199254740992', false],
    ['007', '7', false],
    ['0.0', '-0.0', false],
    ['0.10000000000000000000001', '0.1', false],
    ['0.100000000000000000000010', '1.0000000000000000000001e-1', true],
    ['1.000000000000000000000e3', '1000.0000000000000000000', true],
    ['1e400', '2e400', true],
    ['"\\u00e9"', '"é"', true],
    ['"1"', '1', false],
    ['null', 'null', true],
    ['null', '{}', false],
    ['{"__proto__":1}', '{"__proto__":2}', false],
    ['[]', '{}', false],
    ['nonsense', 'nonsense', false],
    [null, 'null', false],
    [null, null, true],
  ] as const) {
    test(`${a} ${isEqual ? 'equals' : 'is not'} ${b}`, () => {
      expect(equalJsonTexts(a, b)).toBe(isEqual)
      expect(equalJsonTexts(b, a)).toBe(isEqual)
    })
  }
})

describe('isOfKind', () => {
  for (const [error, kinds] of [
    [new ConfigError(''), ['config', 'other']],
    [new DataError(''), ['data', 'other']],
    [new SchemaBuilderError(''), ['data', 'other']],
    [new ConnectError(''), ['connect', 'other']],
    [new RetriableError(''), ['connect', 'other']],
    [new TypeError(''), ['other']],
  ] as const) {
    test(`takes ${error.name} for ${kinds.join(' and ')}`, () => {
      const all = ['config', 'data', 'connect', 'other'] as const
      expect(all.filter((kind) => isOfKind(error, kind))).toEqual(kinds)
    })
  }
})
