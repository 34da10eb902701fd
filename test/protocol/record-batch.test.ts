import { describe, expect, test } from 'vitest'
import {
  batchHeaderBytes,
  isBatchIntact,
  readBatchHeader,
  RecordBatchBuilder,
  RecordReader,
  recordSizeUpperBound,
} from '../../src/protocol/record-batch.ts'

type Headers = readonly (readonly [string, Buffer | null])[]
interface Sample {
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

describe('a record batch', () => {
  test('is byte for byte what Java writes', () => {
    const builder = new RecordBatchBuilder()
    builder.append(1_700_000_000_000, Buffer.from('k'), Buffer.from('hello'), [['h', Buffer.from([1])]])
    builder.append(1_700_000_000_005, null, null, null)
    const batch = builder.close({ producerId: 7, producerEpoch: 1, baseSequence: 3 })
    // Recorded from MemoryRecords.withIdempotentRecords of kafka-clients 4.1.1.
    expect(batch.toString('hex')).toBe(
      '000000000000000000000049ffffffff02d028cb3a0000000000010000018bcfe568000000018bcfe5680500000000000000070001' +
        '000000030000000220000000026b0a68656c6c6f02026802010c000a02010100',
    )
  })

  test('gives back what went in, whatever it is', () => {
    const random = mulberry(42)
    for (let round = 0; round < 200; round++) {
      const samples = Array.from({ length: 1 + Math.floor(random() * 40) }, () => randomSample(random))
      const builder = new RecordBatchBuilder(Buffer.allocUnsafeSlow(64))
      let length = batchHeaderBytes
      for (const { timestamp, key, value, headers } of samples) {
        const after = builder.append(timestamp, key, value, headers)
        expect(after - length).toBeLessThanOrEqual(recordSizeUpperBound(key, value, headers))
        length = after
      }
      const batch = builder.close()
      expect(batch.length).toBe(length)
      // As text: comparing buffers byte by byte takes minutes.
      expect(JSON.stringify(readSamples(batch).map(asText))).toBe(JSON.stringify(samples.map(asText)))
    }
  })

  test('can be closed again and its memory used again', () => {
    const builder = new RecordBatchBuilder()
    builder.append(1, null, Buffer.from('a'), null)
    const first = Buffer.from(builder.close({ producerId: 1, producerEpoch: 0, baseSequence: 0 }))
    expect(
      readBatchHeader(builder.close({ producerId: 2, producerEpoch: 0, baseSequence: 5 }), 0),
    ).toMatchObject({
      producerId: 2,
      baseSequence: 5,
    })
    expect(readBatchHeader(first, 0)!.producerId).toBe(1)
    builder.reset()
    builder.append(2, null, Buffer.from('b'), null)
    expect(readSamples(builder.close())).toMatchObject([{ timestamp: 2, value: Buffer.from('b') }])
  })

  test('shows every flipped bit behind its checksum', () => {
    const builder = new RecordBatchBuilder()
    builder.append(1, Buffer.from('key'), Buffer.from('value'), null)
    const batch = builder.close()
    expect(isBatchIntact(batch, readBatchHeader(batch, 0)!)).toBe(true)
    for (let at = 21; at < batch.length; at++) {
      const damaged = Buffer.from(batch)
      damaged[at]! ^= 4
      expect(isBatchIntact(damaged, { ...readBatchHeader(batch, 0)! })).toBe(false)
    }
  })

  test('that is not there to its end is no batch yet', () => {
    const builder = new RecordBatchBuilder()
    builder.append(1, null, Buffer.from('value'), null)
    const batch = builder.close()
    for (let length = 0; length < batch.length; length++) {
      expect(readBatchHeader(batch.subarray(0, length), 0)).toBeNull()
    }
  })

  test('of an old message format is named', () => {
    const old = Buffer.alloc(40)
    old.writeInt32BE(28, 8)
    old[16] = 1
    expect(() => readBatchHeader(old, 0)).toThrow('message format v1')
  })

  test('with broken records is refused, never read beyond its end', () => {
    const builder = new RecordBatchBuilder()
    for (let i = 0; i < 3; i++) builder.append(i, Buffer.from('key'), Buffer.from('value'), [['h', null]])
    const batch = builder.close()
    const random = mulberry(7)
    for (let round = 0; round < 3000; round++) {
      const damaged = Buffer.from(batch)
      const at = batchHeaderBytes + Math.floor(random() * (batch.length - batchHeaderBytes))
      damaged[at] = Math.floor(random() * 256)
      const reader = new RecordReader(readBatchHeader(batch, 0)!, damaged, batchHeaderBytes, damaged.length)
      try {
        while (reader.next())
          expect((reader.value?.length ?? 0) + (reader.key?.length ?? 0)).toBeLessThan(100)
      } catch (error) {
        expect((error as Error).name).toBe('WireError')
      }
    }
  })
})

function readSamples(batch: Buffer): Sample[] {
  const reader = new RecordReader(readBatchHeader(batch, 0)!, batch, batchHeaderBytes, batch.length)
  const samples: Sample[] = []
  for (let offset = 0; reader.next(); offset++) {
    expect(reader.offset).toBe(offset)
    const { timestamp, key, value, headers } = reader
    samples.push({ timestamp, key, value, headers })
  }
  return samples
}

function asText({ key, value, headers, ...rest }: Sample) {
  const text = (bytes: Buffer | null) => bytes?.toString('latin1') ?? null
  return { ...rest, key: text(key), value: text(value), headers: headers.map(([name, v]) => [name, text(v)]) }
}

function randomSample(random: () => number): Sample {
  const bytes = (limit: number) =>
    random() < 0.2 ? null : Buffer.alloc(Math.floor(random() ** 4 * limit), 'xyz')
  const timestamps = [0, -1, 1, Date.now(), 2 ** 42, 2 ** 31, -(2 ** 33), 64, 8192]
  return {
    timestamp: timestamps[Math.floor(random() * timestamps.length)]!,
    key: bytes(300),
    value: bytes(70_000),
    headers: Array.from({ length: Math.floor(random() * 3) }, (_, i) => [`häder-${i}`, bytes(200)] as const),
  }
}

/** The same numbers in every run. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
