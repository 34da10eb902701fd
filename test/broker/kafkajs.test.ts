import { Kafka, logLevel, type Consumer, type EachMessagePayload, type Producer } from 'kafkajs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openBroker, temporaryFolder } from './open-broker.ts'
import { openSecured, pem, tls } from './security/secured.ts'

const gzip = 1

async function kafkaOn(options = {}) {
  const broker = await openBroker({ dataDir: temporaryFolder(), ...options })
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${broker.port}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  })
  const admin = kafka.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  return { broker, kafka, admin }
}

async function send(
  kafka: Kafka,
  topic: string,
  count: number,
  { idempotent = false, compression = 0 } = {},
) {
  const producer = kafka.producer({
    idempotent,
    createPartitioner:
      () =>
      ({ message }) =>
        Number(message.key),
  })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  const messages = [...Array(count).keys()].map((at) => ({
    key: `${at % 2}`,
    value: `v${at}`,
    headers: { h: 'x' },
  }))
  await producer.send({ topic, messages, compression })
}

async function consume(kafka: Kafka, groupId: string, onMessage: (payload: EachMessagePayload) => void) {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    heartbeatInterval: 50,
    maxWaitTimeInMs: 50,
  })
  await consumer.connect()
  const assigned: number[][] = []
  consumer.on('consumer.group_join', ({ payload }) => {
    assigned.push(payload.memberAssignment['t'] ?? [])
  })
  await consumer.subscribe({ topics: ['t'], fromBeginning: true })
  await consumer.run({ eachMessage: async (payload) => onMessage(payload) })
  return { consumer, assigned: () => assigned.at(-1) ?? [] }
}

async function disconnectAll(...consumers: Consumer[]) {
  for (const consumer of consumers) await consumer.disconnect()
}

describe('kafkajs', () => {
  for (const compression of [0, gzip]) {
    for (const idempotent of [false, true]) {
      test(`reads what it wrote, compression ${compression}, idempotent ${idempotent}`, async () => {
        const { kafka, admin } = await kafkaOn()
        expect(await admin.createTopics({ topics: [{ topic: 't', numPartitions: 2 }] })).toBe(true)
        await send(kafka, 't', 100, { idempotent, compression })
        const seen = new Set<string>()
        const { consumer } = await consume(kafka, 'g', ({ message }) =>
          seen.add(`${message.value}${message.headers?.['h']}`),
        )
        await vi.waitFor(() => expect(seen.size).toBe(100), { timeout: 10_000 })
        await disconnectAll(consumer)
        expect(seen.has('v99x')).toBe(true)
      })
    }
  }

  test('shares partitions in a group of two, takes over from one that leaves, and goes on from its commits', async () => {
    const { kafka, admin } = await kafkaOn()
    await admin.createTopics({ topics: [{ topic: 't', numPartitions: 2 }] })
    const seen: string[] = []
    const onMessage = ({ message }: EachMessagePayload) => void seen.push(`${message.value}`)
    const first = await consume(kafka, 'g', onMessage)
    await vi.waitFor(() => expect(first.assigned()).toEqual([0, 1]), { timeout: 10_000 })
    const second = await consume(kafka, 'g', onMessage)
    await vi.waitFor(() => expect([...first.assigned(), ...second.assigned()].sort()).toEqual([0, 1]), {
      timeout: 10_000,
    })
    await send(kafka, 't', 20)
    await vi.waitFor(() => expect(seen).toHaveLength(20), { timeout: 10_000 })
    expect((await admin.describeGroups(['g'])).groups[0]).toMatchObject({
      state: 'Stable',
      protocolType: 'consumer',
    })
    await disconnectAll(first.consumer)
    await vi.waitFor(() => expect(second.assigned()).toEqual([0, 1]), { timeout: 10_000 })
    await disconnectAll(second.consumer)
    expect(await admin.fetchOffsets({ groupId: 'g', topics: ['t'] })).toMatchObject([
      { partitions: [{ offset: '10' }, { offset: '10' }] },
    ])
    await send(kafka, 't', 2)
    const third = await consume(kafka, 'g', onMessage)
    await vi.waitFor(() => expect(seen).toHaveLength(22), { timeout: 10_000 })
    await disconnectAll(third.consumer)
    expect(seen.slice(20).sort()).toEqual(['v0', 'v1'])
  })

  test('administers topics, settings, groups and offsets', async () => {
    const { kafka, admin } = await kafkaOn()
    await admin.createTopics({
      topics: [{ topic: 't', numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '5000' }] }],
    })
    expect(await admin.createTopics({ topics: [{ topic: 't' }] })).toBe(false)
    await send(kafka, 't', 10)
    expect(await admin.listTopics()).toEqual(['t'])
    await admin.createPartitions({ topicPartitions: [{ topic: 't', count: 3 }] })
    expect((await admin.fetchTopicMetadata({ topics: ['t'] })).topics[0]!.partitions).toHaveLength(3)
    const describeRetention = async () =>
      (
        await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: 't', configNames: ['retention.ms'] }],
        })
      ).resources[0]!.configEntries
    expect(await describeRetention()).toMatchObject([
      { configName: 'retention.ms', configValue: '5000', isDefault: false },
    ])
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: 't', configEntries: [{ name: 'retention.ms', value: '7000' }] }],
    })
    expect(await describeRetention()).toMatchObject([{ configValue: '7000' }])

    await admin.setOffsets({ groupId: 'g', topic: 't', partitions: [{ partition: 0, offset: '3' }] })
    expect(await admin.fetchOffsets({ groupId: 'g', topics: ['t'] })).toMatchObject([
      { partitions: [{ offset: '3' }, { offset: '-1' }, { offset: '-1' }] },
    ])
    expect((await admin.listGroups()).groups).toMatchObject([{ groupId: 'g' }])
    await admin.deleteGroups(['g'])
    expect((await admin.listGroups()).groups).toEqual([])

    await admin.deleteTopicRecords({ topic: 't', partitions: [{ partition: 0, offset: '2' }] })
    expect(await admin.fetchTopicOffsets('t')).toMatchObject([
      { partition: 0, low: '2', high: '5' },
      { partition: 1, low: '0', high: '5' },
      { partition: 2, low: '0', high: '0' },
    ])
    expect(await admin.describeCluster()).toMatchObject({ brokers: [{ nodeId: 1 }], controller: 1 })
    await admin.deleteTopics({ topics: ['t'] })
    expect(await admin.listTopics()).toEqual([])
  })

  test('is shut out by another producer of its transactional.id, and reads what is committed', async () => {
    const { kafka, admin } = await kafkaOn()
    await admin.createTopics({ topics: [{ topic: 't' }] })
    const open = async () => {
      const producer = kafka.producer({ transactionalId: 'x', idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      onTestFinished(() => producer.disconnect())
      return producer
    }
    const transaction = async (value: string, producer: Producer) => {
      const begun = await producer.transaction()
      await begun.send({ topic: 't', messages: [{ value }] })
      return begun
    }
    const first = await open()
    await (await transaction('a', first)).commit()
    await (await transaction('aborted', first)).abort()
    const left = await transaction('left open', first)
    await (await transaction('b', await open())).commit()
    await expect(left.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' })

    const seen: string[] = []
    const { consumer } = await consume(kafka, 'g', ({ message }) => seen.push(`${message.value}`))
    await vi.waitFor(() => expect(seen).toContain('b'), { timeout: 10_000 })
    await disconnectAll(consumer)
    expect(seen).toEqual(['a', 'b'])
  })

  test('finds offsets by time', async () => {
    const { kafka, admin } = await kafkaOn()
    const producer = kafka.producer()
    await producer.connect()
    onTestFinished(() => producer.disconnect())
    const messages = ['1000', '2000', '3000'].map((timestamp) => ({ value: 'timed', timestamp }))
    await producer.send({ topic: 't', messages })
    expect(await admin.fetchTopicOffsetsByTimestamp('t', 1500)).toEqual([{ partition: 0, offset: '1' }])
  })

  test('gets in with a certificate, and only with one', async () => {
    const { broker } = await openSecured({ tls: { ...tls, ca: pem('clients-ca'), clientAuth: 'required' } })
    const adminWith = (identity: { key?: string; cert?: string }) => {
      const ssl = { ca: pem('servers-ca'), ...identity }
      const brokers = [`127.0.0.1:${broker.port}`]
      const admin = new Kafka({ brokers, ssl, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin()
      onTestFinished(() => admin.disconnect())
      return admin
    }
    const admin = adminWith({ key: pem('client'), cert: pem('client') })
    await admin.connect()
    expect(await admin.listTopics()).toEqual([])
    await expect(adminWith({}).connect()).rejects.toThrow(/certificate/)
  })
})
