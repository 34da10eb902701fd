import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { batchOf, offsetsIn } from './batches.ts'
import { capturedLog, connectTo, openBroker, temporaryFolder } from './open-broker.ts'
import { createTopic, deleteTopic, fetch, produce } from './requests.ts'

describe('Broker', () => {
  test('keeps topics, settings and records over a restart', async () => {
    const dataDir = temporaryFolder()
    const first = await openBroker({ dataDir })
    const client = await connectTo(first)
    await createTopic(client, { topic: 't', partitions: 2, configs: { 'max.message.bytes': '500' } })
    await produce(client, { topic: 't', partition: 1, records: batchOf({ values: ['a', 'b'] }) })
    await first.close()
    const again = await connectTo(await openBroker({ dataDir }))
    const [answer] = await fetch(again, { topic: 't', partitions: [{ partition: 1, offset: 0 }] })
    expect(offsetsIn(answer!.records)).toEqual([[0, 1]])
    const large = batchOf({ values: ['x'.repeat(600)] })
    expect(await produce(again, { topic: 't', records: large })).toMatchObject({ error: 10 })
    expect(await createTopic(again, { topic: 't' })).toMatchObject({ error: 36 })
  })

  test('removes a deleted topic from the disk, and one of the same name starts empty', async () => {
    const dataDir = temporaryFolder()
    const client = await connectTo(await openBroker({ dataDir }))
    await createTopic(client, { topic: 't' })
    await produce(client, { topic: 't', records: batchOf() })
    expect(await deleteTopic(client, 't')).toBe(0)
    expect(readdirSync(join(dataDir, 'topics'))).toEqual([])
    expect(await deleteTopic(client, 't')).toBe(3)
    await createTopic(client, { topic: 't' })
    expect((await fetch(client, { topic: 't' }))[0]).toMatchObject({ error: 0, highWatermark: 0 })
  })

  test('leaves a folder that it does not know alone, and says so', async () => {
    const dataDir = temporaryFolder()
    mkdirSync(join(dataDir, 'topics', 'mine.AAAAAAAAAAAAAAAAAAAAAA'), { recursive: true })
    const { log, lines } = capturedLog()
    await openBroker({ dataDir, log })
    expect(lines.join('')).toMatch(/belongs to no known topic/)
    expect(readdirSync(join(dataDir, 'topics'))).toHaveLength(1)
  })

  test('names the address that is in use', async () => {
    const { port } = await openBroker()
    await expect(openBroker({ port })).rejects.toThrow(
      `The broker cannot listen on 127.0.0.1:${port}: another program`,
    )
  })

  test('names the folder that another broker has, and takes it when that one is closed', async () => {
    const dataDir = temporaryFolder()
    const first = await openBroker({ dataDir })
    await expect(openBroker({ dataDir })).rejects.toThrow(
      `The folder ${dataDir} is in use by another broker.`,
    )
    await first.close()
    await openBroker({ dataDir })
  })

  test('locks a folder whose name is too long for a socket', async () => {
    const dataDir = join(temporaryFolder(), 'x'.repeat(100), 'y'.repeat(100))
    const first = await openBroker({ dataDir })
    await expect(openBroker({ dataDir })).rejects.toThrow('in use by another broker')
    await first.close()
    await openBroker({ dataDir })
  })

  test('holds no more in memory than allowed', async () => {
    const broker = await openBroker({ memoryMaxBytes: 10_000_000 })
    const client = await connectTo(broker)
    await createTopic(client, { topic: 't' })
    const value = 'x'.repeat(900_000)
    for (let at = 0; at < 40; at++)
      await produce(client, { topic: 't', records: batchOf({ values: [value] }) })
    const [answer] = await fetch(client, { topic: 't', offset: 39 })
    expect(answer!.highWatermark).toBe(40)
    expect(answer!.logStart).toBeGreaterThan(20)
  })

  test('makes topics that clients ask for only where that is wanted', async () => {
    for (const { autoCreateTopics, mayCreate, error } of [
      { autoCreateTopics: true, mayCreate: true, error: 0 },
      { autoCreateTopics: true, mayCreate: false, error: 3 },
      { autoCreateTopics: false, mayCreate: true, error: 3 },
    ]) {
      const client = await connectTo(await openBroker({ autoCreateTopics, defaultPartitions: 3 }))
      const reader = await client.call({
        key: 3,
        version: 4,
        write: (w) => w.array(['t'], (_, name) => w.string(name)).boolean(mayCreate),
      })
      reader.int32()
      reader.array(() => [reader.int32(), reader.string(), reader.int32(), reader.nullableString()])
      reader.nullableString()
      reader.int32()
      expect(reader.int32()).toBe(1)
      expect(reader.int16()).toBe(error)
      expect(reader.string()).toBe('t')
      reader.boolean()
      expect(reader.int32()).toBe(error === 0 ? 3 : 0)
    }
  })

  test('gives all topics for a null list and none for an empty one, but all for an empty one in version 0', async () => {
    const client = await connectTo(await openBroker())
    await createTopic(client, { topic: 't' })
    for (const { version, topics, count } of [
      { version: 0, topics: [], count: 1 },
      { version: 1, topics: [], count: 0 },
      { version: 1, topics: null, count: 1 },
    ]) {
      const reader = await client.call({ key: 3, version, write: (w) => w.array(topics, () => {}) })
      reader.array(() => [
        reader.int32(),
        reader.string(),
        reader.int32(),
        version > 0 && reader.nullableString(),
      ])
      if (version > 0) reader.int32()
      expect(reader.int32()).toBe(count)
    }
  })

  for (const { what, topic, configs, error, message } of [
    { what: 'a name with a slash', topic: 'a/b', configs: {}, error: 17, message: /a\/b/ },
    { what: 'a name that climbs', topic: '..', configs: {}, error: 17, message: /not allowed/ },
    {
      what: 'an unknown setting',
      topic: 't',
      configs: { nonsense: '1' },
      error: 40,
      message: /Unknown topic config name: nonsense/,
    },
    {
      what: 'a wrong value',
      topic: 't',
      configs: { 'retention.ms': 'soon' },
      error: 40,
      message: /retention.ms/,
    },
    {
      what: 'an unknown way of cleaning',
      topic: 't',
      configs: { 'cleanup.policy': 'compact,shred' },
      error: 40,
      message: /String must be one of: compact, delete/,
    },
  ]) {
    test(`refuses a topic with ${what}`, async () => {
      const client = await connectTo(await openBroker())
      const answer = await createTopic(client, { topic, configs: configs as Record<string, string> })
      expect(answer.error).toBe(error)
      expect(answer.message).toMatch(message)
    })
  }

  test('opens and closes without leaving anything that keeps the process alive', async () => {
    const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
    const before = servers()
    const broker = await openBroker({ dataDir: temporaryFolder() })
    await broker.close()
    await broker.close()
    await vi.waitFor(() => expect(servers()).toBeLessThanOrEqual(before))
  })

  test('takes over a folder whose broker was killed', async () => {
    const dataDir = temporaryFolder()
    const script = `require('net').createServer().listen(${JSON.stringify(join(dataDir, 'broker.lock'))})`
    const killed = spawn(process.execPath, ['-e', script])
    await vi.waitFor(() => expect(existsSync(join(dataDir, 'broker.lock'))).toBe(true))
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    expect(existsSync(join(dataDir, 'broker.lock'))).toBe(true)
    await openBroker({ dataDir })
    await expect(openBroker({ dataDir })).rejects.toThrow('in use by another broker')
  })
})
