import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compress, decompress } from '../../src/protocol/codecs.ts'
import { batchHeaderBytes, codecIds, readBatchHeader, RecordReader } from '../../src/protocol/record-batch.ts'

const fixtures = new URL('../fixtures/kafka-batches/', import.meta.url)
const lines = readFileSync(new URL('lines.txt', fixtures), 'utf8').trimEnd().split('\n')
const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const

describe.each(codecs)('%s', (codec) => {
  for (const writer of ['java', 'kcat']) {
    test(`reads what ${writer} wrote`, async () => {
      const bytes = readFileSync(new URL(`${writer}-${codec}.bin`, fixtures))
      const found: string[] = []
      const used = new Set<number>()
      for (let at = 0; at < bytes.length;) {
        const batch = readBatchHeader(bytes, at)!
        used.add(batch.codec)
        const records = await decompress(
          batch.codec,
          bytes.subarray(at + batchHeaderBytes, batch.end),
          1 << 24,
        )
        const reader = new RecordReader(batch, records)
        while (reader.next()) found.push(String(reader.value))
        at = batch.end
      }
      expect(found).toEqual(lines)
      expect(used).toContain(codecIds[codec])
    })
  }

  for (const [name, bytes] of Object.entries(samples())) {
    test(`gives back ${name}`, async () => {
      const compressed = await compress(codec, bytes, null)
      expect(bytes.equals(await decompress(codecIds[codec], compressed, bytes.length + 1))).toBe(true)
    })
  }

  test('makes text smaller', async () => {
    const text = Buffer.from(lines.join('\n'))
    expect((await compress(codec, text, null)).length).toBeLessThan(text.length / 2)
  })

  test('refuses more bytes than are allowed', async () => {
    const compressed = await compress(codec, Buffer.alloc(200_000), null)
    await expect(async () => decompress(codecIds[codec], compressed, 100_000)).rejects.toThrow()
  })

  test('survives damaged bytes', async () => {
    const compressed = await compress(codec, Buffer.from(lines.join('\n')), null)
    for (let at = 0; at < compressed.length; at += 97) {
      const damaged = Buffer.from(compressed)
      damaged[at]! ^= 0x55
      const cut = compressed.subarray(0, at)
      for (const bytes of [damaged, cut]) {
        await Promise.resolve()
          .then(() => decompress(codecIds[codec], bytes, 1 << 20))
          .then(
            (result) => expect(result.length).toBeLessThanOrEqual(1 << 20),
            () => {},
          )
      }
    }
  })
})

test('reads snappy without its framing', async () => {
  const framed = await compress('snappy', Buffer.from('hello hello hello hello hello'), null)
  // 16 bytes of header, 4 bytes of length, one block.
  expect(String(await decompress(codecIds.snappy, framed.subarray(20), 100))).toBe(
    'hello hello hello hello hello',
  )
})

test('names an unknown codec', () => {
  expect(() => decompress(5, Buffer.alloc(10), 100)).toThrow('compression codec 5 cannot be read')
})

function samples(): Record<string, Buffer> {
  let state = 1
  const noise = Buffer.from(
    Array.from({ length: 200_000 }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24),
  )
  return {
    'nothing': Buffer.alloc(0),
    'one byte': Buffer.from('x'),
    'eleven bytes': Buffer.from('hello world'),
    'zeros': Buffer.alloc(300_000),
    'noise': noise,
    'a long repetition after noise': Buffer.concat([noise.subarray(0, 70_000), noise.subarray(0, 70_000)]),
    'text': Buffer.from(lines.join('\n').repeat(5)),
  }
}
