import { describe, expect, test } from 'vitest'
import { stringJson } from '../../src/converters/json/write.ts'
import { type RecordRun, RecordBatchBuilder, runValue } from '../../src/protocol/record-batch.ts'
import { textRun } from '../support/text-run.ts'

const plain = ['', 'a', 'some text', 'x'.repeat(23), 'y'.repeat(24), 'z'.repeat(10_000)]
const odd = [
  '"quoted"',
  'back\\slash',
  'tab\tbell\u0007',
  '\u0000\u001f\u007f',
  'é\u2028日本',
  '🚀 x 🚀',
  '\r',
]
const texts = [...plain, ...odd, ...odd.map((text) => text + 'p'.repeat(100)), 'p'.repeat(61) + '"']

function run(form: 'plain' | 'json', extra: Partial<RecordRun> = {}): RecordRun {
  const frame = { before: Buffer.from('<'), after: Buffer.from('>') }
  return { timestamp: 1000, key: null, headers: null, ...frame, texts: textRun(texts).texts, form, ...extra }
}

const values = {
  plain: texts.map((text) => Buffer.from(`<${text}>`)),
  json: texts.map((text) => Buffer.from(`<${stringJson(text).slice(1, -1)}>`)),
}

describe('a run of records in a batch', () => {
  for (const form of ['plain', 'json'] as const) {
    for (const [what, extra] of Object.entries({
      'with values only': {},
      'with key and headers': { key: Buffer.from('key'), headers: [['h', Buffer.from('v')] as const] },
      'before the time of the batch': { timestamp: 5 },
    })) {
      test(`${what}, ${form}, gives the bytes that its records give one by one`, () => {
        const given = run(form, extra)
        const whole = new RecordBatchBuilder(Buffer.allocUnsafeSlow(64))
        const single = new RecordBatchBuilder()
        for (const builder of [whole, single]) builder.append(700, null, Buffer.from('first'), null)
        expect(whole.appendRun(given, 0, Infinity)).toBe(texts.length)
        for (const value of values[form]) single.append(given.timestamp, given.key, value, given.headers)
        expect(whole.count).toBe(texts.length + 1)
        expect(whole.close().equals(single.close())).toBe(true)
      })
    }

    test(`has values of their own memory, ${form}`, () => {
      const given = run(form)
      expect(texts.map((_, i) => runValue(given, i))).toEqual(values[form])
    })
  }

  test('stays within the limit and goes on in the next batch', () => {
    const given = run('json')
    const read: Buffer[] = []
    for (let from = 0; from < texts.length;) {
      const builder = new RecordBatchBuilder()
      const next = builder.appendRun(given, from, 400)
      expect(next).toBeGreaterThan(from)
      if (next > from + 1) expect(builder.length).toBeLessThanOrEqual(400)
      const single = new RecordBatchBuilder()
      for (const value of values.json.slice(from, next)) single.append(1000, null, value, null)
      expect(builder.close().equals(single.close())).toBe(true)
      read.push(...values.json.slice(from, next))
      from = next
    }
    expect(read).toEqual(values.json)
  })
})
