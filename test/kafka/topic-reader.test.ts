import { expect, onTestFinished, test } from 'vitest'
import type { ConsumerRecord } from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { openBroker } from '../broker/open-broker.ts'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'

function openReader(bootstrap: string, settings: Record<string, string> = {}) {
  const reader = kafkaClients().topicReader({ 'bootstrap.servers': bootstrap, ...settings }, silentLogger)
  onTestFinished(() => reader.close())
  return reader
}

async function setUp(partitions: number) {
  const broker = await openBroker()
  const bootstrap = `127.0.0.1:${broker.port}`
  const admin = kafkaClients().admin({ 'bootstrap.servers': bootstrap }, silentLogger)
  onTestFinished(() => admin.close())
  await admin.createTopic({ name: 't', partitions, replicationFactor: 1, configs: {} })
  const producer = kafkaClients().producer(
    { 'bootstrap.servers': bootstrap, 'batch.size': '200' },
    { acknowledged: () => {}, failed: () => {} },
    silentLogger,
  )
  onTestFinished(() => producer.close(1000))
  const send = (value: string, partition: number) =>
    producer.send(
      { topic: 't', partition, timestamp: null, key: null, value: Buffer.from(value), headers: null },
      null,
    )
  const read = async (settings: Record<string, string> = {}) => {
    const found: string[] = []
    await openReader(bootstrap, settings).readToEnd('t', ({ partition, value }) =>
      found.push(`${partition}:${value?.toString()}`),
    )
    return found
  }
  return { bootstrap, producer, send, read }
}

test('reads every record of every partition, more than one fetch can hold', async () => {
  const { producer, send, read } = await setUp(3)
  const expected: string[] = []
  for (let i = 0; i < 3000; i++) {
    send(`value ${i}`, i % 2)
    expected.push(`${i % 2}:value ${i}`)
  }
  await producer.flush()
  const found = await read({ 'max.partition.fetch.bytes': '1000', 'fetch.max.bytes': '3000' })
  for (const partition of ['0:', '1:']) {
    const of = (all: string[]) => all.filter((each) => each.startsWith(partition))
    expect(of(found)).toEqual(of(expected))
  }
  expect(found).toHaveLength(3000)
})

test('reads nothing from an empty topic, and again what it has read', async () => {
  const { producer, send, read, bootstrap } = await setUp(1)
  expect(await read()).toEqual([])
  send('one', 0)
  await producer.flush()
  const reader = openReader(bootstrap)
  const found: (string | undefined)[] = []
  for (let i = 0; i < 2; i++) await reader.readToEnd('t', ({ value }) => found.push(value?.toString()))
  expect(found).toEqual(['one', 'one'])
})

test('says that there is no such topic, when it has waited for it', async () => {
  const { bootstrap } = await setUp(1)
  const reader = openReader(bootstrap, { 'default.api.timeout.ms': '200' })
  await expect(reader.readToEnd('none', () => {})).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
  })
})

test('a reader that is closed stops waiting for a broker that is away', async () => {
  const reader = openReader(`127.0.0.1:${await freePort()}`)
  const reading = reader.readToEnd('t', () => {})
  const ended = expect(reading).rejects.toThrow()
  await reader.close()
  await ended
})

test('reads ranges, follows what is written later, and ends when asked to', async () => {
  const { producer, send, bootstrap } = await setUp(2)
  for (let i = 0; i < 10; i++) send(`value ${i}`, i % 2)
  await producer.flush()
  const reader = openReader(bootstrap)
  expect(await reader.extent('t')).toEqual([
    { start: 0, end: 5 },
    { start: 0, end: 5 },
  ])
  const found: string[] = []
  const take = (records: readonly ConsumerRecord[]) => {
    for (const { value } of records) found.push(String(value))
  }
  const range = { partition: 1, start: 2, end: 4 }
  await reader.read('t', [range], take)
  expect(found).toEqual(['value 5', 'value 7'])

  const stopping = new AbortController()
  const following = reader.read('t', [{ ...range, end: null }], take, stopping.signal)
  await until(() => found.length === 5, { what: 'what is there already' })
  send('later', 1)
  send('elsewhere', 0)
  await until(() => found.length === 6, { what: 'the record that came later' })
  stopping.abort()
  await following
  expect(found.slice(2)).toEqual(['value 5', 'value 7', 'value 9', 'later'])
})

test('reads no further while the taker is busy', async () => {
  const { producer, send, bootstrap } = await setUp(1)
  for (let i = 0; i < 2000; i++) send(`value ${i}`, 0)
  await producer.flush()
  let isBusy = false
  let taken = 0
  await openReader(bootstrap).read('t', [{ partition: 0, start: 0, end: 2000 }], async (records) => {
    expect(isBusy).toBe(false)
    isBusy = true
    await new Promise((resolve) => setImmediate(resolve))
    isBusy = false
    taken += records.length
  })
  expect(taken).toBe(2000)
})

test('says that records went away ahead of it', async () => {
  const { producer, send, bootstrap } = await setUp(1)
  send('one', 0)
  await producer.flush()
  const reading = openReader(bootstrap).read('t', [{ partition: 0, start: 7, end: 9 }], () => {})
  await expect(reading).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
})
