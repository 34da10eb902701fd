import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { Kafka, logLevel } from 'kafkajs'
import type {
  ClientSettings,
  Consumer,
  ConsumerRecord,
  Producer,
  TopicPartition,
} from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { CuttingProxy } from '../kafka/cutting-proxy.ts'

/**
 * The clients against a real broker. TSCONNECT_KAFKA_BOOTSTRAP names it (plain text, 127.0.0.1:port, topics
 * may be created); TSCONNECT_KAFKA_LIBS a folder with Kafka's jars for what is tried together with Java.
 */
const bootstrap = process.env['TSCONNECT_KAFKA_BOOTSTRAP'] ?? ''
const libs = process.env['TSCONNECT_KAFKA_LIBS'] ?? ''
if (bootstrap === '') {
  process.stderr.write('SKIPPED: kafka-client tests, because TSCONNECT_KAFKA_BOOTSTRAP names no broker.\n')
} else if (libs === '') {
  process.stderr.write('SKIPPED: kafka-client tests with Java, because TSCONNECT_KAFKA_LIBS is not set.\n')
}

const clients = kafkaClients()
const admin = () => clients.admin({ 'bootstrap.servers': bootstrap }, silentLogger)
const host = bootstrap.split(':')[0]!
const port = Number(bootstrap.split(':')[1])
const closing: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describe.skipIf(bootstrap === '')('producer', () => {
  test('sends keys, values, nulls, headers and timestamps that come back as they were', async () => {
    const topic = await newTopic(1)
    const producer = openProducer()
    const now = Date.now()
    const headers = [
      ['a', Buffer.from('1')],
      ['a', null],
    ] as const
    producer.send({ topic, key: Buffer.from('k'), value: Buffer.from('v'), timestamp: now, headers })
    producer.send({ topic, key: null, value: null, timestamp: now - 100_000_000 })
    producer.send({ topic, key: Buffer.alloc(0), value: Buffer.alloc(300, 7), timestamp: now + 1 })
    await producer.flush()
    const records = await readAll(topic, 3)
    expect(records.map(({ offset, key, value, timestamp }) => ({ offset, key, value, timestamp }))).toEqual([
      { offset: 0, key: Buffer.from('k'), value: Buffer.from('v'), timestamp: now },
      { offset: 1, key: null, value: null, timestamp: now - 100_000_000 },
      { offset: 2, key: Buffer.alloc(0), value: Buffer.alloc(300, 7), timestamp: now + 1 },
    ])
    expect(records[0]!.headers).toEqual(headers)
    expect(records[0]!.timestampType).toBe('CreateTime')
    expect(producer.runs).toEqual([{ topic, partition: 0, baseOffset: 0, logAppendTime: -1 }])
  })

  test('creates a topic by asking for it', async () => {
    const topic = randomName()
    const producer = openProducer()
    producer.send({ topic, value: Buffer.from('x') })
    await producer.flush()
    expect(producer.acked).toHaveLength(1)
  })

  test('reports the records of a topic that cannot exist', async () => {
    const producer = openProducer()
    producer.send({ topic: 'not/a/topic', value: Buffer.from('x') })
    await producer.flush()
    expect(producer.failures.map((error) => (error as { code?: string }).code)).toEqual([
      'INVALID_TOPIC_EXCEPTION',
    ])
  })

  for (const acks of ['0', '1', 'all']) {
    test(`acks=${acks} acknowledges all records, in order`, async () => {
      const topic = await newTopic(1)
      const producer = openProducer({ acks, 'enable.idempotence': 'false' })
      for (let i = 0; i < 5000; i++) producer.send({ topic, value: Buffer.from(String(i)) })
      await producer.flush()
      expect(producer.acked).toEqual(numbers(5000))
      expect(producer.runs[0]!.baseOffset).toBe(acks === '0' ? -1 : 0)
      expect(valuesOf(await readAll(topic, 5000))).toEqual(numbers(5000))
    })
  }

  test('splits a batch that is too large for its topic, and fails only the record that is', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '10000' })
    const producer = openProducer({ 'linger.ms': '20' })
    for (let i = 0; i < 100; i++) {
      const value = i === 50 ? Buffer.alloc(20_000, 1) : Buffer.from(String(i).padStart(1000, ' '))
      producer.send({ topic, value })
    }
    await producer.flush()
    const expected = numbers(100).filter((i) => i !== 50)
    expect(producer.acked).toEqual(expected)
    expect(producer.failed).toEqual([50])
    expect(valuesOf(await readAll(topic, 99))).toEqual(expected)
  })

  test('refuses a record above max.request.size, in its turn', async () => {
    const topic = await newTopic(1)
    const producer = openProducer({ 'max.request.size': '2000' })
    for (let i = 0; i < 3; i++) producer.send({ topic, value: Buffer.alloc(i === 1 ? 3000 : 10) })
    await producer.flush()
    expect(producer.acked).toEqual([0, 2])
    expect(producer.reports).toEqual([0, 1, 2])
    expect(producer.failures[0]!.message).toMatch(
      /^The message is \d+ bytes when serialized which is larger than 2000/,
    )
  })

  for (const idempotence of ['true', 'false']) {
    test(`keeps the order when connections break again and again (idempotence ${idempotence})`, async () => {
      const topic = await newTopic(1)
      const proxy = await openProxy()
      const producer = openProducer({ 'bootstrap.servers': proxy.address, 'enable.idempotence': idempotence })
      const cutting = setInterval(() => proxy.cut(), 130)
      for (let i = 0; i < 20_000; i++) {
        producer.send({ topic, value: Buffer.from(String(i)) })
        if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      clearInterval(cutting)
      await producer.flush()
      expect(producer.acked).toEqual(numbers(20_000))
      const found = valuesOf(await readAll(topic, 20_000, { untilValue: 19_999 }))
      if (idempotence === 'true') expect(found).toEqual(numbers(20_000))
      // Sent twice at worst, never lost and never out of order.
      else expect(firstAppearances(found)).toEqual(numbers(20_000))
    })
  }

  test('keeps the order when answers stop coming', async () => {
    const topic = await newTopic(1)
    const proxy = await openProxy()
    const producer = openProducer({ 'bootstrap.servers': proxy.address, 'request.timeout.ms': '500' })
    for (let i = 0; i < 3000; i++) {
      producer.send({ topic, value: Buffer.from(String(i)) })
      if (i % 1000 === 500) {
        proxy.mute(true)
        setTimeout(() => proxy.mute(false), 900)
      }
      if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await producer.flush()
    expect(valuesOf(await readAll(topic, 3000))).toEqual(numbers(3000))
  })

  test('gives up after max.block.ms where no broker is', async () => {
    const producer = openProducer({
      'bootstrap.servers': '127.0.0.1:1',
      'max.block.ms': '300',
    })
    producer.send({ topic: 'nowhere', value: Buffer.from('x') })
    await producer.flush()
    expect(producer.failures[0]!.message).toBe('Topic nowhere not present in metadata after 300 ms.')
  })

  test('says when buffer.memory is full, and when there is room again', async () => {
    const topic = await newTopic(1)
    const producer = openProducer({ 'buffer.memory': '100000' })
    let waits = 0
    for (let i = 0; i < 5000; i++) {
      if (producer.send({ topic, value: Buffer.from(String(i).padStart(200)) })) continue
      waits++
      await producer.ready()
    }
    await producer.flush()
    expect(waits).toBeGreaterThan(5)
    expect(producer.acked).toHaveLength(5000)
  })
})

describe.skipIf(bootstrap === '')('consumer', () => {
  test('commits and goes on from there', async () => {
    const topic = await newTopic(1)
    await produce(topic, numbers(100))
    const group = randomName()
    const first = openConsumer(group, [topic], { 'max.poll.records': '30' })
    const records = await pollUntil(first, (seen) => seen.length >= 30)
    expect(valuesOf(records)).toEqual(numbers(30))
    expect(await first.position({ topic, partition: 0 })).toBe(30)
    await first.commit([{ topic, partition: 0, offset: 30, metadata: 'here' }])
    await first.close(5000)
    const second = openConsumer(group, [topic])
    expect(valuesOf(await pollUntil(second, (seen) => seen.length >= 70))).toEqual(numbers(100).slice(30))
  })

  test('seeks, pauses and resumes', async () => {
    const topic = await newTopic(2)
    await produce(topic, numbers(50), { partition: 0 })
    await produce(topic, numbers(50), { partition: 1 })
    const consumer = openConsumer(randomName(), [topic])
    await pollUntil(consumer, (seen) => seen.length === 100)
    consumer.pause([{ topic, partition: 1 }])
    consumer.seek({ topic, partition: 0 }, 40)
    consumer.seek({ topic, partition: 1 }, 45)
    const unpaused = await pollUntil(consumer, (seen) => seen.length >= 10)
    expect(unpaused.every(({ partition }) => partition === 0)).toBe(true)
    expect(await consumer.poll(300)).toEqual([])
    consumer.resume([{ topic, partition: 1 }])
    expect(valuesOf(await pollUntil(consumer, (seen) => seen.length >= 5))).toEqual([45, 46, 47, 48, 49])
  })

  test('is woken up, before and while it polls', async () => {
    const topic = await newTopic(1)
    const consumer = openConsumer(randomName(), [topic])
    consumer.wakeup()
    expect(await consumer.poll(60_000)).toEqual([])
    setTimeout(() => consumer.wakeup(), 300)
    expect(await consumer.poll(60_000)).toEqual([])
  })

  test('starts again where auto.offset.reset says when its offset is gone', async () => {
    const topic = await newTopic(1)
    await produce(topic, numbers(50))
    const group = randomName()
    await withAdmin((a) => a.alterConsumerGroupOffsets(group, [{ topic, partition: 0, offset: 500 }]))
    const consumer = openConsumer(group, [topic])
    expect(valuesOf(await pollUntil(consumer, (seen) => seen.length >= 50))).toEqual(numbers(50))
    const strict = openConsumer(randomName(), [topic], { 'auto.offset.reset': 'none' })
    await expect(pollUntil(strict, () => false)).rejects.toThrow(/Undefined offset with no reset policy/)
  })

  test('hides aborted transactions with read_committed, and shows them without', async () => {
    const topic = await newTopic(1)
    const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
    const producer = kafka.producer({
      transactionalId: randomName(),
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    for (let i = 0; i < 6; i++) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value: String(i) }] })
      if (i % 2 === 0) await transaction.commit()
      else await transaction.abort()
    }
    await producer.disconnect()
    const all = await readAll(topic, 6, { 'isolation.level': 'read_uncommitted' })
    expect(valuesOf(all)).toEqual([0, 1, 2, 3, 4, 5])
    const consumer = openConsumer(randomName(), [topic], { 'isolation.level': 'read_committed' })
    const committed = await pollUntil(consumer, (seen) => seen.length >= 3)
    expect(valuesOf(committed)).toEqual([0, 2, 4])
    expect(await consumer.poll(500)).toEqual([])
    // Behind the last marker, which is an offset of its own.
    expect(await consumer.position({ topic, partition: 0 })).toBe(12)
  })

  test('reads a record far above its fetch sizes', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '12000000' })
    const producer = openProducer({ 'max.request.size': '12000000' })
    producer.send({ topic, value: Buffer.alloc(10_000_000, 3) })
    producer.send({ topic, value: Buffer.from('1') })
    await producer.flush()
    const consumer = openConsumer(randomName(), [topic], {
      'max.partition.fetch.bytes': '1000',
      'fetch.max.bytes': '1000',
    })
    const records = await pollUntil(consumer, (seen) => seen.length >= 2)
    expect(records.map(({ value }) => value!.length)).toEqual([10_000_000, 1])
  })

  test('finds new topics that match its pattern', async () => {
    const prefix = randomName()
    await newTopic(1, {}, `${prefix}.a`)
    await newTopic(1, {}, `not-${prefix}.a`)
    const consumer = openConsumer(randomName(), new RegExp(`${prefix.replaceAll('.', '\\.')}\\..*`), {
      'metadata.max.age.ms': '300',
    })
    await pollUntil(consumer, () => consumer.assignment().length === 1)
    await newTopic(1, {}, `${prefix}.b`)
    await produce(`${prefix}.b`, [7])
    expect(valuesOf(await pollUntil(consumer, (seen) => seen.length === 1))).toEqual([7])
    expect(consumer.assignment().map(({ topic }) => topic)).toEqual([`${prefix}.a`, `${prefix}.b`])
  })

  test('stays calm while the broker is away, and goes on when it is back', async () => {
    const topic = await newTopic(1)
    await produce(topic, numbers(10))
    const proxy = await openProxy()
    const consumer = openConsumer(randomName(), [topic], { 'bootstrap.servers': proxy.address })
    await pollUntil(consumer, (seen) => seen.length === 10)
    const cutting = setInterval(() => proxy.cut(), 20)
    const before = process.cpuUsage()
    for (let i = 0; i < 4; i++) expect(await consumer.poll(500)).toEqual([])
    const { user, system } = process.cpuUsage(before)
    clearInterval(cutting)
    expect((user + system) / 1e6).toBeLessThan(1)
    await produce(topic, [10])
    expect(valuesOf(await pollUntil(consumer, (seen) => seen.length === 1))).toEqual([10])
  })

  test('leaves the group when poll is not called, and comes back', async () => {
    const topic = await newTopic(1)
    const events: string[] = []
    const consumer = openConsumer(
      randomName(),
      [topic],
      { 'max.poll.interval.ms': '700', 'heartbeat.interval.ms': '100' },
      events,
    )
    await pollUntil(consumer, () => consumer.assignment().length === 1)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await pollUntil(consumer, () => events.filter((event) => event.startsWith('assigned')).length === 2)
    expect(events).toEqual(['assigned 1', 'lost 1', 'assigned 1'])
  })
})

describe.skipIf(bootstrap === '')('two members of a group', () => {
  const strategies = {
    'default (eager)': {},
    'roundrobin': { 'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.RoundRobinAssignor' },
    'sticky': { 'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.StickyAssignor' },
    'cooperative-sticky': {
      'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
    },
  }
  for (const [name, settings] of Object.entries(strategies)) {
    test(`share the partitions and read each record once, committing as they hand over: ${name}`, async () => {
      const topic = await newTopic(6)
      const group = randomName()
      const fast = { ...settings, 'heartbeat.interval.ms': '200', 'max.poll.records': '10' }
      const events: string[] = []
      const members = [openConsumer(group, [topic], fast, events)]
      const seen: number[] = []
      let isOver = false
      const run = async (consumer: Consumer) => {
        while (!isOver) for (const record of await consumer.poll(100)) seen.push(Number(record.value))
      }
      const producer = openProducer()
      let sent = 0
      const producing = setInterval(() => {
        for (let i = 0; i < 20; i++)
          producer.send({ topic, value: Buffer.from(String(sent)), partition: sent++ % 6 })
      }, 20)
      const runs = [run(members[0]!)]
      await until(() => members[0]!.assignment().length === 6)
      members.push(openConsumer(group, [topic], fast))
      runs.push(run(members[1]!))
      await until(() => members[0]!.assignment().length === 3 && members[1]!.assignment().length === 3)
      await until(() => seen.length > 500)
      clearInterval(producing)
      await producer.flush()
      await until(() => seen.length >= sent)
      isOver = true
      await Promise.all(runs)
      await members[1]!.close(5000)
      isOver = false
      const again = run(members[0]!)
      await until(() => members[0]!.assignment().length === 6)
      isOver = true
      await again
      expect([...seen].sort((a, b) => a - b)).toEqual(numbers(sent))
      // Cooperative members keep three of their six partitions all the time.
      expect(events[1]).toBe(name === 'cooperative-sticky' ? 'revoked 3' : 'revoked 6')
    })
  }

  test.skipIf(libs === '')(
    'shares a group with a Java consumer (range, and cooperative-sticky)',
    async () => {
      const topic = await newTopic(4)
      for (const strategy of ['RangeAssignor', 'CooperativeStickyAssignor']) {
        const group = randomName()
        const setting = `partition.assignment.strategy=org.apache.kafka.clients.consumer.${strategy}`
        const [key, value] = setting.split('=') as [string, string]
        const settings = strategy === 'RangeAssignor' ? {} : { [key]: value }
        const ours = openConsumer(group, [topic], { ...settings, 'heartbeat.interval.ms': '200' })
        let isOver = false
        let read = 0
        const polling = (async () => {
          while (!isOver) read += (await ours.poll(200)).length
        })()
        await until(() => ours.assignment().length === 4)
        const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--group', group]
        if (strategy !== 'RangeAssignor') args.push('--consumer-property', setting)
        const java = spawn('java', [
          '-cp',
          `${libs}/*`,
          'org.apache.kafka.tools.consumer.ConsoleConsumer',
          ...args,
        ])
        let output = ''
        java.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
        await until(() => ours.assignment().length === 2)
        const before = read
        for (let partition = 0; partition < 4; partition++) await produce(topic, numbers(10), { partition })
        await until(() => read - before === 20 && output.trim().split('\n').length === 20)
        java.kill('SIGTERM')
        await once(java, 'exit')
        await until(() => ours.assignment().length === 4)
        isOver = true
        await polling
      }
    },
  )
})

describe.skipIf(bootstrap === '')('codecs', () => {
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
    test(`reads what it wrote with ${codec}`, async () => {
      const topic = await newTopic(1)
      const producer = openProducer({ 'compression.type': codec, 'linger.ms': '5' })
      const values = numbers(3000)
      for (const i of values) producer.send({ topic, value: Buffer.from(String(i).padStart((i * 7) % 300)) })
      await producer.flush()
      expect(valuesOf(await readAll(topic, 3000))).toEqual(values)
    })

    test.skipIf(libs === '')(`${codec} goes to Java and comes from Java`, async () => {
      const topic = await newTopic(1)
      const producer = openProducer({ 'compression.type': codec, 'linger.ms': '5' })
      const lines = numbers(500).map((i) => `line ${i} ${'x'.repeat(i % 50)}`)
      for (const line of lines) producer.send({ topic, value: Buffer.from(line) })
      await producer.flush()
      const read = [
        '--bootstrap-server',
        bootstrap,
        '--topic',
        topic,
        '--from-beginning',
        '--max-messages',
        '500',
      ]
      const { stdout } = await java('org.apache.kafka.tools.consumer.ConsoleConsumer', read)
      expect(stdout.trimEnd().split('\n')).toEqual(lines)
      const back = await newTopic(1)
      const write = ['--bootstrap-server', bootstrap, '--topic', back, '--compression-codec', codec]
      await java('org.apache.kafka.tools.ConsoleProducer', write, `${lines.join('\n')}\n`)
      const records = await readAll(back, 500)
      expect(records.map(({ value }) => String(value))).toEqual(lines)
    })
  }
})

describe.skipIf(bootstrap === '')('admin', () => {
  test('describes the cluster, and says so when there is none', async () => {
    await withAdmin(async (a) => {
      const { clusterId, brokers } = await a.describeCluster(5000)
      expect(clusterId).not.toBe('')
      expect(brokers.length).toBeGreaterThan(0)
    })
    const lost = clients.admin({ 'bootstrap.servers': '127.0.0.1:1' }, silentLogger)
    closing.push(() => lost.close())
    await expect(lost.describeCluster(500)).rejects.toMatchObject({ name: 'KafkaError', retriable: true })
  })

  test('creates topics once and tells their partitions and settings', async () => {
    const name = randomName()
    await withAdmin(async (a) => {
      const topic = { name, partitions: 3, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } }
      expect(await a.createTopic(topic)).toBe(true)
      expect(await a.createTopic(topic)).toBe(false)
      expect(await a.describeTopics([name, randomName()])).toEqual(new Map([[name, 3]]))
      expect(await a.listTopics()).toContain(name)
      expect((await a.describeTopicConfigs(name)).get('cleanup.policy')).toBe('compact')
      await expect(
        a.createTopic({ ...topic, name: randomName(), replicationFactor: 9 }),
      ).rejects.toMatchObject({
        code: 'INVALID_REPLICATION_FACTOR',
      })
    })
  })

  test("changes and deletes a group's offsets, not those of one with members", async () => {
    const topic = await newTopic(2)
    const group = randomName()
    const offset = (partition: number, at: number) => ({ topic, partition, offset: at })
    await withAdmin(async (a) => {
      expect(await a.listConsumerGroupOffsets(group)).toEqual([])
      await a.alterConsumerGroupOffsets(group, [offset(0, 5), offset(1, 6)])
      expect(await a.listConsumerGroupOffsets(group)).toMatchObject([offset(0, 5), offset(1, 6)])
      await a.deleteConsumerGroupOffsets(group, [{ topic, partition: 0 }])
      expect(await a.listConsumerGroupOffsets(group)).toMatchObject([offset(1, 6)])
      const member = openConsumer(group, [topic])
      await pollUntil(member, () => member.assignment().length === 2)
      await expect(a.alterConsumerGroupOffsets(group, [offset(0, 1)])).rejects.toMatchObject({
        name: 'KafkaError',
      })
      await member.close(5000)
      await a.deleteConsumerGroup(group)
      expect(await a.listConsumerGroupOffsets(group)).toEqual([])
      await expect(a.deleteConsumerGroup(group)).rejects.toMatchObject({ code: 'GROUP_ID_NOT_FOUND' })
    })
  })
})

interface Sent {
  readonly topic: string
  readonly value: Buffer | null
  readonly key?: Buffer | null
  readonly partition?: number
  readonly timestamp?: number
  readonly headers?: readonly (readonly [string, Buffer | null])[]
}

function openProducer(settings: ClientSettings = {}) {
  const acked: unknown[] = []
  const failed: unknown[] = []
  const reports: unknown[] = []
  const failures: Error[] = []
  const runs: object[] & { baseOffset?: number }[] = []
  let sent = 0
  const producer: Producer = clients.producer(
    { 'bootstrap.servers': bootstrap, ...settings },
    {
      acknowledged: (contexts, run) => {
        acked.push(...contexts)
        reports.push(...contexts)
        runs.push(run)
      },
      failed: (contexts, error) => {
        failed.push(...contexts)
        reports.push(...contexts)
        failures.push(error)
      },
    },
    silentLogger,
  )
  closing.push(() => producer.close(1000))
  return {
    acked,
    failed,
    failures,
    reports,
    runs,
    send: ({ key = null, partition, timestamp, headers, ...record }: Sent) =>
      producer.send(
        {
          ...record,
          key,
          partition: partition ?? null,
          timestamp: timestamp ?? null,
          headers: headers ?? null,
        },
        sent++,
      ),
    flush: () => producer.flush(),
    ready: () => producer.ready(),
  }
}

/** Commits what it has read whenever partitions are taken away. */
function openConsumer(
  group: string,
  topics: string[] | RegExp,
  settings: ClientSettings = {},
  events: string[] = [],
): Consumer {
  const consumer = clients.consumer(
    { 'bootstrap.servers': bootstrap, 'group.id': group, 'auto.offset.reset': 'earliest', ...settings },
    silentLogger,
  )
  consumer.subscribe(topics, {
    assigned: async (partitions) => {
      events.push(`assigned ${partitions.length}`)
    },
    revoked: async (partitions) => {
      events.push(`revoked ${partitions.length}`)
      const offsets = await Promise.all(
        partitions.map(async (partition) => ({ ...partition, offset: await consumer.position(partition) })),
      )
      await consumer.commit(offsets)
    },
    lost: async (partitions) => {
      events.push(`lost ${partitions.length}`)
    },
  })
  // Where there is no position, `revoked` fails, and so does closing.
  closing.push(() => consumer.close(5000).catch(() => {}))
  return consumer
}

async function pollUntil(consumer: Consumer, isDone: (seen: ConsumerRecord[]) => boolean) {
  const seen: ConsumerRecord[] = []
  const deadline = performance.now() + 30_000
  while (!isDone(seen)) {
    if (performance.now() > deadline) throw new Error(`Only ${seen.length} records came within 30 s.`)
    seen.push(...(await consumer.poll(200)))
  }
  return seen
}

async function readAll(
  topic: string,
  count: number,
  { untilValue, ...settings }: { untilValue?: number } & Record<string, string | number | undefined> = {},
): Promise<ConsumerRecord[]> {
  const consumer = openConsumer(randomName(), [topic], settings as ClientSettings)
  const records = await pollUntil(consumer, (seen) =>
    untilValue === undefined ? seen.length >= count : Number(seen.at(-1)?.value) === untilValue,
  )
  records.push(...(await consumer.poll(200)))
  await consumer.close(5000)
  return records
}

async function produce(
  topic: string,
  values: readonly number[],
  { partition }: Partial<TopicPartition> = {},
) {
  const producer = openProducer()
  for (const value of values) {
    producer.send({
      topic,
      value: Buffer.from(String(value)),
      ...(partition === undefined ? {} : { partition }),
    })
  }
  await producer.flush()
}

async function newTopic(partitions: number, configs: Record<string, string> = {}, name = randomName()) {
  await withAdmin((a) => a.createTopic({ name, partitions, replicationFactor: 1, configs }))
  return name
}

async function withAdmin<T>(use: (a: ReturnType<typeof admin>) => Promise<T>): Promise<T> {
  const a = admin()
  try {
    return await use(a)
  } finally {
    await a.close()
  }
}

async function openProxy(): Promise<CuttingProxy> {
  const proxy = await CuttingProxy.open({ host, port })
  closing.push(() => proxy.close())
  return proxy
}

async function java(mainClass: string, args: string[], input = '') {
  const running = promisify(execFile)('java', ['-cp', `${libs}/*`, mainClass, ...args], { timeout: 60_000 })
  running.child.stdin!.end(input)
  return running
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Not true within 60 s: ${isTrue.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
const valuesOf = (records: readonly ConsumerRecord[]) => records.map(({ value }) => Number(String(value)))
const randomName = () => `t-${randomUUID()}`

function firstAppearances(values: readonly number[]): number[] {
  return [...new Set(values)]
}
