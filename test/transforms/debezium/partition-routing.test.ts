import { describe, expect, test } from 'vitest'
import { DataError, Decimal, decimalBuilder, Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { javaHash } from '../../../src/transforms/debezium/java-hash.ts'
import { murmurHash, partitionRouting } from '../../../src/transforms/debezium/partition-routing.ts'
import { change, configure, row, rowSchema, sourceRecord, tombstone } from './support.ts'

const schema = SchemaBuilder.struct()
  .field('id', Schema.INT64)
  .field('product', Schema.OPTIONAL_STRING)
  .optional()
  .build()
const orange = new Struct(schema).put('id', 1).put('product', 'orange')
const routing = (fields: string, partitions: number, hash?: string) =>
  configure(partitionRouting, {
    'partition.payload.fields': fields,
    'partition.topic.num': String(partitions),
    ...(hash === undefined ? {} : { 'partition.hash.function': hash }),
  })

describe('PartitionRouting', () => {
  // The numbers are those that Debezium's own tests expect.
  for (const [fields, partitions, hash, expected] of [
    ['change.id, change.product', 100, undefined, 39],
    ['change.id, change.product', 100, 'murmur', 65],
    ['change.id, change.product', 100, 'MURMUR', 65],
    ['after.not_existing,change.product', 3, undefined, 1],
  ] as const) {
    test(`sends ${fields} by ${hash ?? 'default'} to ${expected} of ${partitions}`, () => {
      const record = change({ op: 'c', after: orange })
      expect(routing(fields, partitions, hash)(record)!.partition).toBe(expected)
      expect(record.partition).toBeNull()
    })
  }

  test('takes change from before in deletes and from after otherwise', () => {
    const apply = routing('change . product', 1000)
    const expected = apply(change({ op: 'c', after: orange }))!.partition
    const apple = new Struct(schema).put('id', 1).put('product', 'apple')
    expect(apply(change({ op: 'u', before: apple, after: orange }))!.partition).toBe(expected)
    expect(apply(change({ op: 'd', before: orange }))!.partition).toBe(expected)
    expect(apply(change({ op: 'd', before: apple }))!.partition).not.toBe(expected)
  })

  test('keeps the partitions of equal contents together', () => {
    const apply = routing('source.table,op', 50)
    const first = apply(change({ op: 'c', after: row(1) }))!
    expect(apply(change({ op: 'c', after: row(2) }))!.partition).toBe(first.partition)
    expect(apply(change({ op: 'u', after: row(1) }))!.partition).not.toBe(first.partition)
  })

  for (const [what, record] of [
    ['without any of the fields', change({ op: 'c', after: row(7) })],
    ['with null in the field', change({ op: 'c', after: new Struct(schema).put('id', 1) })],
    ['without the row', change({ op: 'd', before: orange })],
    ['of a truncated table', change({ op: 't', schema: change({ op: 'c', after: orange }).value.schema! })],
    ['that is a message', change({ op: 'm', after: orange })],
    ['without value', tombstone()],
    ['that is no change event', sourceRecord({ schema: rowSchema, value: row(7) })],
  ] as const) {
    test(`leaves a record ${what} alone`, () => {
      expect(routing('after.product', 2)(record)).toBe(record)
    })
  }

  test('says what it cannot hash', () => {
    expect(() => routing('source', 2)(change({ op: 'c', after: orange }))).toThrow(
      new DataError('A partition cannot be computed from a org.apache.kafka.connect.data.Struct'),
    )
  })

  for (const [settings, message] of [
    [{ 'partition.topic.num': '2' }, 'Missing required configuration "partition.payload.fields"'],
    [{ 'partition.payload.fields': 'op' }, 'Missing required configuration "partition.topic.num"'],
    [
      { 'partition.payload.fields': ',op', 'partition.topic.num': '2' },
      'for configuration partition.payload.fields: Empty string element(s) not permitted',
    ],
    [{ 'partition.payload.fields': 'op', 'partition.topic.num': '0' }, 'Value must be at least 1'],
    [
      { 'partition.payload.fields': 'op', 'partition.topic.num': '2', 'partition.hash.function': 'md5' },
      'Invalid value md5 for configuration partition.hash.function: Value must be one of java, murmur',
    ],
  ] as const) {
    test(`refuses ${JSON.stringify(settings)}`, () => {
      expect(() => configure(partitionRouting, settings as Record<string, string>)).toThrow(message)
    })
  }
})

describe("Java's hash", () => {
  const list = SchemaBuilder.array(Schema.INT32).build()

  // What a JVM gives.
  for (const [what, value, schema, expected] of [
    ['a text', 'hello', Schema.STRING, 99162322],
    ['a text that overflows', 'polygenelubricants', Schema.STRING, -2147483648],
    ['true', true, Schema.BOOLEAN, 1231],
    ['false', false, Schema.BOOLEAN, 1237],
    ['a negative int8', -5, Schema.INT8, -5],
    ['an int32', 70000, Schema.INT32, 70000],
    ['a small int64', 7, Schema.INT64, 7],
    ['a negative int64', -1, Schema.INT64, 0],
    ['a large int64', 2n ** 62n + 3n, Schema.INT64, 0x40000003],
    ['a float', Math.fround(3.3), Schema.FLOAT32, 1079194419],
    ['a double', 1.5, Schema.FLOAT64, 0x3ff80000],
    ['a decimal', new Decimal(-12345n, 2), decimalBuilder(2).build(), -382693],
    ['a large decimal', new Decimal(-999999999999999999995n, 1), decimalBuilder(1).build(), 544351245],
    ['a negative double', -0.1, Schema.FLOAT64, 639631363],
    ['bytes', Buffer.from([1, 255, 7]), Schema.BYTES, 36488],
    ['a list', [1, 2], list, (31 + 1) * 31 + 2],
  ] as const) {
    test(`of ${what}`, () => {
      expect(javaHash(value, schema)).toBe(expected)
    })
  }
})

describe('murmur', () => {
  // What Debezium's class gives on a JVM.
  for (const [value, schema, expected] of [
    ['', Schema.STRING, 89125410],
    ['a', Schema.STRING, -1119243492],
    ['exactly 16 bytes', Schema.STRING, -1274086255],
    ['The quick brown fox jumps over the lazy dog', Schema.STRING, 1049944299],
    ['blåbærgrød på 16 æøå', Schema.STRING, 1188155251],
    ['half \ud83d pair', Schema.STRING, -1862852030],
    ['😀 日本語のテキスト', Schema.STRING, -10819564],
    [-7, Schema.INT64, -1186792804],
    [70000, Schema.INT32, -424370322],
    [true, Schema.BOOLEAN, -1891831265],
  ] as const) {
    test(`of ${JSON.stringify(value)}`, () => {
      expect(murmurHash(value, schema)).toBe(expected)
    })
  }
})
