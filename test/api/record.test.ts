import { describe, expect, test } from 'vitest'
import {
  configDef,
  Headers,
  keyAndValue,
  Schema,
  SinkRecord,
  SourceRecord,
  type ConnectRecord,
} from '../../src/index.ts'

const text = (value: string) => ({ schema: Schema.STRING, value })

describe('a changed copy of a record', () => {
  const sink = new SinkRecord({
    topic: 't',
    partition: 1,
    offset: 42,
    key: text('k'),
    value: text('v'),
    timestamp: 5,
    timestampType: 'LogAppendTime',
  })

  test('keeps what is not changed and leaves the original alone', () => {
    const changed = sink.with({ value: text('w') })
    expect(changed.value.value).toBe('w')
    expect(changed).toMatchObject({ topic: 't', partition: 1, offset: 42, key: text('k'), timestamp: 5 })
    expect(sink.value.value).toBe('v')
  })

  test('of a sink record remembers topic and partition that it came with, however often it is changed', () => {
    const changed = sink.with({ topic: 'u', partition: 9 }).with({ topic: 'w' })
    expect(changed).toBeInstanceOf(SinkRecord)
    expect(changed).toMatchObject({
      topic: 'w',
      partition: 9,
      originalTopic: 't',
      originalPartition: 1,
      offset: 42,
      originalOffset: 42,
      timestampType: 'LogAppendTime',
    })
  })

  test('of a source record keeps its source partition and offset', () => {
    const source = new SourceRecord({
      topic: 't',
      partition: 3,
      sourcePartition: { file: 'a' },
      sourceOffset: { position: 1 },
    })
    const changed = source.with({ topic: 'u', partition: null, timestamp: null })
    expect(changed).toBeInstanceOf(SourceRecord)
    expect(changed).toMatchObject({
      topic: 'u',
      partition: null,
      sourcePartition: { file: 'a' },
      sourceOffset: { position: 1 },
    })
  })

  test('may be without timestamp, key and headers', () => {
    const bare = sink.with({ timestamp: null, headers: Headers.empty })
    expect(bare.timestamp).toBeNull()
    expect(bare.headers.size).toBe(0)
  })
})

describe('a transform made for key and value', () => {
  const seen: string[] = []
  const shout = keyAndValue({
    name: 'io.acme.Shout',
    doc: 'Shouts.',
    config: configDef({}),
    create: (_, part) => (given, record: ConnectRecord) => {
      seen.push(`${part} of ${record.topic}`)
      return typeof given.value === 'string' ? text(given.value.toUpperCase()) : given
    },
  })
  const record = new SinkRecord({ topic: 't', partition: 0, offset: 0, key: text('k'), value: text('v') })

  test('comes in two forms, each of which changes its part only', async () => {
    expect([shout.key.name, shout.value.name]).toEqual(['io.acme.Shout$Key', 'io.acme.Shout$Value'])
    const key = (await shout.key.create({}).apply(record))!
    const value = (await shout.value.create({}).apply(record))!
    expect([key.key.value, key.value.value]).toEqual(['K', 'v'])
    expect([value.key.value, value.value.value]).toEqual(['k', 'V'])
    expect(seen).toEqual(['key of t', 'value of t'])
  })

  test('gives the very record where nothing changes', () => {
    const tombstone = new SinkRecord({ topic: 't', partition: 0, offset: 0 })
    expect(shout.value.create({}).apply(tombstone)).toBe(tombstone)
  })
})
