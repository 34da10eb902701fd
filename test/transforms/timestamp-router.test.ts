import { expect, test } from 'vitest'
import { timestampRouter } from '../../src/transforms/timestamp-router.ts'
import { configure, sinkRecord } from './configure.ts'

for (const { settings, topic = 'orders', routed } of [
  { settings: {}, routed: 'orders-20170103' },
  { settings: { 'topic.format': 'x-${timestamp}-${topic}' }, routed: 'x-20170103-orders' },
  { settings: { 'topic.format': '${topic}.${topic}' }, routed: 'orders.orders' },
  { settings: { 'timestamp.format': "yyyy-MM-dd'T'HH.mm" }, routed: 'orders-2017-01-03T06.30' },
  { settings: {}, topic: '$1${timestamp}', routed: '$120170103-20170103' },
]) {
  test(`routes ${topic} with ${JSON.stringify(settings)} to ${routed}`, () => {
    expect(configure(timestampRouter, settings)(sinkRecord({ topic })).topic).toBe(routed)
  })
}

test('needs a timestamp, even where the topic does not show it', () => {
  const apply = configure(timestampRouter, { 'topic.format': 'x' })
  expect(() => apply(sinkRecord({ timestamp: null }))).toThrow('Timestamp missing on record: SinkRecord{')
})

test('finds out with the first record that the pattern is none', () => {
  const apply = configure(timestampRouter, { 'timestamp.format': 'bad' })
  expect(() => apply(sinkRecord({}))).toThrow("Illegal pattern character 'b'")
})
