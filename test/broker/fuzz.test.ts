import { describe, expect, test } from 'vitest'
import { allApis, allApisWithLogin } from '../../src/broker/apis/all-apis.ts'
import { seeded } from '../faults/random.ts'
import { batchOf } from './batches.ts'
import { attack } from './fuzz/attack.ts'
import { corpus } from './fuzz/requests.ts'
import { readAnswer } from './fuzz/responses.ts'
import { capturedLog, connectTo, openBroker, temporaryFolder } from './open-broker.ts'
import { RawClient } from './raw-client.ts'
import { createTopic, fetch, produce } from './requests.ts'

// test/integration/broker-fuzz.test.ts sends many more to a broker in a process of its own.
const maxRequestBytes = 2_000_000
const templates = await corpus()

test('the well-formed requests that mutations start from are those of every API and version, and all are answered', async () => {
  const broker = await openBroker({ groupMinSessionTimeoutMs: 100 })
  for (const [key, { minVersion, maxVersion, flexibleFrom }] of allApisWithLogin) {
    const own = templates.filter((template) => template.key === key)
    const versions = [...new Set(own.map(({ version }) => version))]
    expect(versions).toEqual(Array.from({ length: maxVersion - minVersion + 1 }, (_, at) => minVersion + at))
    if (!allApis.has(key)) continue
    for (const { version, frame } of own) {
      const client = await connectTo(broker)
      client.socket.write(frame)
      readAnswer(await client.next(), { key, version, flexible: version >= flexibleFrom })
      client.close()
    }
  }
})

describe('frames that no client sends', () => {
  for (const { where, dataDir } of [
    { where: 'in memory', dataDir: () => null },
    { where: 'on disk', dataDir: () => temporaryFolder() },
  ]) {
    test(`are answered as what they are, or end at most their own connection, with a broker ${where}`, async () => {
      const { log, lines } = capturedLog()
      const broker = await openBroker({ dataDir: dataDir(), log, maxRequestBytes, maxConnections: 10_000 })
      const setup = await connectTo(broker)
      for (const topic of ['kept', 't']) await createTopic(setup, { topic, partitions: 2 })
      await createTopic(setup, { topic: 'compacted', configs: { 'cleanup.policy': 'compact' } })
      await produce(setup, { topic: 'kept', records: batchOf({ values: ['kept'] }) })
      const open = templates.filter(({ key }) => allApis.has(key))
      const { reached } = await attack(
        { port: broker.port, maxRequestBytes, seed: 7, templates: open },
        0,
        1000,
      )
      expect(reached).toBeGreaterThan(2000)
      expect((await fetch(setup, { topic: 'kept' }))[0]!.records.toString('latin1')).toContain('kept')
      expect((await produce(setup, { topic: 'kept', records: batchOf() })).baseOffset).toBe(1)
      expect(lines.filter((line) => / ERROR /.test(line))).toEqual([])
    })
  }

  test('of every API and version with an empty or random body are survived', async () => {
    const { log, lines } = capturedLog()
    const broker = await openBroker({ log, maxConnections: 10_000 })
    const numbers = seeded(7)
    for (const { key, minVersion, maxVersion, flexibleFrom } of allApis.values()) {
      for (let version = minVersion - 1; version <= maxVersion + 1; version++) {
        const client = await RawClient.connect(broker.port)
        const flexible = version >= flexibleFrom
        const body = Buffer.from(Array.from({ length: 40 }, () => Math.floor(numbers() * 256)))
        client.send({ key, version, flexible })
        client.send({ key, version, flexible, write: (w) => w.raw(body) })
        client.send({ key, version, flexible, write: (w) => w.raw(Buffer.alloc(60)) })
        client.socket.end()
        await client.closed()
      }
    }
    expect(lines.filter((line) => / ERROR /.test(line))).toEqual([])
  })
})
