import { describe, expect, test } from 'vitest'
import { batchOf, offsetsIn } from '../batches.ts'
import { connectTo, openBroker, temporaryFolder } from '../open-broker.ts'
import { createTopic, deleteTopic, fetch, fetchRequest, listOffset, produce, readFetch } from '../requests.ts'
import { WireReader } from '../../../src/protocol/wire-reader.ts'

const stores = [
  { where: 'on disk', dataDir: () => temporaryFolder() },
  { where: 'in memory', dataDir: () => null },
]

for (const { where, dataDir } of stores) {
  describe(`Fetch ${where}`, () => {
    async function withBatches(count: number, { values = ['a', 'b'], partitions = 1 } = {}) {
      const broker = await openBroker({ dataDir: dataDir() })
      const client = await connectTo(broker)
      await createTopic(client, { topic: 't', partitions })
      for (let partition = 0; partition < partitions; partition++) {
        for (let at = 0; at < count; at++)
          await produce(client, { topic: 't', partition, records: batchOf({ values }) })
      }
      return { broker, client }
    }

    test('gives whole batches from the one on that contains the offset', async () => {
      const { client } = await withBatches(5)
      const [answer] = await fetch(client, { topic: 't', offset: 5 })
      expect(offsetsIn(answer!.records)).toEqual([
        [4, 5],
        [6, 7],
        [8, 9],
      ])
    })

    test('gives no half batches at the limit of bytes', async () => {
      const { client } = await withBatches(5)
      const size = batchOf({ values: ['a', 'b'] }).length
      const [answer] = await fetch(client, { topic: 't', maxBytes: size * 3 - 1 })
      expect(offsetsIn(answer!.records)).toEqual([
        [0, 1],
        [2, 3],
      ])
    })

    for (const limit of ['request', 'partition']) {
      test(`gives one whole batch even above the limit of the ${limit}`, async () => {
        const { client } = await withBatches(3, { values: ['x'.repeat(500_000)] })
        const [answer] = await fetch(client, {
          topic: 't',
          ...(limit === 'request' ? { maxBytes: 10 } : { partitions: [{ offset: 1, maxBytes: 10 }] }),
        })
        expect(offsetsIn(answer!.records)).toHaveLength(1)
      })
    }

    test('finds every offset of a log with many batches, forwards and backwards', async () => {
      const { client } = await withBatches(400, { values: ['x'.repeat(300), 'y'.repeat(300)] })
      for (const offset of [0, 799, 1, 400, 401, 798, 2, 333, 332, 331]) {
        const [answer] = await fetch(client, { topic: 't', offset, maxBytes: 1 })
        const base = offset - (offset % 2)
        expect(offsetsIn(answer!.records)).toEqual([[base, base + 1]])
      }
    })

    test('lets every partition have its turn when one answer cannot hold them all', async () => {
      const { client } = await withBatches(3, { partitions: 3, values: ['x'.repeat(1000)] })
      const served = new Set<number>()
      for (let at = 0; at < 3; at++) {
        const partitions = [0, 1, 2].map((partition) => ({ partition, offset: 0 }))
        const answers = await fetch(client, { topic: 't', partitions, maxBytes: 1500 })
        for (const { partition, records } of answers) if (records.length > 0) served.add(partition)
      }
      expect([...served].sort()).toEqual([0, 1, 2])
    })

    for (const { what, offset, error } of [
      { what: 'behind the end', offset: 11, error: 1 },
      { what: 'before the start', offset: -5, error: 1 },
      { what: 'of no number that can be', offset: 2 ** 62, error: 1 },
    ]) {
      test(`answers ${error} at once for an offset ${what}`, async () => {
        const { client } = await withBatches(5)
        expect(await fetch(client, { topic: 't', offset, maxWaitMs: 60_000 })).toMatchObject([{ error }])
      })
    }

    test('waits at the end, and wakes for what is appended', async () => {
      const { broker, client } = await withBatches(2)
      client.send(fetchRequest({ topic: 't', offset: 4, maxWaitMs: 60_000 }))
      const other = await connectTo(broker)
      await produce(other, { topic: 't', records: batchOf() })
      expect(offsetsIn((await nextFetch(client))[0]!.records)).toEqual([[4, 4]])
    })

    test('waits for min bytes', async () => {
      const { broker, client } = await withBatches(0)
      const size = batchOf().length
      client.send(fetchRequest({ topic: 't', maxWaitMs: 60_000, minBytes: size * 2 + 1 }))
      const other = await connectTo(broker)
      for (let at = 0; at < 3; at++) await produce(other, { topic: 't', records: batchOf() })
      expect(offsetsIn((await nextFetch(client))[0]!.records)).toHaveLength(3)
    })

    test('comes back empty when the time is over', async () => {
      const { client } = await withBatches(1)
      const [answer] = await fetch(client, { topic: 't', offset: 2, maxWaitMs: 30 })
      expect(answer).toMatchObject({ error: 0, highWatermark: 2 })
      expect(answer!.records).toHaveLength(0)
    })

    test('comes back with 3 when the topic is deleted', async () => {
      const { broker, client } = await withBatches(1)
      client.send(fetchRequest({ topic: 't', offset: 2, maxWaitMs: 60_000 }))
      const other = await connectTo(broker)
      await other.call({ key: 18, version: 0 })
      expect(await deleteTopic(other, 't')).toBe(0)
      expect(await nextFetch(client)).toMatchObject([{ error: 3 }])
    })

    test('answers 75 for a leader epoch of the future', async () => {
      const { client } = await withBatches(1)
      expect(await fetch(client, { topic: 't', partitions: [{ offset: 0, epoch: 1 }] })).toMatchObject([
        { error: 75 },
      ])
      expect(await fetch(client, { topic: 't', partitions: [{ offset: 0, epoch: 0 }] })).toMatchObject([
        { error: 0 },
      ])
    })

    test('reads on over the border of segments', async () => {
      const broker = await openBroker({ dataDir: dataDir() })
      const client = await connectTo(broker)
      await createTopic(client, { topic: 't', configs: { 'segment.bytes': '200' } })
      for (let at = 0; at < 20; at++)
        await produce(client, { topic: 't', records: batchOf({ values: ['x'.repeat(50)] }) })
      const seen: number[] = []
      while (seen.length < 20) {
        const [answer] = await fetch(client, { topic: 't', offset: seen.length })
        seen.push(...offsetsIn(answer!.records).map(([base]) => base))
      }
      expect(seen).toEqual([...Array(20).keys()])
    })
  })

  describe(`ListOffsets ${where}`, () => {
    async function withTimes(segmentBytes = 134_217_728) {
      const broker = await openBroker({ dataDir: dataDir() })
      const client = await connectTo(broker)
      await createTopic(client, { topic: 't', configs: { 'segment.bytes': String(segmentBytes) } })
      for (const timestamp of [1000, 2000, 1500, 4000]) {
        await produce(client, { topic: 't', records: batchOf({ values: ['a', 'b', 'c'], timestamp }) })
      }
      return client
    }

    for (const segmentBytes of [100, 134_217_728]) {
      for (const { timestamp, answer } of [
        { timestamp: -1, answer: { offset: 12, timestamp: -1 } },
        { timestamp: -2, answer: { offset: 0, timestamp: -1 } },
        { timestamp: -3, answer: { offset: 11, timestamp: 4002 } },
        { timestamp: 0, answer: { offset: 0, timestamp: 1000 } },
        { timestamp: 1001, answer: { offset: 1, timestamp: 1001 } },
        { timestamp: 1003, answer: { offset: 3, timestamp: 2000 } },
        { timestamp: 2003, answer: { offset: 9, timestamp: 4000 } },
        { timestamp: 4003, answer: { offset: -1, timestamp: -1 } },
      ]) {
        test(`finds ${answer.offset} for time ${timestamp} in segments of ${segmentBytes} bytes`, async () => {
          const client = await withTimes(segmentBytes)
          expect(await listOffset(client, { topic: 't', timestamp })).toMatchObject({ error: 0, ...answer })
        })
      }
    }

    test('answers 3 for an unknown partition', async () => {
      const client = await withTimes()
      expect(await listOffset(client, { topic: 't', partition: 1, timestamp: -1 })).toMatchObject({
        error: 3,
      })
    })
  })
}

async function nextFetch(client: Awaited<ReturnType<typeof connectTo>>) {
  const reader = new WireReader(await client.next(), { flexible: true })
  reader.int32()
  reader.tags()
  return readFetch(reader)
}
