import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { saslMechanisms } from '../../src/broker/security/authenticator.ts'
import { createTopic } from '../broker/requests.ts'
import { connectTo, openBroker } from '../broker/open-broker.ts'
import { openSecured, pem, pemPath, tls, users } from '../broker/security/secured.ts'
import { franzGo } from './support/services.ts'

/** The program is test/integration/support/franz-go, built by scripts/services.mjs. */
const run = promisify(execFile)
if (franzGo === null)
  process.stderr.write('SKIPPED: the checks with franz-go. TSCONNECT_FRANZ_GO names the program.\n')

/** What the program says, line by line. */
async function ask(broker: { port: number }, command: string, flags: Record<string, string> = {}) {
  const given = Object.entries({ broker: `127.0.0.1:${broker.port}`, ...flags })
  const args = [...given.map(([name, value]) => `-${name}=${value}`), command]
  const { stdout } = await run(franzGo!, args, { timeout: 60_000 })
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as unknown)
}

async function setUp(partitions: number) {
  const broker = await openBroker()
  await createTopic(await connectTo(broker), { topic: 't', partitions })
  return broker
}

const values = (from: number, to: number) => [...Array(to - from).keys()].map((at) => `v${from + at}`)

describe.skipIf(franzGo === null)('franz-go', () => {
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    for (const idempotent of ['false', 'true']) {
      test(`reads what it wrote with ${codec}, idempotent ${idempotent}`, async () => {
        const broker = await openBroker()
        const count = '1000'
        expect(await ask(broker, 'produce', { codec, idempotent, count })).toEqual([
          { produced: 1000, last: 999 },
        ])
        expect(await ask(broker, 'consume', { count })).toEqual([values(0, 1000)])
      })
    }
  }

  test('goes on from the commits of its group', async () => {
    const broker = await openBroker()
    await ask(broker, 'produce', { count: '30' })
    expect(await ask(broker, 'consume', { count: '12' })).toEqual([values(0, 12)])
    expect(await ask(broker, 'consume', { count: '18' })).toEqual([values(12, 30)])
  })

  for (const balancer of ['range', 'roundrobin', 'sticky', 'cooperative-sticky']) {
    test(`shares partitions in a group of two, and takes over from one that leaves (${balancer})`, async () => {
      const broker = await setUp(4)
      expect(await ask(broker, 'group', { balancer })).toEqual([
        { shared: [0, 1, 2, 3] },
        { taken: [0, 1, 2, 3] },
      ])
    })
  }

  for (const balancer of ['range', 'cooperative-sticky']) {
    test(`keeps the partitions of a static member that goes and comes back (${balancer})`, async () => {
      const broker = await setUp(4)
      expect(await ask(broker, 'static', { balancer })).toEqual([
        { samePartitions: true, sameGeneration: true },
      ])
    })
  }

  test('commits and aborts, and reads what is committed', async () => {
    const broker = await setUp(2)
    expect(await ask(broker, 'transact')).toEqual(['ended'])
    const read = async (flags: Record<string, string>) =>
      ((await ask(broker, 'consume', flags))[0] as string[]).sort()
    expect(await read({ group: 'committed', count: '4' })).toEqual(['a', 'a', 'c', 'c'])
    const all = ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']
    expect(await read({ group: 'all', count: '8', uncommitted: 'true' })).toEqual(all)
  })

  test('shuts out a producer whose transactional.id another one took', async () => {
    const broker = await setUp(2)
    expect(await ask(broker, 'fence')).toEqual([{ first: 'PRODUCER_FENCED' }])
    expect(await ask(broker, 'consume', { count: '2' })).toEqual([['taken over', 'taken over']])
  })

  test('commits the offsets of a group in a transaction, and takes them back', async () => {
    const broker = await setUp(2)
    await ask(broker, 'produce', { count: '3' })
    expect(await ask(broker, 'offsets')).toEqual([
      { commit: true, offset: 1 },
      { commit: false, offset: 1 },
      { commit: true, offset: 2 },
    ])
  })

  test('finds offsets by time', async () => {
    const broker = await setUp(1)
    expect(await ask(broker, 'times')).toEqual([
      { after: 0, offset: 0, timestamp: 1000 },
      { after: 1500, offset: 1, timestamp: 2000 },
      { after: 3000, offset: 2, timestamp: 3000 },
      { after: 3001, offset: 3, timestamp: -1 },
      { newest: 2, timestamp: 3000 },
    ])
  })

  test('administers topics, settings, groups, offsets and records', async () => {
    expect(await ask(await openBroker(), 'admin')).toEqual([
      { created: 2 },
      { settings: '5000' },
      { altered: 1 },
      { settings: '604800000' },
      { partitions: 3 },
      { committed: 3 },
      { groups: ['g'] },
      { described: 'Empty' },
      { 'deleted group': 'g' },
      { groups: [] },
      { 'deleted records': 3 },
      { 'deleted topic': 't' },
      { topics: [] },
    ])
  })

  test('is told that the broker does not list transactions', async () => {
    await expect(ask(await openBroker(), 'transactions')).rejects.toThrow(/too old|not support|unknown/i)
  })

  for (const mechanism of saslMechanisms) {
    test(`writes and reads with ${mechanism} over TLS, and not with a wrong password`, async () => {
      const { broker } = await openSecured({ sasl: { users }, tls })
      const login = { authority: pemPath('servers-ca'), mechanism, password: users.ann }
      await ask(broker, 'produce', login)
      expect(await ask(broker, 'consume', login)).toEqual([values(0, 10)])
      const guess = { ...login, password: 'guess' }
      await expect(ask(broker, 'ping', guess)).rejects.toThrow('SASL_AUTHENTICATION_FAILED')
    })
  }

  test('gets in with a certificate, and only with one', async () => {
    const { broker } = await openSecured({ tls: { ...tls, ca: pem('clients-ca'), clientAuth: 'required' } })
    const authority = pemPath('servers-ca')
    const certified = { authority, certificate: pemPath('client') }
    await ask(broker, 'produce', certified)
    expect(await ask(broker, 'consume', certified)).toEqual([values(0, 10)])
    await expect(ask(broker, 'ping', { authority })).rejects.toThrow(/certificate/)
  })
})
