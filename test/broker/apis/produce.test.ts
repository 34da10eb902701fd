import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../src/protocol/crc32c.ts'
import { batchOf, offsetsIn, type BatchOptions } from '../batches.ts'
import { connectTo, openBroker, temporaryFolder } from '../open-broker.ts'
import { createTopic, fetch, produce } from '../requests.ts'

async function topicOn(configs: Record<string, string> = {}, options = {}) {
  const client = await connectTo(await openBroker(options))
  await createTopic(client, { topic: 't', configs })
  return client
}

describe('Produce', () => {
  test('keeps the bytes as they came, but for base offset and leader epoch', async () => {
    const client = await topicOn()
    const first = batchOf({ values: ['a', 'b', 'c'] })
    const second = batchOf({ values: ['d'] })
    expect(await produce(client, { topic: 't', records: first })).toMatchObject({ error: 0, baseOffset: 0 })
    expect(await produce(client, { topic: 't', records: second })).toMatchObject({ error: 0, baseOffset: 3 })
    const [{ records, highWatermark }] = (await fetch(client, { topic: 't' })) as [
      Awaited<ReturnType<typeof fetch>>[0],
    ]
    expect(highWatermark).toBe(4)
    expect(offsetsIn(records)).toEqual([
      [0, 2],
      [3, 3],
    ])
    expect(records.readInt32BE(12)).toBe(0)
    expect(records.subarray(16, first.length)).toEqual(first.subarray(16))
    expect(records.subarray(first.length + 16)).toEqual(second.subarray(16))
  })

  test('counts offsets by the last offset delta, without looking into compressed records', async () => {
    const client = await topicOn()
    const records = batchOf({ payload: gzipSync('whatever'), attributes: 1, count: 1000 })
    await produce(client, { topic: 't', records })
    expect(await produce(client, { topic: 't', records: batchOf() })).toMatchObject({ baseOffset: 1000 })
  })

  test('stamps records of a LogAppendTime topic, with a right checksum', async () => {
    const client = await topicOn({ 'message.timestamp.type': 'LogAppendTime' })
    const before = Date.now()
    const { logAppendTime } = await produce(client, { topic: 't', records: batchOf() })
    expect(logAppendTime).toBeGreaterThanOrEqual(before)
    const [answer] = await fetch(client, { topic: 't' })
    const { records } = answer!
    expect(Number(records.readBigInt64BE(35))).toBe(logAppendTime)
    expect(records.readInt16BE(21) & 8).toBe(8)
    expect(records.readUInt32BE(17)).toBe(crc32c(records, 21))
  })

  const broken = (change: (batch: Buffer) => void) => {
    const batch = batchOf({ values: ['some', 'values'] })
    change(batch)
    return batch
  }
  const refused: { what: string; records: Buffer; error: number }[] = [
    { what: 'a wrong checksum', records: broken((b) => b.writeUInt32BE(1, 17)), error: 2 },
    { what: 'a flipped bit in a record', records: broken((b) => (b[b.length - 2]! ^= 1)), error: 2 },
    { what: 'a length that is too short', records: broken((b) => b.writeInt32BE(10, 8)), error: 2 },
    { what: 'a length that is too long', records: broken((b) => b.writeInt32BE(1000, 8)), error: 2 },
    { what: 'half a header', records: batchOf().subarray(0, 30), error: 2 },
    { what: 'no batch', records: Buffer.alloc(0), error: 2 },
    { what: 'a future format', records: broken((b) => b.writeInt8(3, 16)), error: 2 },
    { what: 'messages of format 0', records: broken((b) => b.writeInt8(0, 16)), error: 43 },
    { what: 'messages of format 1', records: broken((b) => b.writeInt8(1, 16)), error: 43 },
    {
      what: 'a count that does not fit the last offset',
      records: batchOf({ lastOffsetDelta: 5 }),
      error: 87,
    },
    { what: 'a batch of no records', records: batchOf({ values: [], lastOffsetDelta: -1 }), error: 87 },
    { what: 'a control batch', records: batchOf({ attributes: 0x20 }), error: 87 },
    { what: 'a transactional batch of nobody', records: batchOf({ attributes: 0x10 }), error: 87 },
    {
      what: 'a batch of a transaction that there is not',
      records: batchOf({ attributes: 0x10, producerId: 1, producerEpoch: 0, baseSequence: 0 }),
      error: 49,
    },
    { what: 'a client that sets LogAppendTime', records: batchOf({ attributes: 0x08 }), error: 32 },
    { what: 'an unknown compression', records: batchOf({ attributes: 5 }), error: 76 },
    {
      what: 'two idempotent batches at once',
      records: Buffer.concat(
        [0, 1].map((s) => batchOf({ producerId: 1, producerEpoch: 0, baseSequence: s })),
      ),
      error: 87,
    },
    {
      what: 'an idempotent batch without a sequence',
      records: batchOf({ producerId: 1, producerEpoch: 0 }),
      error: 87,
    },
  ]
  for (const { what, records, error } of refused) {
    test(`refuses ${what} with error ${error} and stores nothing`, async () => {
      const client = await topicOn()
      expect(await produce(client, { topic: 't', records })).toMatchObject({ error, baseOffset: -1 })
      expect(await produce(client, { topic: 't', records: batchOf() })).toMatchObject({
        error: 0,
        baseOffset: 0,
      })
    })
  }

  test('refuses a batch above max.message.bytes with error 10', async () => {
    const client = await topicOn({ 'max.message.bytes': '200' })
    const records = batchOf({ values: ['x'.repeat(200)] })
    expect(await produce(client, { topic: 't', records })).toMatchObject({ error: 10 })
  })

  for (const { topic, partition } of [
    { topic: 'unknown', partition: 0 },
    { topic: 't', partition: 1 },
    { topic: 't', partition: -1 },
  ]) {
    test(`answers 3 for ${topic}-${partition}`, async () => {
      const client = await topicOn()
      expect(await produce(client, { topic, partition, records: batchOf() })).toMatchObject({ error: 3 })
    })
  }

  test('answers 21 for acks that do not exist', async () => {
    const client = await topicOn()
    expect(await produce(client, { topic: 't', records: batchOf(), acks: 2 })).toMatchObject({ error: 21 })
  })

  for (const version of [0, 1, 2]) {
    test(`lists version ${version} but refuses it with 35`, async () => {
      const client = await topicOn()
      const reader = await client.call({
        key: 0,
        version,
        write: (w) => {
          w.int16(1).int32(1000)
          w.array(['t'], (_, name) => w.string(name).array([0], (_, id) => w.int32(id).bytes(batchOf())))
        },
      })
      const errors = reader.array(() => [
        reader.string(),
        reader.array(() => {
          const answer = [reader.int32(), reader.int16(), reader.int64()]
          if (version >= 2) reader.int64()
          return answer
        }),
      ])
      expect(errors).toEqual([['t', [[0, 35, -1]]]])
    })
  }
})

describe('an idempotent producer', () => {
  const batch = (options: BatchOptions) => batchOf({ producerId: 7, producerEpoch: 0, ...options })

  test('gets the first offset again for each of its last five batches', async () => {
    const client = await topicOn()
    const batches = [0, 1, 2, 3, 4, 5].map((s) => batch({ baseSequence: s * 2, values: ['a', 'b'] }))
    for (const [at, records] of batches.entries()) {
      expect(await produce(client, { topic: 't', records })).toMatchObject({ error: 0, baseOffset: at * 2 })
    }
    for (const at of [1, 2, 3, 4, 5]) {
      expect(await produce(client, { topic: 't', records: batches[at]! })).toMatchObject({
        error: 0,
        baseOffset: at * 2,
      })
    }
    expect(await produce(client, { topic: 't', records: batches[0]! })).toMatchObject({ error: 45 })
    expect((await fetch(client, { topic: 't' }))[0]!.highWatermark).toBe(12)
  })

  test('is refused with 45 for a gap, and goes on with the right sequence', async () => {
    const client = await topicOn()
    await produce(client, { topic: 't', records: batch({ baseSequence: 0 }) })
    expect(await produce(client, { topic: 't', records: batch({ baseSequence: 2 }) })).toMatchObject({
      error: 45,
    })
    expect(await produce(client, { topic: 't', records: batch({ baseSequence: 1 }) })).toMatchObject({
      error: 0,
    })
  })

  test('starts again at 0 with a newer epoch, and its older one is refused with 47', async () => {
    const client = await topicOn()
    await produce(client, { topic: 't', records: batch({ baseSequence: 0 }) })
    const newer = { producerEpoch: 1 }
    expect(
      await produce(client, { topic: 't', records: batch({ ...newer, baseSequence: 3 }) }),
    ).toMatchObject({ error: 45 })
    expect(
      await produce(client, { topic: 't', records: batch({ ...newer, baseSequence: 0 }) }),
    ).toMatchObject({ error: 0 })
    expect(await produce(client, { topic: 't', records: batch({ baseSequence: 1 }) })).toMatchObject({
      error: 47,
    })
  })

  test('may send sequences over the highest one', async () => {
    const client = await topicOn()
    const values = ['a', 'b', 'c']
    await produce(client, { topic: 't', records: batch({ baseSequence: 0x7ffffffe, values }) })
    expect(await produce(client, { topic: 't', records: batch({ baseSequence: 1, values }) })).toMatchObject({
      error: 0,
    })
  })

  for (const how of ['closed', 'killed'] as const) {
    test(`is still known when the broker was ${how} and opened again`, async () => {
      const dataDir = temporaryFolder()
      const broker = await openBroker({ dataDir })
      const client = await connectTo(broker)
      await createTopic(client, { topic: 't' })
      for (const s of [0, 1, 2]) await produce(client, { topic: 't', records: batch({ baseSequence: s }) })
      const { cpSync } = await import('node:fs')
      const copy = temporaryFolder()
      if (how === 'closed') await broker.close()
      cpSync(dataDir, copy, { recursive: true, filter: (path) => !path.endsWith('.lock') })
      const again = await connectTo(await openBroker({ dataDir: copy }))
      expect(await produce(again, { topic: 't', records: batch({ baseSequence: 1 }) })).toMatchObject({
        error: 0,
        baseOffset: 1,
      })
      expect(await produce(again, { topic: 't', records: batch({ baseSequence: 4 }) })).toMatchObject({
        error: 45,
      })
      expect(await produce(again, { topic: 't', records: batch({ baseSequence: 3 }) })).toMatchObject({
        error: 0,
        baseOffset: 3,
      })
    })
  }

  test('gets an id of its own, also after a restart', async () => {
    const dataDir = temporaryFolder()
    const ids = new Set<number>()
    for (let start = 0; start < 3; start++) {
      const broker = await openBroker({ dataDir })
      const client = await connectTo(broker)
      for (let at = 0; at < 3; at++) {
        const reader = await client.call({
          key: 22,
          version: 0,
          write: (w) => w.nullableString(null).int32(1000),
        })
        reader.int32()
        expect(reader.int16()).toBe(0)
        ids.add(reader.int64())
        expect(reader.int16()).toBe(0)
      }
      await broker.close()
    }
    expect(ids.size).toBe(9)
  })
})
