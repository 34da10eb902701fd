import { describe, expect, test } from 'vitest'
import { WireReader } from '../../src/protocol/wire-reader.ts'
import { batchOf } from './batches.ts'
import { connectTo, openBroker } from './open-broker.ts'
import { fetchRequest, produce } from './requests.ts'

describe('the handshake', () => {
  test('answers ApiVersions 3 with the old header and a flexible body', async () => {
    const client = await connectTo(await openBroker())
    const correlationId = client.send({
      key: 18,
      version: 3,
      flexible: true,
      write: (w) => w.string('test').string('1').tags(),
    })
    const reader = new WireReader(await client.next())
    expect(reader.int32()).toBe(correlationId)
    expect(reader.int16()).toBe(0)
    reader.flexible = true
    const keys = reader.array(() => {
      const range = [reader.int16(), reader.int16(), reader.int16()]
      reader.tags()
      return range
    })
    expect(reader.int32()).toBe(0)
    reader.tags()
    expect(reader.remaining).toBe(0)
    expect(keys).toContainEqual([18, 0, 3])
    expect(keys).toContainEqual([0, 0, 9])
    expect(keys).toContainEqual([1, 4, 12])
    for (const key of [24, 25, 26, 28]) expect(keys).toContainEqual([key, 0, 3])
    // KIP-848 groups, telemetry, DescribeTopicPartitions: clients would take them up.
    for (const key of [68, 69, 71, 72, 75]) expect(keys.map(([known]) => known)).not.toContain(key)
  })

  for (const version of [4, 99]) {
    test(`answers ApiVersions ${version} with error 35 in the oldest layout, with the list`, async () => {
      const client = await connectTo(await openBroker())
      const correlationId = client.send({
        key: 18,
        version,
        flexible: true,
        write: (w) => w.string('test').string('1').tags(),
      })
      const reader = new WireReader(await client.next())
      expect(reader.int32()).toBe(correlationId)
      expect(reader.int16()).toBe(35)
      expect(reader.array(() => [reader.int16(), reader.int16(), reader.int16()])).toContainEqual([18, 0, 3])
      expect(reader.remaining).toBe(0)
      expect((await client.call({ key: 18, version: 0 })).int16()).toBe(0)
    })
  }

  test('skips tagged fields that it does not know', async () => {
    const client = await connectTo(await openBroker())
    const reader = await client.call({
      key: 3,
      version: 9,
      flexible: true,
      write: (w) => {
        w.array([], () => {})
          .boolean(false)
          .boolean(false)
          .boolean(false)
        w.uvarint(2).uvarint(0).uvarint(3).raw(Buffer.from('abc')).uvarint(77).uvarint(1).int8(1)
      },
    })
    expect(reader.int32()).toBe(0)
    expect(
      reader.array(() => [
        reader.int32(),
        reader.string(),
        reader.int32(),
        reader.nullableString(),
        reader.tags(),
      ]),
    ).toHaveLength(1)
  })

  for (const { what, request } of [
    { what: 'an API that it does not have', request: { key: 68, version: 0 } },
    { what: 'a version that it does not have', request: { key: 1, version: 17, flexible: true } },
    { what: 'a request that is cut short', request: { key: 3, version: 1 } },
  ]) {
    test(`hangs up on ${what}`, async () => {
      const client = await connectTo(await openBroker())
      client.send(request)
      await client.closed()
    })
  }
})

describe('frames', () => {
  for (const size of [-1, 2_000_000, 0x7fffffff]) {
    test(`hangs up on a frame of ${size} bytes without waiting for it`, async () => {
      const client = await connectTo(await openBroker({ maxRequestBytes: 1_000_000 }))
      const head = Buffer.alloc(4)
      head.writeInt32BE(size)
      client.socket.write(head)
      await client.closed()
    })
  }

  test('takes requests that come byte by byte or many at once', async () => {
    const client = await connectTo(await openBroker())
    const { frameOf } = await import('./raw-client.ts')
    const frames = Buffer.concat([1, 2, 3].map((id) => frameOf({ key: 18, version: 0 }, id)))
    client.socket.write(frames)
    for (const id of [1, 2, 3]) expect((await client.next()).readInt32BE(0)).toBe(id)
    for (const byte of frames) client.socket.write(Buffer.of(byte))
    for (const id of [1, 2, 3]) expect((await client.next()).readInt32BE(0)).toBe(id)
  })

  test('answers in the order of the requests: a waiting fetch holds up its own connection only', async () => {
    const broker = await openBroker()
    const [client, other] = [await connectTo(broker), await connectTo(broker)]
    await produce(other, { topic: 'order', records: batchOf() }).catch(() => {})
    await other.call({ key: 3, version: 1, write: (w) => w.array(['order'], (_, name) => w.string(name)) })
    const waiting = client.send(fetchRequest({ topic: 'order', offset: 0, maxWaitMs: 20_000 }))
    const behind = client.send({ key: 18, version: 0 })
    expect((await other.call({ key: 18, version: 0 })).int16()).toBe(0)
    await produce(other, { topic: 'order', records: batchOf() })
    expect((await client.next()).readInt32BE(0)).toBe(waiting)
    expect((await client.next()).readInt32BE(0)).toBe(behind)
  })

  test('keeps the order with produce requests that wait for the disk', async () => {
    const { temporaryFolder } = await import('./open-broker.ts')
    const broker = await openBroker({ dataDir: temporaryFolder(), flush: 'always' })
    const client = await connectTo(broker)
    await client.call({ key: 3, version: 1, write: (w) => w.array(['order'], (_, name) => w.string(name)) })
    const ids: number[] = []
    for (let at = 0; at < 100; at++) {
      ids.push(
        client.send({
          key: 0,
          version: 3,
          write: (w) => {
            w.nullableString(null).int16(-1).int32(1000)
            w.array(['order'], (_, name) => {
              w.string(name).array([0], (_, partition) =>
                w.int32(partition).bytes(batchOf({ values: [`${at}`] })),
              )
            })
          },
        }),
      )
      if (at % 10 === 0) ids.push(client.send({ key: 18, version: 0 }))
    }
    const answered: number[] = []
    while (answered.length < ids.length) answered.push((await client.next()).readInt32BE(0))
    expect(answered).toEqual(ids)
  })

  test('does not answer acks=0 at all', async () => {
    const client = await connectTo(await openBroker())
    await client.call({ key: 3, version: 1, write: (w) => w.array(['quiet'], (_, name) => w.string(name)) })
    client.send({
      key: 0,
      version: 3,
      write: (w) => {
        w.nullableString(null).int16(0).int32(1000)
        w.array(['quiet'], (_, name) => {
          w.string(name).array([0], (_, partition) => w.int32(partition).bytes(batchOf()))
        })
      },
    })
    const next = client.send({ key: 18, version: 0 })
    expect((await client.next()).readInt32BE(0)).toBe(next)
  })

  test('refuses more connections than allowed', async () => {
    const broker = await openBroker({ maxConnections: 1 })
    const first = await connectTo(broker)
    await first.call({ key: 18, version: 0 })
    const second = await connectTo(broker)
    await second.closed()
    expect((await first.call({ key: 18, version: 0 })).int16()).toBe(0)
  })

  test('answers waiting fetches when it closes', async () => {
    const broker = await openBroker()
    const client = await connectTo(broker)
    await client.call({ key: 3, version: 1, write: (w) => w.array(['t'], (_, name) => w.string(name)) })
    client.send(fetchRequest({ topic: 't', maxWaitMs: 60_000 }))
    await (await connectTo(broker)).call({ key: 18, version: 0 })
    await broker.close()
    await client.closed()
  })
})

describe('the bytes of requests that are not whole', () => {
  test('stay within what all connections may have together', async () => {
    const broker = await openBroker({ maxBufferedBytes: 8_000_000 })
    const patient = await connectTo(broker)
    const head = Buffer.alloc(4)
    head.writeInt32BE(50_000_000)
    const greedy = await Promise.all([1, 2, 3].map(() => connectTo(broker)))
    for (const client of greedy) client.socket.write(Buffer.concat([head, Buffer.alloc(5_000_000)]))
    await Promise.race(greedy.map((client) => client.closed()))
    expect((await patient.call({ key: 18, version: 0 })).int16()).toBe(0)
  })
})
