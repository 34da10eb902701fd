import { describe, expect, test } from 'vitest'
import { Headers, Schema, SourceRecord, type PredicatePlugin, type RecordChanges } from '../../src/index.ts'
import { hasHeaderKey } from '../../src/predicates/has-header-key.ts'
import { recordIsTombstone } from '../../src/predicates/record-is-tombstone.ts'
import { topicNameMatches } from '../../src/predicates/topic-name-matches.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function configure(plugin: PredicatePlugin<any>, settings: Record<string, string> = {}) {
  const predicate = plugin.create(plugin.config.parse(settings))
  return (changes: RecordChanges) =>
    predicate.test(
      new SourceRecord({ topic: 'orders', ...changes, sourcePartition: null, sourceOffset: null }),
    )
}

describe('TopicNameMatches', () => {
  for (const [pattern, isMatch] of [
    ['orders', true],
    ['.*ers', true],
    ['o|orders', true],
    ['order', false],
    ['ORDERS', false],
  ] as const) {
    test(`${pattern} ${isMatch ? 'matches' : 'does not match'} orders`, () => {
      expect(configure(topicNameMatches, { pattern })({})).toBe(isMatch)
    })
  }

  test('refuses an empty or bad pattern', () => {
    expect(() => configure(topicNameMatches, { pattern: '' })).toThrow('String must be non-empty')
    expect(() => configure(topicNameMatches, { pattern: '[' })).toThrow(
      'Invalid regex: Unclosed character class',
    )
  })
})

test('HasHeaderKey looks for exactly that key', () => {
  const headers = Headers.empty.add('a', { schema: null, value: 1 })
  expect(configure(hasHeaderKey, { name: 'a' })({ headers })).toBe(true)
  expect(configure(hasHeaderKey, { name: 'A' })({ headers })).toBe(false)
})

test('RecordIsTombstone looks at the value alone', () => {
  const test = configure(recordIsTombstone)
  expect(test({ value: { schema: Schema.OPTIONAL_STRING, value: null } })).toBe(true)
  expect(test({ value: { schema: null, value: '' } })).toBe(false)
})
