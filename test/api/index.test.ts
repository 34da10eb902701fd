import { describe, expect, test } from 'vitest'
import * as sdk from '../../src/index.ts'

/** What plugins outside of this package are written with: taking one away breaks them. */
const promised = {
  'making plugins': [
    'defineSourceConnector',
    'defineSinkConnector',
    'defineConverter',
    'defineTransform',
    'definePredicate',
    'defineConfigProvider',
    'keyAndValue',
  ],
  'settings': [
    ...['configDef', 'mergeFields', 'withPrefix', 'Password'],
    ...['boolean', 'classRef', 'double', 'int', 'list', 'long', 'longNumber', 'password', 'short', 'string'],
    ...['atLeast', 'nonEmpty', 'oneOf', 'all', 'validRegex'],
  ],
  'records': [
    ...['SourceRecord', 'SinkRecord', 'Headers', 'Schema', 'SchemaBuilder', 'Struct'],
    ...['Decimal', 'Int32', 'Float64', 'equalValues', 'equalSchemas', 'javaText'],
  ],
  'errors': [
    ...['ConnectError', 'RetriableError', 'DataError', 'ConfigError', 'NotFoundError', 'KafkaError'],
    ...['isRetriable', 'toError'],
  ],
}

describe('the SDK has what is needed for', () => {
  for (const [purpose, names] of Object.entries(promised)) {
    test(purpose, () => expect(names.filter((name) => !(name in sdk))).toEqual([]))
  }

  test('and nothing that is undefined', () => {
    for (const [name, value] of Object.entries(sdk)) expect(value, name).toBeDefined()
  })
})

describe('what is defined', () => {
  const config = sdk.configDef({})
  for (const { made, kind } of [
    {
      made: sdk.defineSourceConnector({ name: 'a', config, startTask: () => ({ poll: async () => null }) }),
      kind: 'source',
    },
    {
      made: sdk.defineSinkConnector({ name: 'a', config, startTask: () => ({ put: () => {} }) }),
      kind: 'sink',
    },
    {
      made: sdk.defineTransform({ name: 'a', config, create: () => ({ apply: (record) => record }) }),
      kind: 'transform',
    },
    {
      made: sdk.definePredicate({ name: 'a', config, create: () => ({ test: () => true }) }),
      kind: 'predicate',
    },
  ]) {
    test(`knows that it is a ${kind}`, () => expect(made.kind).toBe(kind))
  }
})

describe('what may be tried again', () => {
  for (const { error, isRetriable } of [
    { error: new sdk.RetriableError('x'), isRetriable: true },
    { error: new sdk.KafkaError('x', { retriable: true }), isRetriable: true },
    { error: new sdk.KafkaError('x'), isRetriable: false },
    { error: new sdk.ConnectError('x'), isRetriable: false },
    { error: new sdk.DataError('x'), isRetriable: false },
    { error: 'text', isRetriable: false },
    { error: null, isRetriable: false },
  ]) {
    test(`${String(error)}: ${isRetriable}`, () => expect(sdk.isRetriable(error)).toBe(isRetriable))
  }
})
