import { describe, expect, test } from 'vitest'
import {
  DataError,
  Headers,
  Instant,
  Int32,
  Schema,
  SchemaBuilder,
  Struct,
  timestampSchema,
} from '../../../src/index.ts'
import { aivenExtractTopic } from '../../../src/transforms/third-party/aiven-extract-topic.ts'
import { extractTimestamp } from '../../../src/transforms/third-party/extract-timestamp.ts'
import { extractTopic } from '../../../src/transforms/third-party/extract-topic.ts'
import { hash } from '../../../src/transforms/third-party/hash.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const inner = SchemaBuilder.struct().field('region', Schema.STRING).build()
const schema = SchemaBuilder.struct()
  .field('name', Schema.OPTIONAL_STRING)
  .field('n', Schema.INT64)
  .field('at', timestampSchema)
  .field('small', Schema.INT32)
  .field('inner', inner)
  .build()
const struct = (name: string | null = 'new') => ({
  schema,
  value: new Struct(schema)
    .put('name', name)
    .put('n', 1700000000)
    .put('at', 5)
    .put('small', 1)
    .put('inner', new Struct(inner).put('region', 'eu')),
})
const map = schemaless({
  name: 'new',
  n: 1700000000,
  at: new Instant(5),
  small: new Int32(1),
  inner: { region: 'eu' },
})

describe('ExtractTopic of Confluent', () => {
  const { key, value, header } = extractTopic

  for (const [what, plugin, settings, record] of [
    ['the key', key, {}, sinkRecord(schemaless(1), { key: schemaless('new') })],
    ['a text', value, {}, sinkRecord(schemaless('new'))],
    ['a field of a map', value, { field: 'name' }, sinkRecord(map)],
    ['a field of a struct', value, { field: 'name' }, sinkRecord(struct())],
    ['a path', value, { 'field': '$.name', 'field.format': 'JSON_PATH' }, sinkRecord(struct())],
  ] as const) {
    test(`takes the topic from ${what}`, () => {
      expect(configure(plugin, settings)(record)?.topic).toBe('new')
    })
  }

  test('follows a path into what is nested', () => {
    const settings = { 'field': "$['inner'].region", 'field.format': 'json_path' }
    for (const from of [map, struct()]) {
      expect(configure(value, settings)(sinkRecord(from))?.topic).toBe('eu')
    }
  })

  test('takes the topic from a header', () => {
    const headers = Headers.of([{ key: 'to', schema: null, value: 'new' }])
    expect(configure(header, { field: 'to' })(sinkRecord(map, { headers }))?.topic).toBe('new')
    expect(() => configure(header, { field: 'from' })(sinkRecord(map, { headers }))).toThrow(
      'The header from should name the topic and is missing',
    )
  })

  for (const [what, from] of [
    ['a tombstone', schemaless(null)],
    ['a map without the field', schemaless({})],
    ['a null field', struct(null)],
  ] as const) {
    test(`fails for ${what}, or leaves it alone`, () => {
      const record = sinkRecord(from)
      expect(() => configure(value, { field: 'name' })(record)).toThrow(DataError)
      expect(configure(value, { 'field': 'name', 'skip.missing.or.null': 'true' })(record)).toBe(record)
    })
  }

  test('says what is no text', () => {
    expect(() => configure(value, { field: 'n' })(sinkRecord(map))).toThrow('is no text but java.lang.Long')
  })

  test('refuses a path that is none', () => {
    expect(() => configure(value, { 'field': 'a', 'field.format': 'JSON_PATH' })).toThrow(
      'a path begins with $',
    )
  })
})

describe('ExtractTopic of Aiven', () => {
  for (const [field, topic] of [
    ['name', 'new'],
    ['n', '1700000000'],
    ['small', '1'],
  ] as const) {
    test(`takes the topic from the field ${field}`, () => {
      for (const from of [map, struct()]) {
        expect(configure(aivenExtractTopic.value, { 'field.name': field })(sinkRecord(from))?.topic).toBe(
          topic,
        )
      }
    })
  }

  test('takes the whole key', () => {
    expect(configure(aivenExtractTopic.key)(sinkRecord(map))?.topic).toBe('k')
  })

  test('fails for what is missing, or leaves it alone', () => {
    for (const from of [schemaless({}), struct(null), schemaless({ name: ' ' })]) {
      const record = sinkRecord(from)
      const settings = { 'field.name': 'name' }
      expect(() => configure(aivenExtractTopic.value, settings)(record)).toThrow(
        "name in value can't be null or empty",
      )
      expect(
        configure(aivenExtractTopic.value, { ...settings, 'skip.missing.or.null': 'true' })(record),
      ).toBe(record)
    }
  })

  test('fails for a tombstone and for what is no simple value', () => {
    const apply = configure(aivenExtractTopic.value, { 'field.name': 'inner' })
    expect(() => apply(sinkRecord(schemaless(null)))).toThrow(
      "value can't be null if field name is specified",
    )
    for (const from of [map, struct()]) expect(() => apply(sinkRecord(from))).toThrow('must be a text')
  })
})

describe('Hash', () => {
  for (const [algorithm, digest] of [
    ['md5', '900150983cd24fb0d6963f7d28e17f72'],
    ['sha1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['sha256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ] as const) {
    test(`gives the ${algorithm} of a text`, () => {
      const text = { schema: Schema.STRING, value: 'abc' }
      const after = configure(hash.value, { function: algorithm })(sinkRecord(text))
      expect(after?.value).toEqual({ schema: Schema.STRING, value: digest })
    })
  }

  test('hashes a field and leaves the others and the given record alone', () => {
    for (const from of [map, struct('abc'), schemaless({ name: 'abc', other: 1 })]) {
      const before = String(sinkRecord(from))
      const record = sinkRecord(from)
      const after = configure(hash.value, { 'function': 'sha1', 'field.name': 'name' })(record)
      expect(String(after)).toMatch(/name=[0-9a-f]{40}\b/)
      expect(String(record)).toBe(before)
    }
  })

  test('fails for what is missing, or leaves it alone', () => {
    const settings = { 'function': 'md5', 'field.name': 'name' }
    for (const from of [schemaless({}), struct(null)]) {
      const record = sinkRecord(from)
      expect(() => configure(hash.value, settings)(record)).toThrow("name in value can't be null or missing")
      expect(configure(hash.value, { ...settings, 'skip.missing.or.null': 'true' })(record)).toBe(record)
    }
    expect(() => configure(hash.value, settings)(sinkRecord(schemaless(null)))).toThrow(
      "value can't be null if field name is specified",
    )
  })

  test('fails for what is no text', () => {
    const settings = { 'function': 'md5', 'field.name': 'n' }
    expect(() => configure(hash.value, settings)(sinkRecord(map))).toThrow('n in value must be STRING')
  })
})

describe('ExtractTimestamp', () => {
  for (const [field, resolution, timestamp] of [
    ['n', 'milliseconds', 1700000000],
    ['n', 'seconds', 1700000000000],
    ['at', 'seconds', 5],
  ] as const) {
    test(`takes ${field} in ${resolution}`, () => {
      const settings = { 'field.name': field, 'timestamp.resolution': resolution }
      for (const from of [map, struct()]) {
        expect(configure(extractTimestamp.value, settings)(sinkRecord(from))?.timestamp).toBe(timestamp)
      }
    })
  }

  for (const [what, field, from, message] of [
    ['a tombstone', 'n', schemaless(null), "value can't be null"],
    ['a missing field', 'x', map, "x field must be present and its value can't be null"],
    ['a missing field of a struct', 'x', struct(), "x field must be present and its value can't be null"],
    ['a text', 'name', map, 'name field must be INT64 or org.apache.kafka.connect.data.Timestamp'],
    ['an int32', 'small', struct(), 'small field must be INT64'],
    ['an int32 without schema', 'small', map, 'small field must be INT64'],
  ] as const) {
    test(`fails for ${what}`, () => {
      const apply = configure(extractTimestamp.value, { 'field.name': field })
      expect(() => apply(sinkRecord(from))).toThrow(message)
    })
  }
})
