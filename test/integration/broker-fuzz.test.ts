import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { BrokerOptions } from '../../src/broker/broker.ts'
import { batchOf } from '../broker/batches.ts'
import { attack, type AttackOptions, type Outcome } from '../broker/fuzz/attack.ts'
import { BrokerProcess } from '../broker/fuzz/broker-process.ts'
import { corpus, type Template } from '../broker/fuzz/requests.ts'
import { createTopic, fetch, produce } from '../broker/requests.ts'
import { authenticate, handshake, plainToken } from '../broker/security/secured.ts'
import { RawClient } from '../broker/raw-client.ts'

/** Another seed sends other requests; a number of connections sends more or fewer. */
const seed = Number(process.env['TSCONNECT_FUZZ_SEED'] ?? 2026)
const connections = Number(process.env['TSCONNECT_FUZZ_CONNECTIONS'] ?? 48_000)
/** To see one connection again. */
const only = process.env['TSCONNECT_FUZZ_ONLY']

const maxRequestBytes = 2_000_000
const mostGrownBytes = 150_000_000
const heapMb = 256

let folder: string
let main: string
let templates: Template[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'broker-fuzz-'))
  main = await BrokerProcess.bundle(folder)
  templates = await corpus()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function start(name: string, options: Partial<BrokerOptions> = {}): Promise<BrokerProcess> {
  const broker = await BrokerProcess.start(
    main,
    {
      host: '127.0.0.1',
      port: 0,
      dataDir: join(folder, name),
      maxRequestBytes,
      failedLoginDelayMs: 1,
      ...options,
    },
    heapMb,
  )
  onTestFinished(() => broker.kill())
  return broker
}

/** What the broker may hold at once: a request, or an answer. */
const largestBuffer = 33_554_432

/** What a well-behaved client has, whatever others do. */
class Untouched {
  readonly #values: string[] = []

  async begin(port: number): Promise<void> {
    const client = await RawClient.connect(port)
    for (const topic of ['kept', 't'])
      expect((await createTopic(client, { topic, partitions: 2 })).error).toBe(0)
    await createTopic(client, { topic: 'compacted', configs: { 'cleanup.policy': 'compact' } })
    client.close()
  }

  async add(port: number): Promise<void> {
    const client = await RawClient.connect(port)
    const value = `value ${this.#values.length}`
    const { error, baseOffset } = await produce(client, {
      topic: 'kept',
      records: batchOf({ values: [value] }),
    })
    expect([error, baseOffset]).toEqual([0, this.#values.length])
    this.#values.push(value)
    client.close()
  }

  async check(port: number): Promise<void> {
    const client = await RawClient.connect(port)
    const [answer] = await fetch(client, { topic: 'kept' })
    expect([answer!.error, answer!.highWatermark]).toEqual([0, this.#values.length])
    expect(answer!.records.toString('latin1').match(/value \d+/g)).toEqual(this.#values)
    const metadata = await client.call({
      key: 3,
      version: 1,
      write: (w) => w.array(['kept'], (_, name) => w.string(name)),
    })
    metadata.array(() => [metadata.int32(), metadata.string(), metadata.int32(), metadata.nullableString()])
    metadata.int32()
    const topics = metadata.array(() => {
      const topic = [metadata.int16(), metadata.string(), metadata.boolean()]
      const partitions = metadata.array(() => {
        const partition = [metadata.int16(), metadata.int32()]
        metadata.int32()
        metadata.array(() => metadata.int32())
        metadata.array(() => metadata.int32())
        return partition
      })
      return [...topic, partitions]
    })
    const partitions = [0, 1].map((id) => [0, id])
    expect(topics).toEqual([[0, 'kept', false, partitions]])
    client.close()
  }
}

async function attackInChunks(
  broker: BrokerProcess,
  options: AttackOptions,
  { count, afterEach }: { count: number; afterEach: () => Promise<void> },
): Promise<Outcome> {
  const total: Outcome = { sent: 0, reached: 0, answered: 0, closed: 0, parked: 0 }
  if (only !== undefined) return await attack(options, Number(only), Number(only) + 1)
  const chunk = Math.ceil(count / 16)
  for (let from = 0; from < count; from += chunk) {
    const outcome = await attack(options, from, Math.min(count, from + chunk))
    for (const key of Object.keys(total) as (keyof Outcome)[]) total[key] += outcome[key]
    expect(broker.errors).toEqual([])
    await afterEach()
  }
  return total
}

describe('a hundred thousand requests that no client sends', () => {
  test('leave the broker answering others, its memory bounded and its folder whole', async () => {
    const broker = await start('open')
    const untouched = new Untouched()
    await untouched.begin(broker.port)
    await untouched.add(broker.port)
    const before = await broker.usage()
    const open = templates.filter(({ key }) => key !== 17 && key !== 36)
    const outcome = await attackInChunks(
      broker,
      { port: broker.port, maxRequestBytes, seed, templates: open },
      {
        count: connections,
        afterEach: async () => {
          await untouched.add(broker.port)
          await untouched.check(broker.port)
          const { peakRssBytes, largestBufferBytes } = await broker.usage()
          expect(largestBufferBytes).toBeLessThanOrEqual(largestBuffer)
          expect(peakRssBytes - before.rssBytes).toBeLessThan(mostGrownBytes)
        },
      },
    )
    if (connections >= 48_000 && only === undefined) expect(outcome.reached).toBeGreaterThan(100_000)
    await broker.close()
    const again = await start('open')
    await untouched.check(again.port)
    await untouched.add(again.port)
    await again.close()
    expect([...broker.errors, ...again.errors]).toEqual([])
  })

  test('do the same to a broker that asks for a password', async () => {
    const broker = await start('secured', {
      sasl: { users: { ann: 'correct horse' }, mechanisms: ['PLAIN', 'SCRAM-SHA-256'] },
      maxConnections: 10_000,
    })
    const before = await broker.usage()
    const first = (key: number, version: number) =>
      templates.find((t) => t.key === key && t.version === version)!
    const sasl = templates.filter(({ key }) => key === 17 || key === 18 || key === 36)
    const some = templates.filter((_, at) => at % 10 === 0)
    const outcome = await attackInChunks(
      broker,
      {
        port: broker.port,
        maxRequestBytes,
        seed,
        templates: [...sasl, ...sasl, ...some],
        login: [first(17, 1), first(36, 2)],
      },
      {
        count: Math.ceil(connections / 10),
        afterEach: async () => {
          const client = await RawClient.connect(broker.port)
          expect(await handshake(client, 'PLAIN')).toMatchObject({ error: 0 })
          expect(await authenticate(client, plainToken('ann', 'correct horse'))).toMatchObject({ error: 0 })
          client.close()
          const { peakRssBytes } = await broker.usage()
          expect(peakRssBytes - before.rssBytes).toBeLessThan(mostGrownBytes)
        },
      },
    )
    if (only === undefined) expect(outcome.answered).toBeGreaterThan(outcome.sent / 4)
    await broker.close()
    expect(broker.errors).toEqual([])
  })
})
