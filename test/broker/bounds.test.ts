import { describe, expect, test } from 'vitest'
import { FrameAssembler } from '../../src/broker/frame-assembler.ts'
import { WireReader } from '../../src/protocol/wire-reader.ts'
import { WireWriter } from '../../src/protocol/wire-writer.ts'
import { capturedLog, connectTo, openBroker } from './open-broker.ts'
import type { RawRequest } from './raw-client.ts'
import { createTopic, fetch, produce } from './requests.ts'
import { batchOf } from './batches.ts'

/** Requests that are well-formed and ask for too much. */
const manyNames = (count: number) => Array.from({ length: count }, (_, at) => `n${at}`)

async function broken(request: RawRequest): Promise<string[]> {
  const { log, lines } = capturedLog()
  const broker = await openBroker({ log })
  const client = await connectTo(broker)
  const end = await client.call(request).then(
    () => 'It was answered.',
    (error: Error) => error.message,
  )
  expect(end).toBe('The broker closed the connection.')
  const other = await connectTo(broker)
  expect((await other.call({ key: 18, version: 0 })).int16()).toBe(0)
  expect(lines.filter((line) => / ERROR /.test(line))).toEqual([])
  return lines
}

describe('a request ends its connection', () => {
  test('with more array elements than any client has to send', async () => {
    const topics = Array<string>(300_000).fill('')
    const lines = await broken({
      key: 9,
      version: 7,
      flexible: true,
      write: (w) => {
        w.string('g').array(topics, (_, name) =>
          w
            .string(name)
            .array([], () => {})
            .tags(),
        )
        w.boolean(false).tags()
      },
    })
    expect(lines.join()).toContain('more array elements than any client has to send')
  })

  test('with an answer that would fill the memory', async () => {
    const lines = await broken({
      key: 10,
      version: 4,
      flexible: true,
      write: (w) => {
        // Short keys are told the address of the coordinator each.
        w.int8(0)
          .array(Array<string>(249_000).fill('x'.repeat(150)), (_, key) => w.string(key))
          .tags()
      },
    })
    expect(lines.join()).toContain('more than 33554432 bytes to answer')
  })

  test('with a name whose echo has no room in a string', async () => {
    const name = Buffer.alloc(32_767, 0xff)
    const lines = await broken({
      key: 3,
      version: 1,
      write: (w) => w.int32(1).int16(name.length).raw(name),
    })
    expect(lines.join()).toContain('a string of which 98301 bytes would have to be written')
  })

  test('with a compact string that is longer than any other may be', async () => {
    const lines = await broken({
      key: 3,
      version: 9,
      flexible: true,
      write: (w) =>
        w.uvarint(2).uvarint(40_001).raw(Buffer.alloc(40_000, 'x')).tags().int8(1).int8(0).int8(0).tags(),
    })
    expect(lines.join()).toContain('a string of 40000 bytes')
  })
})

describe('a request is refused', () => {
  test('that makes more than 10000 partitions; what came before stays', async () => {
    const client = await connectTo(await openBroker())
    const reader = await client.call({
      key: 19,
      version: 2,
      write: (w) => {
        w.array(['a', 'b', 'c'], (_, name) => {
          w.string(name)
            .int32(name === 'c' ? 1 : 6000)
            .int16(1)
          w.array([], () => {}).array([], () => {})
        })
        w.int32(1000).boolean(false)
      },
    })
    reader.int32()
    const answers = reader.array(() => [reader.string(), reader.int16(), reader.nullableString()])
    expect(answers.map(([name, error]) => [name, error])).toEqual([
      ['a', 0],
      ['b', 44],
      ['c', 0],
    ])
  })

  test('where all topics would have more than 50000 partitions', async () => {
    const client = await connectTo(await openBroker())
    for (const topic of manyNames(5))
      expect((await createTopic(client, { topic, partitions: 10_000 })).error).toBe(0)
    expect(await createTopic(client, { topic: 'more' })).toMatchObject({
      error: 44,
      message: 'All topics together have at most 50000 partitions here.',
    })
  })

  test('that asks for 10001 unknown topics, which are made: the last one is not', async () => {
    const client = await connectTo(await openBroker())
    const reader = await client.call({
      key: 3,
      version: 1,
      write: (w) => w.array(manyNames(10_001), (_, name) => w.string(name)),
    })
    reader.array(() => [reader.int32(), reader.string(), reader.int32(), reader.nullableString()])
    reader.int32()
    const errors = reader.array(() => {
      const error = reader.int16()
      reader.string()
      reader.boolean()
      reader.array(() => [reader.raw(10), reader.raw(8), reader.raw(8)])
      return error
    })
    expect(errors.slice(0, 10_000).every((error) => error === 0)).toBe(true)
    expect(errors.at(-1)).toBe(44)
  })

  test('that commits more than a megabyte of notes', async () => {
    const client = await connectTo(await openBroker())
    await createTopic(client, { topic: 't', partitions: 300 })
    const commit = async (count: number) => {
      const reader = await client.call({
        key: 8,
        version: 2,
        write: (w) => {
          w.string('g').int32(-1).string('').int64(-1)
          w.array(['t'], (_, name) =>
            w
              .string(name)
              .array([...Array(count).keys()], (_, id) =>
                w.int32(id).int64(1).nullableString('x'.repeat(4096)),
              ),
          )
        },
      })
      return new Set(
        reader
          .array(() => [reader.string(), ...reader.array(() => [reader.int32(), reader.int16()][1])])
          .flat(),
      )
    }
    expect(await commit(250)).toEqual(new Set(['t', 0]))
    expect(await commit(300)).toEqual(new Set(['t', 28]))
  })

  test('that joins a group with more than 8 MiB of metadata', async () => {
    const client = await connectTo(await openBroker())
    const join = async (bytes: number) => {
      const reader = await client.call({
        key: 11,
        version: 0,
        write: (w) => {
          w.string('g').int32(1000).string('').string('consumer')
          w.array(['range'], (_, name) => w.string(name).bytes(Buffer.alloc(bytes)))
        },
      })
      return reader.int16()
    }
    expect(await join(9_000_000)).toBe(81)
    expect(await join(1000)).toBe(0)
  })

  test('that sets a value of more than 32767 bytes, or names a topic twice', async () => {
    const client = await connectTo(await openBroker())
    await createTopic(client, { topic: 't' })
    const append = async (names: string[], value: string) => {
      const reader = await client.call({
        key: 44,
        version: 0,
        write: (w) => {
          w.array(names, (_, name) => {
            w.int8(2).string(name)
            w.array([value], (_, text) =>
              w.string('leader.replication.throttled.replicas').int8(2).string(text),
            )
          })
          w.boolean(false)
        },
      })
      reader.int32()
      return reader.array(() => [reader.int16(), reader.nullableString(), reader.int8(), reader.string()][0])
    }
    expect(await append(['t'], 'x'.repeat(20_000))).toEqual([0])
    expect(await append(['t'], 'y'.repeat(20_000))).toEqual([40])
    expect(await append(['t', 't'], 'z')).toEqual([42])
  })

  test('whose batch says that it has more records than bytes for them', async () => {
    const client = await connectTo(await openBroker())
    await createTopic(client, { topic: 't' })
    expect(await produce(client, { topic: 't', records: batchOf({ count: 0x7fffffff }) })).toMatchObject({
      error: 87,
    })
    expect((await produce(client, { topic: 't', records: batchOf() })).baseOffset).toBe(0)
  })

  test('whose records for a compacted topic are none', async () => {
    const { log, lines } = capturedLog()
    const client = await connectTo(await openBroker({ log }))
    await createTopic(client, { topic: 't', configs: { 'cleanup.policy': 'compact' } })
    const records = batchOf({ payload: Buffer.alloc(20, 0xff) })
    expect(await produce(client, { topic: 't', records })).toMatchObject({ error: 87 })
    expect(lines.filter((line) => / ERROR /.test(line))).toEqual([])
  })
})

describe('what is asked twice', () => {
  test('is fetched once', async () => {
    const client = await connectTo(await openBroker())
    await createTopic(client, { topic: 't' })
    await produce(client, { topic: 't', records: batchOf() })
    const partitions = Array.from({ length: 1000 }, () => ({ partition: 0, offset: 0 }))
    expect(await fetch(client, { topic: 't', partitions })).toHaveLength(1)
  })

  test('is not searched for by time', async () => {
    const client = await connectTo(await openBroker())
    await createTopic(client, { topic: 't', partitions: 2 })
    const reader = await client.call({
      key: 2,
      version: 1,
      write: (w) => {
        w.int32(-1).array(['t'], (_, name) =>
          w.string(name).array([0, 1, 0], (_, id) => w.int32(id).int64(-2)),
        )
      },
    })
    const errors = reader.array(() => [
      reader.string(),
      ...reader.array(() => [reader.int32(), reader.int16(), reader.int64(), reader.int64()][1]),
    ])
    expect(errors).toEqual([['t', 42, 0, 42]])
  })
})

describe('a frame that comes in small pieces', () => {
  test('is whole, and takes few pieces of memory meanwhile', () => {
    const frame = Buffer.alloc(100_004, 'x')
    frame.writeInt32BE(100_000, 0)
    const assembler = new FrameAssembler(200_000)
    let most = 0
    for (const byte of frame) {
      assembler.push(Buffer.from([byte]))
      most = Math.max(most, assembler.pieces)
    }
    expect(most).toBeLessThan(20)
    expect(assembler.next()!.equals(frame.subarray(4))).toBe(true)
    expect(assembler.bufferedBytes).toBe(0)
  })
})

test('clients that are gone leave nothing in the budget of the others, also where they were not read from', async () => {
  const { log, lines } = capturedLog()
  const broker = await openBroker({ maxBufferedBytes: 3_000_000, connectionIdleMs: 200, log })
  const large: RawRequest = { key: 18, version: 0, write: (w) => w.raw(Buffer.alloc(1_400_000)) }
  for (let round = 0; round < 4; round++) {
    const client = await connectTo(broker)
    // A fetch that waits, and behind it more than is read before it is answered.
    client.send({
      key: 1,
      version: 4,
      write: (w) =>
        w
          .int32(-1)
          .int32(60_000)
          .int32(1)
          .int32(1000)
          .int8(0)
          .array([], () => {}),
    })
    client.send(large)
    client.send(large)
    await client.closed()
  }
  const client = await connectTo(broker)
  expect((await client.call(large)).int16()).toBe(0)
  expect(lines.filter((line) => line.includes('a large request while'))).toEqual([])
})

test('a writer and a reader agree on the longest string', () => {
  const longest = 'x'.repeat(32_767)
  for (const flexible of [false, true]) {
    const writer = new WireWriter({ flexible }).string(longest)
    expect(new WireReader(writer.view(), { flexible }).string()).toBe(longest)
    expect(() => new WireWriter({ flexible }).string(`${longest}x`)).toThrow('a string of which 32768 bytes')
  }
})
