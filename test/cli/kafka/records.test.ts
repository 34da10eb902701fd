import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { alignedText } from '../../../src/cli/kafka/table.ts'
import { linesOf } from '../../../src/cli/kafka/lines.ts'
import { recordsOfLines } from '../../../src/cli/kafka/line-record.ts'
import { parseStart, startOffset } from '../../../src/cli/kafka/offset-option.ts'
import { bytesOf, formatWriter } from '../../../src/cli/kafka/record-format.ts'
import { jsonWriter, parseJsonRecord } from '../../../src/cli/kafka/record-json.ts'
import type { ConsumerRecord } from '../../../src/kafka/client.ts'

const record: ConsumerRecord = {
  topic: 't',
  partition: 2,
  offset: 7,
  leaderEpoch: 0,
  timestamp: 1700000000123,
  timestampType: 'CreateTime',
  key: Buffer.from('k'),
  value: Buffer.from('zwölf'),
  headers: [
    ['a', Buffer.from('1')],
    ['b', null],
    ['a', Buffer.alloc(0)],
  ],
}
const nothing: ConsumerRecord = { ...record, key: null, value: null, headers: [] }
const binary: ConsumerRecord = {
  ...record,
  value: Buffer.from([0xff, 0, 10]),
  headers: [['h', Buffer.from([0xfe])]],
}

describe('a format', () => {
  const text = (format: string, of = record, options = {}) =>
    bytesOf([of], formatWriter(format, options)).toString()

  // As kcat 1.7 prints them.
  for (const [format, full, empty] of [
    ['%t/%p/%o', 't/2/7', 't/2/7'],
    ['%k=%s', 'k=zwölf', '='],
    ['%K %S', '1 6', '-1 -1'],
    ['%T', '1700000000123', '1700000000123'],
    ['%h', 'a=1,b=NULL,a=', ''],
    ['100%% \\t\\x41\\\\', '100% \tA\\', '100% \tA\\'],
  ] as const) {
    test(`${format} is filled in`, () => {
      expect(text(format)).toBe(full)
      expect(text(format, nothing)).toBe(empty)
    })
  }

  test('prints bytes as they are, and lengths as four bytes', () => {
    expect(bytesOf([binary], formatWriter('%R%s'))).toEqual(Buffer.from([0, 0, 0, 3, 0xff, 0, 10]))
  })

  test('says NULL where asked to', () => {
    expect(text('%k:%s', nothing, { nullText: 'NULL' })).toBe('NULL:NULL')
    expect(text('%s', { ...record, value: Buffer.alloc(0) }, { nullText: 'NULL' })).toBe('')
  })

  for (const wrong of ['%x', '%', 'a%', '%constructor', '\\q', 'a\\', '\\x4'])
    test(`${wrong} is refused`, () => expect(() => formatWriter(wrong)).toThrow())
})

describe('JSON', () => {
  const line = (of: ConsumerRecord) => bytesOf([of], jsonWriter).toString()

  test("has kcat's members", () => {
    expect(line(record)).toBe(
      '{"topic":"t","partition":2,"offset":7,"tstype":"create","ts":1700000000123,' +
        '"headers":["a","1","b",null,"a",""],"key":"k","payload":"zwölf"}\n',
    )
    expect(JSON.parse(line(nothing))).toMatchObject({ key: null, payload: null })
    expect(line(nothing)).not.toContain('headers')
  })

  for (const [name, of] of Object.entries({ record, nothing, binary })) {
    test(`brings back what was written: ${name}`, () => {
      const { topic, timestamp, key, value, headers } = of
      expect(parseJsonRecord(line(of))).toEqual({
        topic,
        timestamp,
        key,
        value,
        headers: headers.length === 0 ? null : headers,
      })
    })
  }

  for (const wrong of ['', '[]', '5', '{"key":"k"}', '{"payload":5}', '{"payload":"","headers":["a"]}'])
    test(`${inspect(wrong)} is refused`, () => expect(() => parseJsonRecord(wrong)).toThrow())
})

describe('lines', () => {
  const split = async (chunks: readonly string[], limit = 100) => {
    const lines: string[] = []
    for await (const some of linesOf(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), limit))
      lines.push(...some.map(String))
    return lines
  }

  for (const { chunks, lines } of [
    { chunks: [], lines: [] },
    { chunks: ['a\nb\n'], lines: ['a', 'b'] },
    { chunks: ['a', 'b', '\n', '\nc'], lines: ['ab', '', 'c'] },
    { chunks: ['a\r\n', '\n'], lines: ['a\r', ''] },
    { chunks: ['zw\u00f6', 'lf'], lines: ['zwölf'] },
  ])
    test(`${inspect(chunks)} are ${inspect(lines)}`, async () => expect(await split(chunks)).toEqual(lines))

  test('of any length are not read: the number of the line is said', async () => {
    await expect(split(['ok\n', 'x'.repeat(60), 'x'.repeat(60)])).rejects.toThrow('line 2 is longer than 100')
  })
})

describe('a line becomes a record', () => {
  const of = (line: string, options: Parameters<typeof recordsOfLines>[0] = {}) =>
    recordsOfLines({ topic: 't', ...options })(Buffer.from(line))
  const bytes = Buffer.from

  test('with its key before the first separator', () => {
    expect(of('a::b::c', { keySeparator: '::' })).toMatchObject({ key: bytes('a'), value: bytes('b::c') })
    expect(of('a\tb', { keySeparator: '\\t' })).toMatchObject({ key: bytes('a'), value: bytes('b') })
    expect(of('ab', { keySeparator: ':' })).toMatchObject({ key: null, value: bytes('ab') })
  })

  test('with nulls only where asked to', () => {
    expect(of('k:', { keySeparator: ':' })).toMatchObject({ value: bytes('') })
    expect(of('k:', { keySeparator: ':', nulls: true })).toMatchObject({ key: bytes('k'), value: null })
    expect(of(':', { keySeparator: ':', nulls: true })).toMatchObject({ key: null, value: null })
  })

  test('with headers, the same name twice', () => {
    const { headers } = of('', { header: ['a=1', 'a=b=c', 'n'] })
    expect(headers).toEqual([
      ['a', bytes('1')],
      ['a', bytes('b=c')],
      ['n', null],
    ])
  })

  test('of JSON goes where it was, or where it is sent', () => {
    const json = '{"topic":"old","partition":9,"ts":5,"payload":"v","headers":["a","1"]}'
    const read = recordsOfLines({ json: true, header: ['b=2'] })(Buffer.from(json))
    expect(read).toMatchObject({ topic: 'old', partition: null, timestamp: 5, value: bytes('v') })
    expect(read.headers?.map(([name]) => name)).toEqual(['a', 'b'])
    expect(of(json, { json: true })).toMatchObject({ topic: 't' })
    expect(() => recordsOfLines({ json: true })(Buffer.from('{"payload":"v"}'))).toThrow('no -t')
  })

  for (const wrong of [
    { topic: undefined },
    { partition: '-1' },
    { keySeparator: '' },
    { header: ['=v'] },
    { json: true, nulls: true },
  ])
    test(`${inspect(wrong)} is refused`, () => expect(() => of('', wrong as object)).toThrow())
})

describe('where to start', () => {
  const extent = { start: 10, end: 20 }
  for (const [text, offset] of [
    ['beginning', 10],
    ['end', 20],
    ['15', 15],
    ['3', 10],
    ['99', 20],
    ['-4', 16],
    ['-40', 10],
  ] as const)
    test(`${text} of 10 to 20 is ${offset}`, () => expect(startOffset(parseStart(text), extent)).toBe(offset))

  for (const wrong of ['', 'middle', '1.5', '--1', '1e3'])
    test(`${inspect(wrong)} is refused`, () => expect(() => parseStart(wrong)).toThrow('is no offset'))
})

test('a table stands under its headings, numbers to the right', () => {
  const rows = [
    { topic: 'orders', partition: 0, endOffset: 1234 },
    { topic: 'a', partition: 10, endOffset: null },
  ]
  expect(alignedText(rows, false).split('\n')).toEqual([
    'TOPIC   PARTITION  END OFFSET',
    'orders          0        1234',
    'a              10           -',
    '',
  ])
  expect(alignedText(rows, true)).toMatch(/^\u001b\[1mTOPIC/)
})
