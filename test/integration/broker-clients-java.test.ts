import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Broker } from '../../src/broker/broker.ts'
import { batchOf } from '../broker/batches.ts'
import { connectTo, openBroker, temporaryFolder } from '../broker/open-broker.ts'
import { createTopic, produce } from '../broker/requests.ts'
import { kafkaLibs } from './support/services.ts'
import { VerifiableConsumer } from './support/verifiable-consumer.ts'

const run = promisify(execFile)
const hasJava = kafkaLibs !== null && existsSync(kafkaLibs)
if (!hasJava)
  process.stderr.write('SKIPPED: the checks with Java clients. TSCONNECT_KAFKA_LIBS names their jars.\n')

const use = (assignor: string) => [
  '--assignment-strategy',
  `org.apache.kafka.clients.consumer.${assignor}Assignor`,
]
const addressOf = ({ port }: Broker) => `127.0.0.1:${port}`

async function java(...args: string[]): Promise<string> {
  const options = { timeout: 90_000, maxBuffer: 64_000_000 }
  return (await run('java', ['-cp', join(kafkaLibs!, '*'), ...args], options)).stdout
}

const tool = (name: string, broker: Broker, ...args: string[]) =>
  java(`org.apache.kafka.tools.${name}`, '--bootstrap-server', addressOf(broker), ...args)

/** A broker with topic `t` and records in all of its partitions. */
async function setUp(partitions: number, recordsEach = 0) {
  const broker = await openBroker()
  const client = await connectTo(broker)
  await createTopic(client, { topic: 't', partitions })
  const records = batchOf({ values: [...Array(recordsEach).keys()].map((at) => `v${at}`) })
  if (recordsEach > 0)
    for (let partition = 0; partition < partitions; partition++)
      expect((await produce(client, { topic: 't', partition, records })).error).toBe(0)
  return broker
}

describe.skipIf(!hasJava)('Java', () => {
  test('writes with VerifiableProducer, reads with VerifiableConsumer, and goes on from its commits', async () => {
    const broker = await setUp(1)
    const written = await tool('VerifiableProducer', broker, '--topic', 't', '--max-messages', '1000')
    expect(written.match(/producer_send_success/g)).toHaveLength(1000)
    // It stops between polls, which bring 500 records at most.
    for (const from of [0, 500]) {
      const consumer = new VerifiableConsumer(addressOf(broker), '--max-messages', '500')
      expect(await consumer.whenExited()).toBe(0)
      expect(consumer.consumed).toBe(500)
      expect(consumer.events('records_consumed')[0]!.partitions![0]!.minOffset).toBe(from)
    }
  })

  for (const assignor of ['Range', 'RoundRobin', 'Sticky', 'CooperativeSticky']) {
    test(`shares partitions in a group of two, and takes over from one that leaves (${assignor})`, async () => {
      const broker = await setUp(4, 10)
      const first = new VerifiableConsumer(addressOf(broker), ...use(assignor))
      await first.whenItHas((partitions) => partitions.length === 4)
      const second = new VerifiableConsumer(addressOf(broker), ...use(assignor))
      await second.whenItHas((partitions) => partitions.length === 2)
      await first.whenItHas((partitions) => partitions.length === 2)
      expect([...first.partitions, ...second.partitions].sort()).toEqual([0, 1, 2, 3])
      await first.stop()
      await second.whenItHas((partitions) => partitions.length === 4)
      await second.stop()
      // Each record came once: who took over went on from what was committed.
      expect(first.consumed + second.consumed).toBe(40)
    })
  }

  for (const assignor of ['Range', 'CooperativeSticky']) {
    test(`keeps the partitions of a static member that goes and comes back (${assignor})`, async () => {
      const broker = await setUp(4)
      const join = (name: string) =>
        new VerifiableConsumer(addressOf(broker), ...use(assignor), '--group-instance-id', name)
      const [first, second] = [join('first'), join('second')]
      await first.whenItHas((partitions) => partitions.length === 2)
      await second.whenItHas((partitions) => partitions.length === 2)
      const before = second.partitions
      const assignments = first.events('partitions_assigned').length
      await second.stop()
      const again = join('second')
      await again.whenItHas((partitions) => partitions.length === 2)
      expect(again.partitions).toEqual(before)
      expect(first.events('partitions_assigned')).toHaveLength(assignments)
      await Promise.all([first.stop(), again.stop()])
    })
  }

  test('commits, aborts and takes over transactions, and reads what is committed', async () => {
    const program = fileURLToPath(new URL('./support/Transactions.java', import.meta.url))
    const broker = await setUp(1)
    const told = (await java(program, addressOf(broker))).trim().split('\n')
    expect(told).toEqual([
      'first: ProducerFencedException',
      'read_committed: [committed, committed, too, taken over]',
      'read_uncommitted: [committed, aborted, committed, too, left open, taken over]',
    ])
  })

  test('copies in transactions with the offsets of a group, some of them aborted', async () => {
    const broker = await setUp(1, 500)
    const copied = await java(
      'org.apache.kafka.tools.TransactionalMessageCopier',
      ...['--broker-list', addressOf(broker), '--transactional-id', 'x', '--consumer-group', 'g'],
      ...['--input-topic', 't', '--input-partition', '0', '--output-topic', 'copy'],
      ...['--transaction-size', '25', '--enable-random-aborts', '--use-group-metadata'],
    )
    expect(copied).toContain('"remaining":0')
    const read = await tool(
      'consumer.ConsoleConsumer',
      broker,
      ...['--topic', 'copy', '--from-beginning', '--isolation-level', 'read_committed'],
      ...['--max-messages', '500'],
    )
    expect(read.trim().split('\n')).toEqual([...Array(500).keys()].map((at) => `v${at}`))
    const offsets = await tool('consumer.group.ConsumerGroupCommand', broker, '--describe', '--group', 'g')
    expect(offsets).toMatch(/g\s+t\s+0\s+500\s+500\s+0/)
  })

  test('finds offsets by time with the offsets tool', async () => {
    const broker = await setUp(1)
    const early = ['--topic', 't', '--max-messages', '3', '--message-create-time', '1000']
    await tool('VerifiableProducer', broker, ...early)
    await tool('VerifiableProducer', broker, ...early.slice(0, -1), '5000000')
    const find = async (time: string) =>
      (await tool('GetOffsetShell', broker, '--topic', 't', '--time', time)).trim()
    expect(await find('earliest')).toBe('t:0:0')
    expect(await find('latest')).toBe('t:0:6')
    expect(await find('4000000')).toBe('t:0:3')
    expect(await find('max-timestamp')).toMatch(/^t:0:[345]$/)
  })

  test('deletes records', async () => {
    const broker = await setUp(1, 10)
    const file = join(temporaryFolder(), 'offsets.json')
    writeFileSync(file, JSON.stringify({ partitions: [{ topic: 't', partition: 0, offset: 4 }], version: 1 }))
    expect(await tool('DeleteRecordsCommand', broker, '--offset-json-file', file)).toContain(
      'low_watermark: 4',
    )
    expect(await tool('GetOffsetShell', broker, '--topic', 't', '--time', 'earliest')).toBe('t:0:4\n')
  })

  test('lists, describes, moves and deletes groups and their offsets', async () => {
    const broker = await setUp(2, 10)
    const groups = (...args: string[]) => tool('consumer.group.ConsumerGroupCommand', broker, ...args)
    const reset = ['--reset-offsets', '--group', 'g', '--topic', 't', '--execute']
    await groups(...reset, '--to-earliest')
    expect(await groups('--describe', '--group', 'g')).toMatch(/g\s+t\s+1\s+0\s+10\s+10/)
    expect(await groups(...reset, '--to-offset', '7')).toMatch(/g\s+t\s+1\s+7/)
    expect(await groups(...reset, '--to-datetime', '2999-01-01T00:00:00.000')).toMatch(/g\s+t\s+1\s+10/)
    expect(await groups('--list', '--state')).toMatch(/g\s+Empty/)
    expect(await groups('--describe', '--group', 'g', '--state')).toMatch(/g\s+127\.0\.0\.1:\d+ .*Empty\s+0/)
    expect(await groups('--delete-offsets', '--group', 'g', '--topic', 't:1')).toMatch(/t\s+1\s+Successful/)
    const left = await groups('--describe', '--group', 'g', '--offsets')
    expect(left).toMatch(/g\s+t\s+0\s+10/)
    expect(left).not.toMatch(/g\s+t\s+1\s/)
    expect(await groups('--delete', '--group', 'g')).toContain('was successful')
    expect((await groups('--list')).trim()).toBe('')
  })

  test('finds what ClientCompatibilityTest asks for', async () => {
    const broker = await setUp(1)
    const yes = ['--offsets-for-times-supported', 'true', '--create-topics-supported', 'true']
    const no = ['--cluster-id-supported', 'true', '--expect-record-too-large-exception', 'false']
    const more = ['--idempotent-producer-supported', 'true']
    const configs = ['--describe-acls-supported', 'false', '--describe-configs-supported', 'true']
    const told = await tool(
      'ClientCompatibilityTest',
      broker,
      ...['--topic', 'compatible', '--num-cluster-nodes', '1', ...yes, ...no, ...more, ...configs],
    )
    expect(told).toContain('SUCCESS')
  })

  test('is told that the broker does not list transactions', async () => {
    const asked = tool('TransactionsCommand', await openBroker(), 'list')
    await expect(asked).rejects.toThrow('does not support LIST_TRANSACTIONS')
  })
})
