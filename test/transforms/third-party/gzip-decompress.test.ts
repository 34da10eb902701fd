import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Schema, type SinkRecord } from '../../../src/index.ts'
import { gzipDecompress } from '../../../src/transforms/third-party/gzip-decompress.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

describe('GzipDecompress', () => {
  const packed = (text: string) => gzipSync(Buffer.from(text))
  const unpacked = async (
    value: unknown,
    settings: Record<string, string> = {},
    schema: Schema | null = null,
  ) => {
    const apply = configure(gzipDecompress.value, settings)
    return (await Promise.resolve(apply(sinkRecord({ schema, value }))))!.value
  }

  test('unpacks bytes with and without a schema', async () => {
    const hello = Buffer.from('hello')
    expect(await unpacked(packed('hello'), {}, Schema.BYTES)).toEqual({ schema: Schema.BYTES, value: hello })
    expect(await unpacked(packed('hello'))).toEqual(schemaless(hello))
    const key = schemaless(Buffer.concat([packed('a'), packed('b')]))
    const onKey = configure(gzipDecompress.key)
    expect(onKey(sinkRecord(schemaless(1), { key }))!.key).toEqual(schemaless(Buffer.from('ab')))
  })

  test('unpacks what is large while other work goes on', async () => {
    const text = 'x'.repeat(3_000_000)
    const promise: unknown = configure(gzipDecompress.value)(sinkRecord(schemaless(packed(text))))
    expect(promise).toBeInstanceOf(Promise)
    const { value } = (await (promise as Promise<SinkRecord>)).value
    expect((value as Buffer).toString()).toBe(text)
  })

  test('unpacks no more than max.output.bytes', async () => {
    const settings = { 'max.output.bytes': '10' }
    expect((await unpacked(packed('x'.repeat(10)), settings)).value).toHaveLength(10)
    for (const length of [11, 2_000_000]) {
      await expect(unpacked(packed('x'.repeat(length)), settings)).rejects.toThrow(
        'more than max.output.bytes=10 come out',
      )
    }
  })

  test('leaves null alone', async () => {
    expect(await unpacked(null, {}, Schema.OPTIONAL_BYTES)).toEqual({
      schema: Schema.OPTIONAL_BYTES,
      value: null,
    })
  })

  test('refuses what is not packed', async () => {
    for (const bytes of [Buffer.from('plain text'), Buffer.alloc(0), packed('hello').subarray(0, 10)]) {
      await expect(unpacked(bytes)).rejects.toThrow(
        'The value of a record of topic orders cannot be unpacked: ',
      )
    }
    await expect(unpacked('text')).rejects.toThrow('and is java.lang.String')
    expect(() => configure(gzipDecompress.value, { 'max.output.bytes': '0' })).toThrow(
      'Value must be at least 1',
    )
  })
})
