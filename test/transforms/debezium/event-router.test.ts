import { describe, expect, test } from 'vitest'
import { ConnectError, nothing, Schema, SchemaBuilder, Struct, timestampSchema } from '../../../src/index.ts'
import { eventRouter } from '../../../src/transforms/debezium/event-router.ts'
import {
  change,
  configure,
  contents,
  headerTexts,
  row,
  rowSchema,
  shape,
  sourceRecord,
  tombstone,
} from './support.ts'

const micros = new Schema({ type: 'INT64', optional: true, name: 'io.debezium.time.MicroTimestamp' })
const schema = SchemaBuilder.struct()
  .name('srv.shop.outbox.Value')
  .field('id', Schema.STRING)
  .field('aggregatetype', Schema.OPTIONAL_STRING)
  .field('aggregateid', Schema.STRING)
  .field('type', Schema.STRING)
  .field('payload', Schema.OPTIONAL_STRING)
  .field('at', micros)
  .field('version', Schema.OPTIONAL_INT32)
  .field('shard', Schema.OPTIONAL_INT32)
  .optional()
  .build()

function event(columns: Record<string, unknown> = {}, op: 'c' | 'r' | 'u' | 'd' | 't' = 'c') {
  const all = {
    id: 'e1',
    aggregatetype: 'order',
    aggregateid: '7',
    type: 'Created',
    payload: '{"a":1}',
    ...columns,
  }
  const struct = new Struct(schema)
  for (const [name, value] of Object.entries(all)) struct.put(name, value)
  if (op === 't') return change({ op, schema: change({ op: 'c', after: struct }).value.schema! })
  return change(op === 'd' ? { op, before: struct } : { op, after: struct })
}

const router = (settings: Record<string, string> = {}) => configure(eventRouter, settings)

describe('EventRouter', () => {
  test('makes the message that the row describes', () => {
    const before = event()
    const after = router()(before)!
    expect(after.topic).toBe('outbox.event.order')
    expect(after.partition).toBeNull()
    expect(after.key).toEqual({ schema: Schema.STRING, value: '7' })
    expect(after.value).toEqual({ schema: Schema.OPTIONAL_STRING, value: '{"a":1}' })
    expect(after.timestamp).toBe(1700000000456)
    expect([...after.headers]).toEqual([{ key: 'id', schema: Schema.STRING, value: 'e1' }])
    expect(after.sourceOffset).toBe(before.sourceOffset)
    expect(headerTexts(before)).toEqual([])
  })

  test('takes rows of a snapshot, too', () => {
    expect(router()(event({}, 'r'))!.topic).toBe('outbox.event.order')
  })

  test('drops deletes and tombstones, and leaves alone what is no change event', () => {
    expect(router()(event({}, 'd'))).toBeNull()
    expect(router()(tombstone())).toBeNull()
    const heartbeat = sourceRecord({ schema: rowSchema, value: row(7) })
    expect(router()(heartbeat)).toBe(heartbeat)
  })

  for (const [settings, isFatal] of [
    [{}, false],
    [{ 'table.op.invalid.behavior': 'warn' }, false],
    [{ 'table.op.invalid.behavior': 'Error' }, false],
    [{ 'table.op.invalid.behavior': 'fatal' }, true],
    [{ 'debezium.op.invalid.behavior': 'fatal' }, true],
  ] as const) {
    test(`${isFatal ? 'refuses' : 'drops'} updates with ${JSON.stringify(settings)}`, () => {
      const apply = router(settings)
      if (isFatal)
        expect(() => apply(event({}, 'u'))).toThrow('Unexpected update message received Struct{id=7}, fail.')
      else expect(apply(event({}, 'u'))).toBeNull()
    })
  }

  test('takes everything from other columns if told so', () => {
    const apply = router({
      'table.field.event.id': 'aggregateid',
      'table.field.event.key': 'shard',
      'table.field.event.payload': 'type',
      'table.field.event.timestamp': 'at',
      'route.by.field': 'id',
      'route.topic.regex': 'e(?<number>\\d)',
      'route.topic.replacement': '${number}.events',
    })
    const after = apply(event({ shard: 3, at: 1700000000999999 }))!
    expect(after.topic).toBe('1.events')
    expect(after.key).toEqual({ schema: Schema.OPTIONAL_INT32, value: 3 })
    expect(after.value).toEqual({ schema: Schema.STRING, value: 'Created' })
    expect(after.timestamp).toBe(1700000000999)
    expect(headerTexts(after)).toEqual(['id=7'])
    expect(apply(event({ id: 'x' }))!.topic).toBe('x')
  })

  for (const [settings, message] of [
    [{ 'table.field.event.payload': 'x' }, 'Unable to find payload field x in event'],
    [{ 'table.field.event.id': 'x' }, 'Unable to find event-id field x in event'],
    [{ 'table.field.event.key': 'x' }, 'Unable to find event-key field x in event'],
    [{ 'table.field.event.timestamp': 'x' }, 'Unable to find timestamp field x in event'],
    [{ 'route.by.field': 'x' }, 'x is not a valid field name'],
    [{ 'table.fields.additional.placement': 'x:header' }, 'Unable to find field x in event'],
    [{ 'table.fields.additional.placement': 'x:envelope' }, 'Unable to find field x in event'],
    [{ 'table.fields.additional.placement': 'x:partition' }, 'Unable to find field x in event'],
  ] as const) {
    test(`says that a column is missing: ${JSON.stringify(settings)}`, () => {
      expect(() => router(settings)(event())).toThrow(message)
    })
  }

  test('fails where the column for the topic is null and where there is no row', () => {
    expect(() => router()(event({ aggregatetype: null }))).toThrow(
      new ConnectError('The field aggregatetype that routes the event is null'),
    )
    expect(() => router()(event({}, 't'))).toThrow('An event with the operation t has no row')
  })

  test('accepts the settings for tracing, which change nothing', () => {
    const settings = {
      'tracing.span.context.field': 'span',
      'tracing.operation.name': 'read',
      'tracing.with.context.field.only': 'true',
    }
    expect(headerTexts(router(settings)(event())!)).toEqual(['id=e1'])
  })
})

describe('timestamps', () => {
  const at = (type: Schema, value: unknown) => {
    const names = ['id', 'aggregatetype', 'aggregateid', 'payload']
    const builder = SchemaBuilder.struct()
    for (const name of names) builder.field(name, Schema.STRING)
    const struct = new Struct(builder.field('at', type).build()).put('at', value)
    for (const name of names) struct.put(name, 'x')
    return router({ 'table.field.event.timestamp': 'at' })(change({ op: 'c', after: struct }))!.timestamp
  }
  const named = (name: string) => new Schema({ type: 'INT64', optional: true, name })

  for (const [type, value, expected] of [
    [named('io.debezium.time.Timestamp'), 1700000000123, 1700000000123],
    [named('io.debezium.time.MicroTimestamp'), 1700000000123999, 1700000000123],
    [named('io.debezium.time.MicroTimestamp'), -1999, -1],
    [named('io.debezium.time.NanoTimestamp'), 1700000000123999999n, 1700000000123],
    [timestampSchema, 1700000000123, 1700000000123],
    [named('io.debezium.time.Timestamp'), null, 1700000000456],
  ] as const) {
    test(`of ${type.name} ${value} are ${expected}`, () => {
      expect(at(type, value)).toBe(expected)
    })
  }

  test('must say what they count', () => {
    expect(() => at(Schema.INT64, 5)).toThrow(
      'Unsupported field type INT64 (without logical schema name) for event timestamp',
    )
    expect(() => at(named('x.Days'), 5)).toThrow('Unsupported field type x.Days for event timestamp')
    expect(() => at(Schema.STRING, 'x')).toThrow("Field 'at' is not of type INT64")
  })
})

describe('additional columns', () => {
  const place = (placement: string, more: Record<string, string> = {}) =>
    router({ 'table.fields.additional.placement': placement, ...more })

  test('go into headers', () => {
    const after = place('type:header, shard:HEADER:region')(event({ shard: 4 }))!
    expect([...after.headers].slice(1)).toEqual([
      { key: 'type', schema: Schema.STRING, value: 'Created' },
      { key: 'region', schema: Schema.OPTIONAL_INT32, value: 4 },
    ])
    expect(after.value.schema).toBe(Schema.OPTIONAL_STRING)
  })

  test('choose the partition', () => {
    expect(place('shard:partition')(event({ shard: 4 }))!.partition).toBe(4)
    expect(place('shard:partition')(event())!.partition).toBeNull()
    expect(() => place('type:partition')(event())).toThrow("Field 'type' is not of type INT32")
  })

  test('go into an envelope with the payload, whose schema tells what it is about', () => {
    const apply = place('type:envelope:kind,shard:envelope', {
      'table.field.event.schema.version': 'version',
    })
    const after = apply(event({ shard: 4, version: 2 }))!
    expect(after.value.schema!.name).toBe('srv.shop.outbox.order.Value')
    expect(after.value.schema!.version).toBe(2)
    expect(shape(after.value.schema)).toBe('payload:STRING? kind:STRING shard:INT32?')
    expect(contents(after.value.value)).toEqual({ payload: '{"a":1}', kind: 'Created', shard: 4 })
    expect(apply(event({ version: 2 }))!.value.schema).toBe(after.value.schema)
    const other = apply(event({ aggregatetype: 'bill', version: 3 }))!.value.schema!
    expect([other.name, other.version]).toEqual(['srv.shop.outbox.bill.Value', 3])
  })

  for (const settings of [
    { 'table.field.additional.missing': 'ignore' },
    { 'table.fields.additional.error.on.missing': 'false' },
  ]) {
    test(`may be missing with ${JSON.stringify(settings)}`, () => {
      const after = place('x:header,x:partition,x:envelope,type:envelope', settings)(event())!
      expect(headerTexts(after)).toEqual(['id=e1'])
      expect(contents(after.value.value)).toEqual({ payload: '{"a":1}', type: 'Created' })
    })
  }

  for (const [placement, message] of [
    ['type', 'A comma-separated list of valid String pairs or trios is expected but got: type'],
    ['a:b:c:d', 'A comma-separated list of valid String pairs or trios is expected but got: a:b:c:d'],
    ['type:value', 'Placement must be one of header, envelope, partition: type:value'],
    ['type:envelope:payload', 'the value has such a field already'],
  ] as const) {
    test(`are refused as ${placement}`, () => {
      expect(() => place(placement)).toThrow(message)
    })
  }
})

describe('empty payloads', () => {
  for (const payload of [null, '', ' \n']) {
    test(`${JSON.stringify(payload)} become tombstones only if wanted`, () => {
      expect(router()(event({ payload }))!.value.value).toBe(payload)
      for (const more of [{}, { 'table.fields.additional.placement': 'type:envelope' }]) {
        const settings = { 'route.tombstone.on.empty.payload': 'true', ...more }
        expect(router(settings)(event({ payload }))!.value).toEqual(nothing)
      }
    })
  }
})

describe('payloads of JSON', () => {
  const expand = (payload: string | null, more: Record<string, string> = {}) =>
    router({ 'table.expand.json.payload': 'true', ...more })(event({ payload }))!.value
  const plain = (value: unknown): unknown =>
    value instanceof Struct
      ? Object.fromEntries(value.schema.fields.map(({ name, index }) => [name, plain(value.at(index))]))
      : Array.isArray(value)
        ? value.map(plain)
        : value

  test('become structs, number types as they are written, names in their order', () => {
    const { schema, value } = expand(
      '{"n": 5, "2": 1, "long": 5000000000, "big": 9007199254740993, "d": 10.0, "e": 1e3, "t": "é\\u0041", "yes": true,' +
        ' "in": {"x": -1}, "__proto__": {"y": 0}}',
    )
    expect(shape(schema)).toBe(
      'n:INT32? 2:INT32? long:INT64? big:INT64? d:FLOAT64? e:FLOAT64? t:STRING? yes:BOOLEAN? in:STRUCT? __proto__:STRUCT?',
    )
    expect(schema!.optional).toBe(true)
    expect(schema!.name).toBe('payload')
    expect(schema!.field('in')!.schema.name).toBe('payload.in')
    expect((value as Struct).get('big')).toBe(9007199254740993n)
    expect((value as Struct).get('t')).toBe('éA')
    expect(plain((value as Struct).get('in'))).toEqual({ x: -1 })
    ;(value as Struct).validate()
  })

  test('have one schema as long as they look alike, whatever they hold', () => {
    const apply = router({ 'debezium.expand.json.payload': 'true' })
    const first = apply(event({ payload: '{"a": 1}' }))!.value
    const second = apply(event({ payload: '{"a": 2}' }))!.value
    expect(second.schema).toBe(first.schema)
    expect((second.value as Struct).schema).toBe(first.schema)
  })

  test('may hold arrays of plain values, of arrays and of objects that differ', () => {
    const { schema, value } = expand(
      '{"l": [1, null, 2], "m": [[1], [2, 3]], "o": [{"a": 1}, {"b": "x"}, {"a": 2}]}',
    )
    expect(plain(value)).toEqual({
      l: [1, null, 2],
      m: [[1], [2, 3]],
      o: [
        { a: 1, b: null },
        { a: null, b: 'x' },
        { a: 2, b: null },
      ],
    })
    const element = schema!.field('o')!.schema.valueSchema!
    expect(shape(element)).toBe('a:INT32? b:STRING?')
    expect(element.name).toBe('payload.o')
  })

  test('may be large and full of escapes', () => {
    const text = 'é"\\\n'.repeat(1_000_000)
    expect((expand(JSON.stringify({ text })).value as Struct).get('text')).toBe(text)
  })

  test('may be an array as a whole', () => {
    const { schema, value } = expand('[{"a": 1}]')
    expect(schema!.type).toBe('ARRAY')
    expect(plain(value)).toEqual([{ a: 1 }])
  })

  test('lose nulls and empty arrays, or keep them', () => {
    const text = '{"a": null, "l": [], "o": [{"x": null}, {"x": 1}]}'
    expect(shape(expand(text).schema)).toBe('o:ARRAY?')
    const kept = expand(text, {
      'table.json.payload.null.behavior': 'optional_bytes',
      'table.json.payload.empty.array.behavior': 'optional_string',
    })
    expect(shape(kept.schema)).toBe('a:BYTES? l:ARRAY? o:ARRAY?')
    expect(plain(kept.value)).toEqual({ a: null, l: [], o: [{ x: null }, { x: 1 }] })
    expect(shape(kept.schema!.field('o')!.schema.valueSchema)).toBe('x:INT32?')
  })

  test('get names that Avro accepts if wanted', () => {
    const { value } = expand('{"a-b": 1, "a_b": 2, "1x": {"c.d": 3}}', {
      'field.name.adjustment.mode': 'avro',
    })
    expect(plain(value)).toEqual({ a_b: 1, _1x: { c_d: 3 } })
  })

  test('go into the envelope', () => {
    const { schema, value } = expand('{"a": 1}', { 'table.fields.additional.placement': 'type:envelope' })
    expect(plain(value)).toEqual({ payload: { a: 1 }, type: 'Created' })
    expect(schema!.field('payload')!.schema.name).toBe('payload')
  })

  for (const payload of [
    null,
    'plain',
    '12',
    '{"a": 1',
    '{"a": 01}',
    '{"a": "\\x"}',
    '{"a": "x\\"}',
    '{"a": 1,}',
    '[1 2]',
    '{"a": 1} x',
    '{"a": "\n"}',
    '{"a": nul}',
    '{a: 1}',
    '[]',
    '[1, "x"]',
    '[1, 5000000000]',
    '[null]',
    '{"a": [{"x": 1}, {"x": "y"}]}',
    '{"a": 99999999999999999999}',
    '['.repeat(100_000),
  ]) {
    test(`stay as they are: ${String(payload).slice(0, 40)}`, () => {
      expect(expand(payload)).toEqual({ schema: Schema.OPTIONAL_STRING, value: payload })
    })
  }
})

describe('settings', () => {
  for (const [settings, message] of [
    [{ 'route.topic.regex': '(' }, 'Invalid value ( for configuration route.topic.regex: Invalid regex'],
    [{ 'table.op.invalid.behavior': 'stop' }, 'Value must be one of warn, error, fatal'],
    [{ 'table.json.payload.null.behavior': 'x' }, 'Value must be one of ignore, optional_bytes'],
    [{ 'table.field.additional.missing': 'x' }, 'Value must be one of error, ignore'],
    [{ 'field.name.adjustment.mode': 'x' }, 'Value must be one of none, avro, avro_unicode'],
  ] as const) {
    test(`refuse ${JSON.stringify(settings)}`, () => {
      expect(() => router(settings)).toThrow(message)
    })
  }
})
