import { expect, onTestFinished, test } from 'vitest'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { openBroker } from '../broker/open-broker.ts'
import { freePort } from '../support/free-port.ts'

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
