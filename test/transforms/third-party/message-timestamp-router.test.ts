import { describe, expect, test } from 'vitest'
import { Float64, Instant, Schema, SchemaBuilder, timestampSchema } from '../../../src/index.ts'
import { messageTimestampRouter } from '../../../src/transforms/third-party/message-timestamp-router.ts'
import { structOf } from '../configure.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const topic = (value: unknown, settings: Record<string, string> = {}) =>
  configure(messageTimestampRouter, settings)(sinkRecord(schemaless(value)))!.topic

const noon = Date.UTC(2019, 7, 6, 12)

describe('MessageTimestampRouter', () => {
  for (const [value, settings, after] of [
    [
      { time: '06.08.2019' },
      {
        'topic.format': 'foo-${topic}-${timestamp}',
        'message.timestamp.format': 'dd.MM.yyyy',
        'message.timestamp.keys': 'timestamp,time',
        'topic.timestamp.format': 'yyyy.MM.dd',
      },
      'foo-orders-2019.08.06',
    ],
    [{ a: null, b: noon }, { 'message.timestamp.keys': 'a,b' }, 'orders-20190806'],
    [{ timestamp: noon }, {}, 'orders-20190806'],
    [{ timestamp: BigInt(noon) }, { 'message.timestamp.format': 'yyyy' }, 'orders-20190806'],
    [{ timestamp: new Instant(noon) }, { 'topic.timestamp.format': 'yyyy-MM' }, 'orders-2019-08'],
    [{ timestamp: '2019-08-06' }, {}, 'orders-20190806'],
    [{ timestamp: '2019-08-06T23:30:00' }, {}, 'orders-20190806'],
    [{ timestamp: '2019-08-06T23:30:00-01:00' }, {}, 'orders-20190807'],
    [{ timestamp: '2019-08-06T23:30:00.5Z' }, { 'topic.format': '${timestamp}${topic}' }, '20190806orders'],
  ] as const) {
    test(`${JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}` : item))} with ${JSON.stringify(settings)} goes to ${after}`, () => {
      expect(topic(value, settings)).toBe(after)
    })
  }

  test('reads maps with a schema', () => {
    const schema = SchemaBuilder.map(Schema.STRING, timestampSchema).build()
    const record = sinkRecord({ schema, value: { timestamp: noon } })
    expect(configure(messageTimestampRouter)(record)!.topic).toBe('orders-20190806')
  })

  test('refuses structs, tombstones and texts', () => {
    const apply = configure(messageTimestampRouter)
    for (const [part, found] of [
      [structOf({ timestamp: [Schema.INT64, noon] }), 'org.apache.kafka.connect.data.Struct'],
      [schemaless(null), 'null'],
      [schemaless('2019-08-06'), 'java.lang.String'],
    ] as const) {
      expect(() => apply(sinkRecord(part))).toThrow(
        `Only Map objects supported in absence of schema for [routing by a timestamp in the message], found: ${found}`,
      )
    }
  })

  test('refuses values without a time', () => {
    expect(() => topic({ time: noon })).toThrow(
      'None of timestamp is in the value of a record of topic orders',
    )
    expect(() => topic({ timestamp: 'today' })).toThrow('is "today", which is no time in ISO 8601')
    expect(() => topic({ timestamp: '2019' }, { 'message.timestamp.format': 'dd.MM' })).toThrow(
      'of the form dd.MM',
    )
    expect(() => topic({ timestamp: new Float64(1) })).toThrow('is java.lang.Double, which is no time')
    expect(() => topic({ timestamp: true })).toThrow('is java.lang.Boolean, which is no time')
  })

  test('refuses bad settings', () => {
    for (const key of ['message.timestamp.format', 'topic.timestamp.format']) {
      expect(() => topic({}, { [key]: 'bogus' })).toThrow(`Invalid value bogus for configuration ${key}`)
    }
    expect(() => topic({}, { 'message.timestamp.keys': '' })).toThrow('Empty list')
  })
})
