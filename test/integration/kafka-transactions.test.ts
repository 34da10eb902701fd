import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import type { ClientSettings, Consumer, Producer } from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { CuttingProxy } from '../kafka/cutting-proxy.ts'

/**
 * Transactions on real brokers: Apache Kafka, which TSCONNECT_KAFKA_BOOTSTRAP names, and ours.
 * TSCONNECT_KAFKA_LIBS: Kafka's jars.
 */
const kafka = process.env['TSCONNECT_KAFKA_BOOTSTRAP'] ?? ''
const libs = process.env['TSCONNECT_KAFKA_LIBS'] ?? ''
if (kafka === '') {
  process.stderr.write(
    'SKIPPED: kafka-transactions tests against Apache Kafka, because TSCONNECT_KAFKA_BOOTSTRAP names no broker.\n',
  )
}

const clients = kafkaClients()
const closing: (() => Promise<unknown>)[] = []
/** The broker whose turn it is. */
let bootstrap = ''

for (const name of ['Apache Kafka', 'the embedded broker']) {
  describe.skipIf(name === 'Apache Kafka' && kafka === '')(name, () => {
    beforeAll(async () => {
      bootstrap = name === 'Apache Kafka' ? kafka : await openEmbedded()
    })

    afterAll(async () => {
      for (const close of closing.splice(0).reverse()) await close()
    })

    describe('transactions', () => {
      test('are seen whole or not at all, in several partitions of several topics', async () => {
        const topics = [await newTopic(3), await newTopic(2)]
        const { producer, send } = await ready()
        for (let i = 0; i < 10; i++) {
          producer.beginTransaction()
          for (const [t, topic] of topics.entries()) {
            for (let partition = 0; partition < 3 - t; partition++) send(topic, String(i), partition)
          }
          if (i % 3 === 2) await producer.abortTransaction()
          else await producer.commitTransaction()
        }
        const kept = [0, 1, 3, 4, 6, 7, 9].map(String)
        const committed = await read(topics, { 'isolation.level': 'read_committed' }, 7 * 5)
        for (const [t, topic] of topics.entries()) {
          for (let partition = 0; partition < 3 - t; partition++) {
            expect(committed.get(`${topic}-${partition}`)).toEqual(kept)
          }
        }
      })

      test('that are aborted show what was sent only to those who ask for uncommitted records', async () => {
        const topic = await newTopic(1)
        const { producer, send } = await ready()
        producer.beginTransaction()
        send(topic, 'aborted')
        await producer.flush()
        await producer.abortTransaction()
        producer.beginTransaction()
        send(topic, 'committed')
        await producer.commitTransaction()
        expect([...(await read([topic], { 'isolation.level': 'read_uncommitted' }, 2)).values()]).toEqual([
          ['aborted', 'committed'],
        ])
        expect([...(await read([topic], { 'isolation.level': 'read_committed' }, 1)).values()]).toEqual([
          ['committed'],
        ])
      })

      test('keep their records back until they are committed', async () => {
        const topic = await newTopic(1)
        const { producer, send } = await ready()
        const consumer = openConsumer([topic], { 'isolation.level': 'read_committed' })
        producer.beginTransaction()
        send(topic, 'a')
        await producer.flush()
        const until = performance.now() + 2000
        while (performance.now() < until) expect(await consumer.poll(200)).toEqual([])
        await producer.commitTransaction()
        const seen: string[] = []
        while (seen.length === 0) seen.push(...(await consumer.poll(500)).map(({ value }) => String(value)))
        expect(seen).toEqual(['a'])
      })

      test('end for a producer that another one of the same transactional.id has replaced', async () => {
        const topic = await newTopic(1)
        const id = randomUUID()
        const old = await ready(id)
        old.producer.beginTransaction()
        old.send(topic, 'old')
        await old.producer.flush()
        const successor = await ready(id)
        const replaced = { name: 'KafkaError', code: 'PRODUCER_FENCED', retriable: false }
        await expect(old.producer.commitTransaction()).rejects.toMatchObject(replaced)
        expect(() => old.producer.beginTransaction()).toThrow(expect.objectContaining(replaced))
        successor.producer.beginTransaction()
        successor.send(topic, 'new')
        await successor.producer.commitTransaction()
        expect([...(await read([topic], { 'isolation.level': 'read_committed' }, 1)).values()]).toEqual([
          ['new'],
        ])
      })

      test('fail the records of a replaced producer that has only just begun to send', async () => {
        const topic = await newTopic(1)
        const id = randomUUID()
        const old = await ready(id)
        await ready(id)
        old.producer.beginTransaction()
        old.send(topic, 'old')
        await old.producer.flush()
        expect(old.failures).toMatchObject([{ code: 'PRODUCER_FENCED' }])
      })

      test('end with transaction.timeout.ms', async () => {
        const topic = await newTopic(1)
        const { producer, send } = await ready(randomUUID(), { 'transaction.timeout.ms': '1000' })
        producer.beginTransaction()
        send(topic, 'a')
        await producer.flush()
        // The coordinator looks for such transactions every ten seconds.
        const committed = openConsumer([topic], { 'isolation.level': 'read_committed' })
        send(topic, 'b')
        await producer.flush()
        const deadline = performance.now() + 40_000
        while ((await committed.position({ topic, partition: 0 }).catch(() => 0)) < 3) {
          if (performance.now() > deadline) throw new Error('The transaction is still open after 40 s.')
          expect(await committed.poll(300)).toEqual([])
        }
        await expect(producer.commitTransaction()).rejects.toMatchObject({ code: 'PRODUCER_FENCED' })
      })

      test('go on under another epoch after one that failed', async () => {
        const topic = await newTopic(1, { 'max.message.bytes': '2000' })
        const { producer, send, failures } = await ready()
        producer.beginTransaction()
        send(topic, 'small')
        await producer.flush()
        send(topic, 'x'.repeat(5000))
        await expect(producer.commitTransaction()).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
        expect(failures).toHaveLength(1)
        await producer.abortTransaction()
        for (const value of ['next', 'last']) {
          producer.beginTransaction()
          send(topic, value)
          await producer.commitTransaction()
        }
        expect([...(await read([topic], { 'isolation.level': 'read_committed' }, 2)).values()]).toEqual([
          ['next', 'last'],
        ])
      })

      test('hold every record once when connections break again and again', async () => {
        const topic = await newTopic(3)
        const [host, port] = bootstrap.split(':') as [string, string]
        const proxy = await CuttingProxy.open({ host, port: Number(port) })
        closing.push(() => proxy.close())
        const { producer, send } = await ready(randomUUID(), { 'bootstrap.servers': proxy.address })
        const cutting = setInterval(() => proxy.cut(), 90)
        const expected: string[] = []
        for (let t = 0; t < 25; t++) {
          producer.beginTransaction()
          const isCommitted = t % 4 !== 3
          for (let i = 0; i < 300; i++) {
            send(topic, `${t}/${i}`, i % 3)
            if (i % 3 === 0 && isCommitted) expected.push(`${t}/${i}`)
            if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
          }
          if (isCommitted) await producer.commitTransaction()
          else await producer.abortTransaction()
        }
        clearInterval(cutting)
        const committed = await read([topic], { 'isolation.level': 'read_committed' }, expected.length * 3)
        expect(committed.get(`${topic}-0`)).toEqual(expected)
      })

      test.skipIf(libs === '')('are what a Java consumer reads', async () => {
        const topic = await newTopic(1)
        const { producer, send } = await ready(randomUUID(), { 'compression.type': 'gzip' })
        for (const value of ['one', 'lost', 'two', 'lost', 'three']) {
          producer.beginTransaction()
          send(topic, value)
          await producer.flush()
          if (value === 'lost') await producer.abortTransaction()
          else await producer.commitTransaction()
        }
        const args = [
          '--bootstrap-server',
          bootstrap,
          '--topic',
          topic,
          '--from-beginning',
          '--max-messages',
          '3',
        ]
        const tool = ['-cp', `${libs}/*`, 'org.apache.kafka.tools.consumer.ConsoleConsumer']
        const committed = ['--isolation-level', 'read_committed']
        const { stdout } = await promisify(execFile)('java', [...tool, ...args, ...committed], {
          timeout: 60_000,
        })
        expect(stdout.trim().split('\n')).toEqual(['one', 'two', 'three'])
      })
    })

    describe('an idempotent producer', () => {
      for (const codec of ['none', 'gzip']) {
        test(`with five small batches in flight keeps order and count while connections break (${codec})`, async () => {
          const topic = await newTopic(1)
          const [host, port] = bootstrap.split(':') as [string, string]
          const proxy = await CuttingProxy.open({ host, port: Number(port) })
          closing.push(() => proxy.close())
          const acked: unknown[] = []
          const settings = { 'batch.size': '500', 'compression.type': codec, 'retry.backoff.ms': '20' }
          const producer = clients.producer(
            { 'bootstrap.servers': proxy.address, ...settings },
            { acknowledged: (contexts) => acked.push(...contexts), failed: () => {} },
            silentLogger,
          )
          closing.push(() => producer.close(1000))
          const cutting = setInterval(() => proxy.cut(), 60)
          const expected = Array.from({ length: 20_000 }, (_, i) => String(i))
          for (const [i, value] of expected.entries()) {
            const bytes = Buffer.from(value)
            producer.send(
              { topic, partition: 0, timestamp: null, key: null, value: bytes, headers: null },
              value,
            )
            if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
          }
          clearInterval(cutting)
          await producer.flush()
          expect(acked).toEqual(expected)
          expect((await read([topic], {}, 20_000)).get(`${topic}-0`)).toEqual(expected)
        })
      }
    })
  })
}

async function openEmbedded(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'transactions-'))
  const broker = await Broker.open({ host: '127.0.0.1', port: 0, dataDir, log: silentLogger })
  closing.push(async () => {
    await broker.close()
    rmSync(dataDir, { recursive: true })
  })
  return `127.0.0.1:${broker.port}`
}

async function ready(transactionalId: string = randomUUID(), settings: ClientSettings = {}) {
  const failures: Error[] = []
  const producer: Producer = clients.producer(
    { 'bootstrap.servers': bootstrap, 'transactional.id': transactionalId, ...settings },
    { acknowledged: () => {}, failed: (_, error) => failures.push(error) },
    silentLogger,
  )
  closing.push(() => producer.close(1000))
  await producer.initTransactions()
  const send = (topic: string, value: string, partition: number | null = 0) =>
    producer.send(
      { topic, partition, timestamp: null, key: null, value: Buffer.from(value), headers: null },
      value,
    )
  return { producer, send, failures }
}

function openConsumer(topics: string[], settings: ClientSettings): Consumer {
  const base = { 'bootstrap.servers': bootstrap, 'group.id': randomUUID(), 'auto.offset.reset': 'earliest' }
  const consumer = clients.consumer({ ...base, ...settings }, silentLogger)
  const nothing = async () => {}
  consumer.subscribe(topics, { assigned: nothing, revoked: nothing, lost: nothing })
  closing.push(() => consumer.close(5000))
  return consumer
}

/** The values of each partition; waits for so many, and a while for more than that. */
async function read(
  topics: string[],
  settings: ClientSettings,
  count: number,
): Promise<Map<string, string[]>> {
  const consumer = openConsumer(topics, settings)
  const values = new Map<string, string[]>()
  let seen = 0
  const deadline = performance.now() + 30_000
  for (let isLast = false; ; isLast = seen >= count) {
    if (performance.now() > deadline) throw new Error(`Only ${seen} of ${count} records came within 30 s.`)
    for (const { topic, partition, value } of await consumer.poll(500)) {
      const key = `${topic}-${partition}`
      const found = values.get(key) ?? []
      values.set(key, found)
      found.push(String(value))
      seen++
    }
    if (isLast) return values
  }
}

async function newTopic(partitions: number, configs: Record<string, string> = {}): Promise<string> {
  const admin = clients.admin({ 'bootstrap.servers': bootstrap }, silentLogger)
  const name = `t-${randomUUID()}`
  try {
    await admin.createTopic({ name, partitions, replicationFactor: 1, configs })
  } finally {
    await admin.close()
  }
  return name
}
