import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Broker } from '../../src/broker/broker.ts'
import { batchOf } from '../broker/batches.ts'
import { connectTo, openBroker } from '../broker/open-broker.ts'
import { createTopic, produce } from '../broker/requests.ts'
import { hasKcat } from './support/services.ts'

/** Groups and transactions of librdkafka; what else kcat does is in broker.test.ts. */
const run = promisify(execFile)
if (!hasKcat)
  process.stderr.write('SKIPPED: the checks with kcat, which is not in the PATH (apt-get install kcat).\n')

const addressOf = ({ port }: Broker) => `127.0.0.1:${port}`

async function setUp(partitions: number) {
  const broker = await openBroker()
  await createTopic(await connectTo(broker), { topic: 't', partitions })
  return broker
}

/** Sends a record to each of the partitions. */
async function sender(broker: Broker) {
  const client = await connectTo(broker)
  const records = batchOf({ values: ['x'] })
  return async (...partitions: number[]) => {
    for (const partition of partitions) {
      expect((await produce(client, { topic: 't', partition, records })).error).toBe(0)
    }
  }
}

/** kcat writes lines in one transaction, which stays open until it is told how to end; it says how that went. */
function transaction(broker: Broker, lines: string) {
  const settings = ['-X', 'transactional.id=x', '-p', '0']
  const child = spawn('kcat', ['-b', addressOf(broker), '-P', '-t', 't', ...settings], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const exited = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin.write(lines)
  const end = async () => {
    child.stdin.end()
    await exited
    return said
  }
  return {
    commit: end,
    abort: async () => {
      child.kill('SIGINT')
      return await end() // It looks at the signal once a read has come back.
    },
  }
}

async function read(broker: Broker, isolation: 'read_committed' | 'read_uncommitted'): Promise<string[]> {
  const args = ['-b', addressOf(broker), '-C', '-t', 't', '-e', '-q', '-X', `isolation.level=${isolation}`]
  return (await run('kcat', args, { timeout: 60_000 })).stdout.split('\n').slice(0, -1)
}

/** A member of group `g`, which says what it is given and reads. */
function member(broker: Broker, strategy: string, ...settings: string[]) {
  const all = [
    `partition.assignment.strategy=${strategy}`,
    'auto.offset.reset=earliest',
    'heartbeat.interval.ms=100',
    'session.timeout.ms=10000',
    ...settings,
  ]
  const flags = all.flatMap((setting) => ['-X', setting])
  const child = spawn('kcat', ['-b', addressOf(broker), ...flags, '-u', '-G', 'g', 't'], { stdio: 'pipe' })
  let [values, said] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (values += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const exited = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    said: () => said,
    values: () => values.split('\n').slice(0, -1),
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** The partitions that a member has after all that it said, whether they come all at once or a few at a time. */
function assigned(said: string): string[] {
  const has = new Set<string>()
  for (const [, what, partitions] of said.matchAll(/rebalanced.*? (assign|revoke).*: (t .*)/g)) {
    for (const partition of partitions!.split(', ')) {
      if (what === 'assign') has.add(partition)
      else has.delete(partition)
    }
  }
  return [...has].sort()
}

/** kcat reads a kilobyte before it sends; with half a line left it cannot abort. */
const many = (value: string) =>
  [...Array(256).keys()].map((at) => `${`${value} ${at}`.padEnd(15, '.')}\n`).join('')

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 30_000, interval: 50 })
const all = ['t [0]', 't [1]', 't [2]', 't [3]']

describe.skipIf(!hasKcat)('kcat', () => {
  for (const strategy of ['range', 'roundrobin', 'cooperative-sticky']) {
    test(`shares partitions in a group of two, and takes over from one that leaves (${strategy})`, async () => {
      const broker = await setUp(4)
      const send = await sender(broker)
      const first = member(broker, strategy)
      await eventually(() => expect(assigned(first.said())).toEqual(all))
      const second = member(broker, strategy)
      await eventually(() => {
        const shares = [assigned(first.said()), assigned(second.said())]
        expect(shares.map(({ length }) => length)).toEqual([2, 2])
        expect(shares.flat().sort()).toEqual(all)
      })
      await send(0, 1, 2, 3)
      await eventually(() => expect([...first.values(), ...second.values()]).toHaveLength(4))
      await first.stop()
      await eventually(() => expect(assigned(second.said())).toEqual(all))
      await send(0, 1, 2, 3)
      await eventually(() => expect([...first.values(), ...second.values()]).toHaveLength(8))
      await second.stop()
    })
  }

  test('keeps the partitions of a static member that goes and comes back', async () => {
    const broker = await setUp(4)
    const join = (name: string) => member(broker, 'range', `group.instance.id=${name}`)
    const [first, second] = [join('first'), join('second')]
    await eventually(() => {
      expect([first, second].map(({ said }) => assigned(said()).length)).toEqual([2, 2])
    })
    const [had, rebalances] = [assigned(second.said()), first.said().match(/rebalanced/g)]
    await second.stop()
    const again = join('second')
    await eventually(() => expect(assigned(again.said())).toEqual(had))
    expect(first.said().match(/rebalanced/g)).toEqual(rebalances)
    await Promise.all([first.stop(), again.stop()])
  })

  test('commits and aborts transactions, and reads what is committed', async () => {
    const broker = await setUp(1)
    expect(await transaction(broker, 'a\nb\n').commit()).toContain('Transaction successfully committed')
    const aborted = transaction(broker, many('aborted'))
    await eventually(async () => expect(await read(broker, 'read_uncommitted')).toContain('aborted 0......'))
    expect(await read(broker, 'read_committed')).toEqual(['a', 'b'])
    expect(await aborted.abort()).toContain('Aborting transaction')
    // Two records, a marker, 256 records and the marker that they are void.
    const { stdout } = await run('kcat', ['-b', addressOf(broker), '-Q', '-t', 't:0:-1'])
    expect(stdout).toContain('offset 260')
    await transaction(broker, 'c\n').commit()
    expect(await read(broker, 'read_uncommitted')).toEqual(
      expect.arrayContaining(['b', 'aborted 0......', 'c']),
    )
    expect(await read(broker, 'read_committed')).toEqual(['a', 'b', 'c'])
  })

  test('is shut out by another producer of its transactional.id', async () => {
    const broker = await setUp(1)
    const first = transaction(broker, many('left open'))
    await eventually(async () => expect(await read(broker, 'read_uncommitted')).toContain('left open 0....'))
    await transaction(broker, 'taken over\n').commit()
    expect(await first.commit()).toMatch(/fenced|newer instance|newer producer/i)
    expect(await read(broker, 'read_committed')).toEqual(['taken over'])
  })
})
