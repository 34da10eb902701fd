import type * as Client from '@platformatic/kafka'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { saslMechanisms } from '../../src/broker/security/authenticator.ts'
import { openBroker } from './open-broker.ts'
import { openSecured, pem, tls, users } from './security/secured.ts'

const [major, minor, patch] = process.versions.node.split('.').map(Number) as [number, number, number]
/** What 1.35.0 asks for; our own `engines` begin at 20.19.0. */
const canRun = major > 20 || (major === 20 && (minor > 19 || (minor === 19 && patch >= 4)))
if (!canRun)
  process.stderr.write('SKIPPED: the checks with @platformatic/kafka, which needs Node 20.19.4 or newer.\n')
const client = canRun ? await import('@platformatic/kafka') : (null as unknown as typeof Client)
const hasZstd = canRun && client.compressionsAlgorithms.zstd.available
if (canRun && !hasZstd)
  process.stderr.write('SKIPPED: zstd with @platformatic/kafka, which needs a Node that has it (22.15).\n')

const committedOnly = 1

type Options = Partial<Client.ConnectionOptions> & { port: number }
type TextProducer = Client.Producer<string, string, string, string>
type TextConsumer = Client.Consumer<string, string, string, string>

/** Small waits: what has to be tried again is tried again soon. */
function baseOptions({ port, ...rest }: Options) {
  return { clientId: 'test', bootstrapBrokers: [`127.0.0.1:${port}`], retries: 5, retryDelay: 50, ...rest }
}

function adminOf(options: Options) {
  const admin = new client.Admin(baseOptions(options))
  onTestFinished(() => admin.close())
  return admin
}

function producerOf(options: Options, more: { idempotent?: boolean; transactionalId?: string } = {}) {
  const serializers = client.stringSerializers
  const producer: TextProducer = new client.Producer({ ...baseOptions(options), serializers, ...more })
  onTestFinished(() => producer.close(true))
  return producer
}

function consumerOf(options: Options, groupId: string, more: Client.GroupOptions = {}) {
  const consumer: TextConsumer = new client.Consumer({
    ...baseOptions(options),
    groupId,
    deserializers: client.stringDeserializers,
    sessionTimeout: 6000,
    rebalanceTimeout: 6000,
    heartbeatInterval: 100,
    maxWaitTime: 50,
    ...more,
  })
  onTestFinished(() => consumer.close(true))
  return consumer
}

/** Reads topic `t` from where the group is into `values`, each of them committed before the next. */
async function read(consumer: TextConsumer, values: string[], isolationLevel = committedOnly) {
  const stream = await consumer.consume({
    topics: ['t'],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
    isolationLevel,
  })
  stream.on('data', (message) => {
    values.push(message.value)
    void message.commit()
  })
  return stream
}

/** Value `v<n>` goes to partition `n % partitions`. */
const messages = (count: number, partitions = 1) =>
  [...Array(count).keys()].map((n) => ({
    topic: 't',
    partition: n % partitions,
    key: `k${n}`,
    value: `v${n}`,
    headers: { h: 'x' },
  }))

const assigned = (...consumers: TextConsumer[]) =>
  consumers.map(({ assignments }) => (assignments ?? []).flatMap(({ partitions }) => partitions).sort())

/** Its type hides that this is a promise. */
const leave = async (consumer: TextConsumer): Promise<void> => consumer.close(true)

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 })

async function setUp(partitions = 1) {
  const broker = await openBroker()
  const admin = adminOf(broker)
  await admin.createTopics({ topics: ['t'], partitions, replicas: 1 })
  return { broker, admin }
}

describe.skipIf(!canRun)('@platformatic/kafka', () => {
  for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    for (const idempotent of [false, true]) {
      test.skipIf(compression === 'zstd' && !hasZstd)(
        `reads what it wrote with ${compression}, idempotent ${idempotent}`,
        async () => {
          const { broker } = await setUp(2)
          const producer = producerOf(broker, { idempotent })
          for (const half of [messages(100, 2), messages(100, 2)])
            await producer.send({ messages: half, compression, acks: -1 })
          const seen: string[] = []
          const stream = await consumerOf(broker, 'g').consume({ topics: ['t'], mode: 'earliest' })
          stream.on('data', ({ key, value, headers }) => seen.push(`${key} ${value} ${headers.get('h')}`))
          await eventually(() => expect(seen).toHaveLength(200))
          const once = messages(100).map(({ key, value }) => `${key} ${value} x`)
          expect(seen.sort()).toEqual([...once, ...once].sort())
          await stream.close()
        },
      )
    }
  }

  test('shares partitions in a group of two, takes over from one that leaves, and goes on from its commits', async () => {
    const { broker, admin } = await setUp(2)
    const producer = producerOf(broker)
    const seen: string[] = []
    const first = consumerOf(broker, 'g')
    const firstStream = await read(first, seen)
    await eventually(() => expect(assigned(first)).toEqual([[0, 1]]))
    const second = consumerOf(broker, 'g')
    const secondStream = await read(second, seen)
    await eventually(() => expect(assigned(first, second).flat().sort()).toEqual([0, 1]))
    expect(assigned(first, second).map(({ length }) => length)).toEqual([1, 1])

    await producer.send({ messages: messages(20, 2), acks: -1 })
    await eventually(() => expect(seen).toHaveLength(20))
    const group = (await admin.describeGroups({ groups: ['g'] })).get('g')!
    expect(group).toMatchObject({ state: 'STABLE', protocolType: 'consumer' })
    expect(group.members.size).toBe(2)

    await firstStream.close()
    await leave(first)
    await eventually(() => expect(assigned(second)).toEqual([[0, 1]]))
    await secondStream.close()
    await leave(second)
    const [committed] = await admin.listConsumerGroupOffsets({ groups: ['g'] })
    expect(committed!.topics[0]!.partitions.map(({ committedOffset }) => committedOffset)).toEqual([10n, 10n])

    await producer.send({ messages: messages(2, 2), acks: -1 })
    const thirdStream = await read(consumerOf(broker, 'g'), seen)
    await eventually(() => expect(seen.slice(20).sort()).toEqual(['v0', 'v1']))
    await thirdStream.close()
  })

  test('keeps the partitions of a member with a name while it is away', async () => {
    const { broker, admin } = await setUp(2)
    const named = { groupInstanceId: 'a' }
    const first = consumerOf(broker, 'g', named)
    await first.joinGroup({})
    await eventually(async () => {
      const group = (await admin.describeGroups({ groups: ['g'] })).get('g')!
      expect([...group.members.values()]).toMatchObject([{ groupInstanceId: 'a' }])
    })
    const { generationId } = first
    const again = consumerOf(broker, 'g', named)
    await again.joinGroup({})
    expect(again.generationId).toBe(generationId)
    expect(again.memberId).not.toBe(first.memberId)
  })

  test('sends in transactions, and is shut out by another producer of its id', async () => {
    const { broker } = await setUp(2)
    const producer = producerOf(broker, { idempotent: true, transactionalId: 'x' })
    const send = async (end: 'commit' | 'abort', ...values: string[]) => {
      const transaction = await producer.beginTransaction()
      for (const [partition, value] of values.entries())
        await transaction.send({ messages: [{ topic: 't', partition, key: '', value }] })
      await transaction[end]()
    }
    await send('commit', 'a', 'b')
    await send('abort', 'c')
    // The library forgets all but the last aborted transaction of a producer in a fetch: one per partition.
    const left = await producer.beginTransaction()
    await left.send({ messages: [{ topic: 't', partition: 1, key: '', value: 'd' }] })

    const other = producerOf(broker, { idempotent: true, transactionalId: 'x' })
    const next = await other.beginTransaction()
    for (const [partition, value] of ['e', 'f'].entries())
      await next.send({ messages: [{ topic: 't', partition, key: '', value }] })
    await next.commit()
    expect(await refusals(left.commit())).toContain('PRODUCER_FENCED')

    const committed: string[] = []
    const committedStream = await read(consumerOf(broker, 'g'), committed)
    const all: string[] = []
    const allStream = await read(consumerOf(broker, 'h'), all, 0)
    await eventually(() => expect(all).toHaveLength(6))
    await eventually(() => expect(committed.sort()).toEqual(['a', 'b', 'e', 'f']))
    await committedStream.close()
    await allStream.close()
  })

  test('commits the offsets of a group in a transaction, and takes them back', async () => {
    const { broker, admin } = await setUp()
    await producerOf(broker).send({ messages: messages(2), acks: -1 })
    const consumer = consumerOf(broker, 'g')
    const stream = await consumer.consume({ topics: ['t'], mode: 'earliest', autocommit: false })
    const taken: Client.Message<string, string, string, string>[] = []
    stream.on('data', (message) => taken.push(message))
    await eventually(() => expect(taken).toHaveLength(2))
    const offset = async () => {
      const [group] = await admin.listConsumerGroupOffsets({ groups: ['g'] })
      return group!.topics[0]?.partitions[0]!.committedOffset
    }
    const producer = producerOf(broker, { idempotent: true, transactionalId: 'x' })
    for (const { at, end, then } of [
      { at: 0, end: 'commit', then: 1n },
      { at: 1, end: 'abort', then: 1n },
      { at: 1, end: 'commit', then: 2n },
    ] as const) {
      const transaction = await producer.beginTransaction()
      await transaction.addConsumer(consumer)
      await transaction.addOffset(taken[at]!)
      await transaction[end]()
      expect(await offset()).toBe(then)
    }
    await stream.close()
  })

  test('finds offsets by time', async () => {
    const { broker, admin } = await setUp()
    const at = [1000n, 2000n, 3000n].map((timestamp) => ({ ...messages(1)[0]!, timestamp }))
    await producerOf(broker).send({ messages: at, acks: -1 })
    const find = async (timestamp: bigint) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }]
      return (await admin.listOffsets({ topics }))[0]!.partitions[0]
    }
    expect(await find(1500n)).toMatchObject({ offset: 1n, timestamp: 2000n })
    expect(await find(3001n)).toMatchObject({ offset: -1n })
    expect(await find(-2n)).toMatchObject({ offset: 0n })
    expect(await find(-1n)).toMatchObject({ offset: 3n })
  })

  test('administers topics, settings, groups, offsets and records', async () => {
    const { broker, admin } = await setUp(2)
    expect(await refusals(admin.createTopics({ topics: ['t'] }))).toContain('TOPIC_ALREADY_EXISTS')
    await producerOf(broker).send({ messages: messages(10, 2), acks: -1 })
    expect(await admin.listTopics()).toEqual(['t'])
    await admin.createPartitions({ topics: [{ name: 't', count: 3, assignments: [{ brokerIds: [1] }] }] })
    expect(
      (await admin.metadata({ topics: ['t'], forceUpdate: true })).topics.get('t')!.partitionsCount,
    ).toBe(3)

    const resource = { resourceType: client.ConfigResourceTypes.TOPIC, resourceName: 't' }
    const retention = async () => {
      const resources = [{ ...resource, configurationKeys: ['retention.ms'] }]
      return (await admin.describeConfigs({ resources }))[0]!.configs[0]!.value
    }
    const [set, remove] = [0, 1] as const
    await admin.incrementalAlterConfigs({
      resources: [{ ...resource, configs: [{ name: 'retention.ms', configOperation: set, value: '5000' }] }],
    })
    expect(await retention()).toBe('5000')
    await admin.incrementalAlterConfigs({
      resources: [{ ...resource, configs: [{ name: 'retention.ms', configOperation: remove }] }],
    })
    expect(await retention()).toBe('604800000')

    const offsets = [{ name: 't', partitionOffsets: [{ partition: 0, offset: 3n }] }]
    await admin.alterConsumerGroupOffsets({ groupId: 'g', topics: offsets })
    const [group] = await admin.listConsumerGroupOffsets({ groups: ['g'] })
    expect(group!.topics).toMatchObject([
      { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 3n }] },
    ])
    expect([...(await admin.listGroups()).keys()]).toEqual(['g'])
    await admin.deleteGroups({ groups: ['g'] })
    expect([...(await admin.listGroups()).keys()]).toEqual([])

    const deleted = await admin.deleteRecords({
      topics: [{ name: 't', partitions: [{ partition: 0, offset: 2n }] }],
    })
    expect(deleted).toMatchObject([{ name: 't', partitions: [{ partition: 0, lowWatermark: 2n }] }])
    await admin.deleteTopics({ topics: ['t'] })
    expect(await admin.listTopics()).toEqual([])
  })

  for (const mechanism of saslMechanisms) {
    test(`writes with ${mechanism} over TLS, and not with a wrong password`, async () => {
      const { broker } = await openSecured({ sasl: { users }, tls })
      const secured = (password: string) => ({
        port: broker.port,
        tls: { ca: pem('servers-ca') },
        sasl: { mechanism, username: 'ann', password },
      })
      await adminOf(secured(users.ann)).createTopics({ topics: ['t'] })
      await producerOf(secured(users.ann)).send({ messages: messages(3), acks: -1 })
      const seen: string[] = []
      const stream = await read(consumerOf(secured(users.ann), 'g'), seen)
      await eventually(() => expect(seen).toEqual(['v0', 'v1', 'v2']))
      await stream.close()
      expect(await refusals(adminOf(secured('guess')).listTopics())).toContain('SASL_AUTHENTICATION_FAILED')
    })
  }

  test('gets in with a certificate, and only with one', async () => {
    const { broker } = await openSecured({ tls: { ...tls, ca: pem('clients-ca'), clientAuth: 'required' } })
    const { port } = broker
    const certificate = { ca: pem('servers-ca'), key: pem('client'), cert: pem('client') }
    expect(await adminOf({ port, tls: certificate }).listTopics()).toEqual([])
    await expect(adminOf({ port, tls: { ca: pem('servers-ca') } }).listTopics()).rejects.toThrow()
  })
})

/** The errors that the broker answered with; the library wraps them in its own. */
async function refusals(asked: Promise<unknown>): Promise<unknown[]> {
  const error: unknown = await asked.then(
    () => null,
    (reason: unknown) => reason,
  )
  const within = (each: unknown): unknown[] => {
    if (typeof each !== 'object' || each === null) return []
    const { apiId, cause, errors } = each as { apiId?: unknown; cause?: unknown; errors?: unknown[] }
    return [apiId, ...within(cause), ...(errors ?? []).flatMap(within)]
  }
  return within(error)
}
