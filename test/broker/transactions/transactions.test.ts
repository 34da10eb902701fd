import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Broker, BrokerOptions } from '../../../src/broker/broker.ts'
import { fromChecksummedLine, toChecksummedLine } from '../../../src/broker/checksummed-line.ts'
import type { JournalEntry } from '../../../src/broker/journal-entries.ts'
import { kafkaClients } from '../../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../../src/util/logger.ts'
import { connectTo, openBroker, temporaryFolder } from '../open-broker.ts'
import { fetch } from '../requests.ts'

/** A broker with a topic `t` of two partitions, in a folder. */
async function setUp(options: Partial<BrokerOptions> = {}) {
  const folder = temporaryFolder()
  const broker = await openBroker({ dataDir: folder, ...options })
  const admin = kafkaClients().admin({ 'bootstrap.servers': address(broker) }, silentLogger)
  onTestFinished(() => admin.close())
  await admin.createTopic({ name: 't', partitions: 2, replicationFactor: 1, configs: {} })
  return { broker, folder }
}

const address = ({ port }: Broker) => `127.0.0.1:${port}`

async function openProducer(broker: Broker, settings: Record<string, string> = {}) {
  const failures: Error[] = []
  const producer = kafkaClients().producer(
    { 'bootstrap.servers': address(broker), 'transactional.id': 'x', ...settings },
    { acknowledged: () => {}, failed: (_, error) => failures.push(error) },
    silentLogger,
  )
  onTestFinished(() => producer.close(1000))
  await producer.initTransactions()
  const send = (value: string, partition = 0) =>
    producer.send(
      { topic: 't', partition, timestamp: null, key: null, value: Buffer.from(value), headers: null },
      null,
    )
  return { producer, send, failures }
}

/** What readers of committed records see; what is behind an open transaction is waited for at most `waitMs`. */
async function committed(broker: Broker, waitMs = 10_000): Promise<string[]> {
  const reader = kafkaClients().topicReader(
    { 'bootstrap.servers': address(broker), 'isolation.level': 'read_committed' },
    silentLogger,
  )
  const found: string[] = []
  const timer = setTimeout(() => void reader.close(), waitMs)
  try {
    await reader.readToEnd('t', ({ value, partition }) => found.push(`${partition}:${String(value)}`))
  } catch (error) {
    if (!(error as Error).message.includes('closed')) throw error
    found.push('...')
  } finally {
    clearTimeout(timer)
    await reader.close()
  }
  return found.sort()
}

/** The broker as it comes back after a kill: what was written is there, nothing was closed. */
async function afterKill(folder: string, change: (journal: string) => void = () => {}): Promise<Broker> {
  const copy = temporaryFolder()
  cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('.lock') })
  change(join(copy, 'journal.jsonl'))
  return openBroker({ dataDir: copy })
}

function entriesOf(journal: string): JournalEntry[] {
  const lines = readFileSync(journal, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => fromChecksummedLine(line) as JournalEntry)
}

describe('transactions over a kill of the broker', () => {
  test('one that is open stays open; the next producer of its id ends it', async () => {
    const { broker, folder } = await setUp()
    const { producer, send } = await openProducer(broker)
    producer.beginTransaction()
    send('first')
    await producer.commitTransaction()
    producer.beginTransaction()
    send('open')
    await producer.flush()
    const again = await afterKill(folder)
    expect(await committed(again, 300)).toEqual(['...', '0:first'].sort())
    const next = await openProducer(again)
    expect(await committed(again)).toEqual(['0:first'])
    next.producer.beginTransaction()
    next.send('next')
    await next.producer.commitTransaction()
    expect(await committed(again)).toEqual(['0:first', '0:next'])
  })

  test('one that is open ends when its time is up', async () => {
    const { broker, folder } = await setUp()
    const { producer, send } = await openProducer(broker, { 'transaction.timeout.ms': '300' })
    producer.beginTransaction()
    send('open')
    await producer.flush()
    const again = await afterKill(folder)
    expect(await committed(again)).toEqual([])
  })

  for (const state of ['committing', 'aborting'] as const) {
    test(`one of which it was decided that it is ${state} is ended so`, async () => {
      const { broker, folder } = await setUp()
      const { producer, send } = await openProducer(broker)
      producer.beginTransaction()
      send('a', 0)
      send('b', 1)
      await producer.flush()
      const again = await afterKill(folder, (journal) => {
        const last = entriesOf(journal).findLast((entry) => entry.type === 'transaction')!
        const transaction = { ...last.transaction, state }
        appendFileSync(journal, toChecksummedLine({ type: 'transaction', transaction }))
      })
      expect(await committed(again)).toEqual(state === 'committing' ? ['0:a', '1:b'] : [])
    })
  }

  test('one that nobody knows of any more is aborted', async () => {
    const { broker, folder } = await setUp()
    const { producer, send } = await openProducer(broker)
    producer.beginTransaction()
    send('lost')
    await producer.flush()
    const again = await afterKill(folder, (journal) => {
      const kept = entriesOf(journal).filter(({ type }) => type !== 'transaction')
      writeFileSync(journal, kept.map(toChecksummedLine).join(''))
    })
    expect(await committed(again)).toEqual([])
  })
})

describe('a producer with transactions', () => {
  test('is shut out when its time is up, and another one goes on', async () => {
    const { broker } = await setUp()
    const { producer, send } = await openProducer(broker, { 'transaction.timeout.ms': '100' })
    producer.beginTransaction()
    send('late')
    await producer.flush()
    expect(await committed(broker)).toEqual([])
    await expect(producer.commitTransaction()).rejects.toMatchObject({ code: 'PRODUCER_FENCED' })
    const next = await openProducer(broker)
    next.producer.beginTransaction()
    next.send('next')
    await next.producer.commitTransaction()
    expect(await committed(broker)).toEqual(['0:next'])
  })

  test('cannot ask for more than a quarter of an hour', async () => {
    const { broker } = await setUp()
    await expect(openProducer(broker, { 'transaction.timeout.ms': '900001' })).rejects.toMatchObject({
      code: 'INVALID_TRANSACTION_TIMEOUT',
    })
  })

  test('commits its part where a topic was deleted meanwhile', async () => {
    const { broker } = await setUp()
    const kafka = new Kafka({ brokers: [address(broker)], logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    onTestFinished(() => admin.disconnect())
    await admin.createTopics({ topics: [{ topic: 'gone' }] })
    const { producer, send } = await openProducer(broker)
    producer.beginTransaction()
    send('kept')
    producer.send(
      { topic: 'gone', partition: 0, timestamp: null, key: null, value: Buffer.from('x'), headers: null },
      null,
    )
    await producer.flush()
    await admin.deleteTopics({ topics: ['gone'] })
    await producer.commitTransaction()
    expect(await committed(broker)).toEqual(['0:kept'])
  })

  for (const flush of ['always', 'never'] as const) {
    test(`commits and aborts with kafkajs, offsets of a group included (flush=${flush})`, async () => {
      const { broker, folder } = await setUp({ flush })
      const kafka = new Kafka({ brokers: [address(broker)], logLevel: logLevel.NOTHING })
      const producer = kafka.producer({ transactionalId: 'k', idempotent: true, maxInFlightRequests: 1 })
      const admin = kafka.admin()
      await Promise.all([producer.connect(), admin.connect()])
      onTestFinished(async () => {
        await Promise.all([producer.disconnect(), admin.disconnect()])
      })
      const offset = async () => {
        const [of] = await admin.fetchOffsets({ groupId: 'g', topics: ['t'] })
        return of!.partitions.find(({ partition }) => partition === 1)?.offset
      }
      const run = async (value: string, offsetToCommit: string) => {
        const transaction = await producer.transaction()
        await transaction.send({ topic: 't', messages: [{ value, partition: 0 }] })
        const topics = [{ topic: 't', partitions: [{ partition: 1, offset: offsetToCommit }] }]
        await transaction.sendOffsets({ consumerGroupId: 'g', topics })
        return transaction
      }
      const aborted = await run('aborted', '5')
      expect(await offset()).toBe('-1')
      await aborted.abort()
      expect(await offset()).toBe('-1')
      const kept = await run('committed', '7')
      expect(await offset()).toBe('-1')
      await kept.commit()
      expect(await offset()).toBe('7')
      expect(await committed(broker)).toEqual(['0:committed'])
      const again = await afterKill(folder)
      expect(await committed(again)).toEqual(['0:committed'])
      const found = kafkaClients().admin({ 'bootstrap.servers': address(again) }, silentLogger)
      onTestFinished(() => found.close())
      expect(await found.listConsumerGroupOffsets('g')).toMatchObject([{ partition: 1, offset: 7 }])
    })
  }

  test('keeps its id over many epochs, and gets another one when they are used up', async () => {
    const { broker, folder } = await setUp()
    await openProducer(broker)
    const again = await afterKill(folder, (journal) => {
      const last = entriesOf(journal).findLast((entry) => entry.type === 'transaction')!
      const transaction = { ...last.transaction, epoch: 32_765 }
      appendFileSync(journal, toChecksummedLine({ type: 'transaction', transaction }))
    })
    for (const value of ['a', 'b', 'c', 'd']) {
      const { producer, send } = await openProducer(again)
      producer.beginTransaction()
      send(value)
      if (value === 'c') await producer.flush()
      else await producer.commitTransaction()
    }
    expect(await committed(again)).toEqual(['0:a', '0:b', '0:d'])
  })

  test('a fetch of committed records waits for the end of a transaction, whatever comes meanwhile', async () => {
    const { broker } = await setUp()
    const { producer, send } = await openProducer(broker)
    const client = await connectTo(broker)
    const fetchFrom = (offset: number) =>
      fetch(client, { topic: 't', offset, maxWaitMs: 20_000, isReadCommitted: true })
    producer.beginTransaction()
    send('aborted')
    await producer.flush()
    let isAnswered = false
    const answer = fetchFrom(0).finally(() => (isAnswered = true))
    for (let i = 0; i < 10; i++) {
      send('more')
      await producer.flush()
    }
    expect(isAnswered).toBe(false)
    await producer.abortTransaction()
    const [after] = await answer
    expect(after).toMatchObject({ error: 0, highWatermark: 12, lastStable: 12 })
    expect(after!.aborted).toMatchObject([{ firstOffset: 0 }])
    producer.beginTransaction()
    send('open')
    await producer.flush()
    const [whole] = await fetchFrom(0)
    expect(whole).toMatchObject({ highWatermark: 13, lastStable: 12, records: after!.records })
    const [uncommitted] = await fetch(client, { topic: 't', offset: 0 })
    expect(uncommitted).toMatchObject({ highWatermark: 13, aborted: null })
    expect(uncommitted!.records.length).toBeGreaterThan(after!.records.length)
  })
})
