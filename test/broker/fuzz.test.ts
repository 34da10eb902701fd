import { describe, expect, test } from 'vitest'
import { allApis } from '../../src/broker/apis/all-apis.ts'
import { batchOf } from './batches.ts'
import { capturedLog, openBroker, temporaryFolder } from './open-broker.ts'
import { frameOf, RawClient, type RawRequest } from './raw-client.ts'
import { createTopic, fetchRequest, produce } from './requests.ts'

/** Numbers that look random and are the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const templates: RawRequest[] = [
  fetchRequest({ topic: 't' }),
  {
    key: 3,
    version: 9,
    flexible: true,
    write: (w) =>
      w
        .array(null, () => {})
        .int8(1)
        .int8(1)
        .int8(1)
        .tags(),
  },
  {
    key: 0,
    version: 9,
    flexible: true,
    write: (w) => {
      w.nullableString(null).int16(1).int32(10)
      w.array(['t'], (_, name) =>
        w
          .string(name)
          .array([0], (_, id) => w.int32(id).bytes(batchOf()).tags())
          .tags(),
      ).tags()
    },
  },
  {
    key: 11,
    version: 5,
    write: (w) => {
      w.string('g').int32(100).int32(100).string('').nullableString(null).string('consumer')
      w.array(['range'], (_, name) => w.string(name).bytes(Buffer.alloc(4)))
    },
  },
  {
    key: 8,
    version: 8,
    flexible: true,
    write: (w) => {
      w.string('g').int32(-1).string('').nullableString(null)
      w.array(['t'], (_, name) =>
        w
          .string(name)
          .array([0], (_, id) => w.int32(id).int64(1).int32(-1).nullableString('m').tags())
          .tags(),
      ).tags()
    },
  },
  {
    key: 19,
    version: 5,
    flexible: true,
    write: (w) => {
      w.array(['made'], (_, name) =>
        w
          .string(name)
          .int32(1)
          .int16(1)
          .array([], () => {})
          .array([], () => {})
          .tags(),
      )
      w.int32(1).boolean(true).tags()
    },
  },
  {
    key: 9,
    version: 8,
    flexible: true,
    write: (w) =>
      w
        .array(['g'], (_, g) =>
          w
            .string(g)
            .array(null, () => {})
            .tags(),
        )
        .boolean(false)
        .tags(),
  },
  {
    key: 2,
    version: 7,
    flexible: true,
    write: (w) =>
      w
        .int32(-1)
        .int8(0)
        .array(['t'], (_, n) =>
          w
            .string(n)
            .array([0], (_, id) => w.int32(id).int32(-1).int64(5).tags())
            .tags(),
        )
        .tags(),
  },
]

describe('frames that no client sends', () => {
  for (const dataDir of [() => null, () => temporaryFolder()]) {
    test('end at most their own connection', async () => {
      const { log, lines } = capturedLog()
      const broker = await openBroker({
        dataDir: dataDir(),
        log,
        maxConnections: 10_000,
        maxRequestBytes: 1_000_000,
      })
      const setup = await RawClient.connect(broker.port)
      await createTopic(setup, { topic: 't' })
      await produce(setup, { topic: 't', records: batchOf() })
      const random = generator(20_26)
      let client = await RawClient.connect(broker.port)
      for (let round = 0; round < 1500; round++) {
        if (client.isClosed || round % 50 === 0) {
          client.close()
          client = await RawClient.connect(broker.port)
        }
        client.socket.write(mutated(templates[round % templates.length]!, random))
        // Every fourth time the broker has to keep up, else all frames meet a closed connection.
        if (round % 4 === 0) await setup.call({ key: 18, version: 0 })
      }
      client.close()
      expect((await produce(setup, { topic: 't', records: batchOf() })).error).toBe(0)
      expect(lines.filter((line) => / ERROR /.test(line))).toEqual([])
      setup.close()
    })
  }

  test('of every API and version with an empty or random body are survived', async () => {
    const { log, lines } = capturedLog()
    const broker = await openBroker({ log, maxConnections: 10_000 })
    const random = generator(7)
    for (const { key, minVersion, maxVersion, flexibleFrom } of allApis.values()) {
      for (let version = minVersion - 1; version <= maxVersion + 1; version++) {
        const client = await RawClient.connect(broker.port)
        const flexible = version >= flexibleFrom
        client.send({ key, version, flexible })
        client.send({
          key,
          version,
          flexible,
          write: (w) => w.raw(Buffer.from(Array.from({ length: 40 }, () => random(256)))),
        })
        client.send({ key, version, flexible, write: (w) => w.raw(Buffer.alloc(60)) })
        client.socket.end()
        await client.closed()
      }
    }
    expect(lines.filter((line) => / ERROR /.test(line))).toEqual([])
  })
})

function mutated(template: RawRequest, random: (below: number) => number): Buffer {
  const frame = frameOf(template, 1)
  const changes = 1 + random(4)
  for (let at = 0; at < changes; at++) {
    // The length and the API stay mostly as they are: otherwise few frames get further than the header.
    const position = random(10) === 0 ? random(frame.length) : 8 + random(frame.length - 8)
    frame[position] = [0, 255, 127, 128, random(256)][random(5)]!
  }
  if (random(10) === 0) return frame.subarray(0, random(frame.length))
  return frame
}
