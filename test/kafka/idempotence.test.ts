import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { ClientSettings } from '../../src/kafka/client.ts'
import { FakeBroker } from './fake-broker.ts'
import { openBroker, openProducer } from './open-producer.ts'
import { until } from '../support/until.ts'

const unknownServerError = -1
const notLeader = 6
const timedOut = 7
const tooLarge = 10
const notAuthorised = 31
const policyViolation = 44
const outOfOrder = 45
const duplicate = 46
const oldEpoch = 47
const unknownProducer = 59

let broker: FakeBroker

beforeEach(async () => {
  broker = await openBroker()
})

describe('requests in flight', () => {
  test('are up to five of a partition, of full batches, behind a first acknowledged one', async () => {
    broker.delayMs = 10
    const { send, flush, acked } = open({ 'batch.size': '500' })
    for (let i = 0; i < 400; i++) send(String(i))
    await flush()
    expect(broker.mostInFlight).toBe(5)
    expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
    expect(acked).toEqual(numbers(400))
    expect(broker.requests.flat().map(({ baseSequence }) => baseSequence)[1]).toBeGreaterThan(0)
  })

  test('are never more than max.in.flight.requests.per.connection, whatever the number of partitions', async () => {
    broker.delayMs = 5
    broker.partitions = 3
    const { send, flush, acked } = open({
      'batch.size': '500',
      'max.in.flight.requests.per.connection': '2',
    })
    for (let i = 0; i < 600; i++) send(String(i), i % 3)
    await flush()
    expect(broker.mostInFlight).toBe(2)
    expect(acked).toHaveLength(600)
  })

  test('hold no more than 512 KiB of a partition, which a kill would repeat', async () => {
    broker.delayMs = 10
    const { send, flush } = open({ 'batch.size': '200000' })
    send('first')
    await flush()
    for (let i = 0; i < 190; i++) send('x'.repeat(10_000))
    await flush()
    expect(broker.mostInFlight).toBe(2)
  })

  test('of a transaction hold five full batches: what a kill leaves behind is aborted', async () => {
    broker.delayMs = 10
    const { producer, send, flush } = open({ 'batch.size': '200000', 'transactional.id': 'tx' })
    await producer.initTransactions()
    producer.beginTransaction()
    send('first')
    await flush()
    for (let i = 0; i < 200; i++) send('x'.repeat(10_000))
    await producer.commitTransaction()
    expect(broker.mostInFlight).toBe(5)
  })

  test('are at one broker: the next leader gets nothing before the last one has answered', async () => {
    const other = await FakeBroker.open(broker)
    onTestFinished(() => other.close())
    broker.replica = other
    other.replica = broker
    other.isLeader = false
    const { send, flush, acked } = open({ 'batch.size': '500', 'metadata.max.age.ms': '20' })
    send('0')
    await flush()
    broker.delayMs = 300
    let sentAt = 0
    let gotAt = Infinity
    broker.answer = () => {
      sentAt = performance.now()
      return 0
    }
    other.answer = () => {
      gotAt = Math.min(gotAt, performance.now())
      return 0
    }
    const metadataRequests = () => broker.metadataRequests + other.metadataRequests
    for (let i = 1; i <= 60; i++) send(String(i))
    await until(() => sentAt > 0, { everyMs: 1 })
    broker.isLeader = false
    other.isLeader = true
    const asked = metadataRequests()
    await until(() => metadataRequests() >= asked + 2, { everyMs: 1 })
    for (let i = 61; i <= 120; i++) send(String(i))
    await flush()
    expect(gotAt - sentAt).toBeGreaterThan(290)
    expect(acked).toEqual(numbers(121))
    expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
  })

  test('are one, where a partition has waited so long that the broker may have forgotten us', async () => {
    const { send, flush } = open({ 'batch.size': '500' })
    send('first')
    await flush()
    broker.forgetProducers()
    const realNow = performance.now.bind(performance)
    performance.now = () => realNow() + 120_000
    try {
      broker.answer = (_, request) => (request === 1 ? notLeader : 0)
      for (let i = 0; i < 100; i++) send(String(i))
      await flush()
    } finally {
      performance.now = realNow
    }
    expect(broker.accepted.get('t-0')).toEqual(['first', ...numbers(100).map(String)])
  })
})

describe('every record is written once, in order, where', () => {
  const troubles = {
    'another broker leads': notLeader,
    'the connection breaks before the writing': 'disconnect',
    'the connection breaks behind the writing': 'written, disconnect',
    'the broker is too slow to answer': 'silence',
    'replicas are too slow': 'written, timed out',
    'the leader has not written it in time': timedOut,
    'the broker has lost count': outOfOrder,
    'the broker has forgotten us': unknownProducer,
    'the broker knows a later epoch': oldEpoch,
  } as const
  for (const [name, trouble] of Object.entries(troubles)) {
    for (const codec of ['none', 'gzip']) {
      test(`${name}, with five requests in flight (compression ${codec})`, async () => {
        broker.delayMs = 2
        broker.answer = (_, request) => (request % 7 === 3 ? trouble : 0)
        const { send, flush, acked } = open({
          'batch.size': '500',
          'compression.type': codec,
          'request.timeout.ms': '100',
          'retry.backoff.ms': '5',
        })
        for (let i = 0; i < 1000; i++) {
          send(String(i))
          if (i % 100 === 50) await new Promise((resolve) => setTimeout(resolve, 3))
        }
        await flush()
        expect(acked).toEqual(numbers(1000))
        expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
        expect(broker.mostInFlight).toBeGreaterThan(1)
      })
    }
  }

  test('all of that happens at random in several partitions', async () => {
    const random = seeded(42)
    const all = [...Object.values(troubles).filter((trouble) => trouble !== 'silence'), tooLarge]
    broker.partitions = 3
    broker.delayMs = 1
    broker.answer = ({ partition, values }) => {
      if (random() > 0.3) return 0
      const answer = all[Math.floor(random() * all.length)]!
      if (answer === tooLarge && values.length < 2) return 0
      // A broker that has written a batch knows it: to deny it would be a lie.
      const isWritten = broker.accepted.get(`t-${partition}`)?.includes(values[0]!) === true
      return isWritten && [outOfOrder, unknownProducer, oldEpoch, tooLarge].some((lie) => lie === answer)
        ? 0
        : answer
    }
    const { send, flush, acked } = open({
      'batch.size': '2000',
      'retry.backoff.ms': '1',
      'retry.backoff.max.ms': '5',
    })
    for (let i = 0; i < 3000; i++) {
      send(String(i), i % 3)
      if (i % 50 === 25) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await flush()
    for (let partition = 0; partition < 3; partition++) {
      const own = numbers(1000).map((i) => i * 3 + partition)
      expect(acked.filter((i) => Number(i) % 3 === partition)).toEqual(own)
      expect(broker.accepted.get(`t-${partition}`)).toEqual(own.map(String))
    }
  })

  test('another broker leads every now and then, with batches under way', async () => {
    const other = await FakeBroker.open(broker)
    broker.replica = other
    other.replica = broker
    other.isLeader = false
    broker.delayMs = 3
    other.delayMs = 1
    const moving = setInterval(() => {
      broker.isLeader = !broker.isLeader
      other.isLeader = !broker.isLeader
    }, 100)
    try {
      const { send, flush, acked } = open({ 'batch.size': '500', 'retry.backoff.ms': '2' })
      let sent = 0
      while (Math.min(broker.requests.length, other.requests.length) < 30) {
        for (let i = 0; i < 30; i++) send(String(sent++))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      await flush()
      expect(acked).toEqual(numbers(sent))
      expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
    } finally {
      clearInterval(moving)
      await other.close()
    }
  })

  test('a batch in front is too large and is split: its halves take its numbers', async () => {
    broker.delayMs = 5
    const { send, flush } = open({ 'batch.size': '1000' })
    send('first')
    await flush()
    broker.answer = ({ values }) => (values.length > 30 ? tooLarge : 0)
    for (let i = 0; i < 200; i++) send(String(i))
    await flush()
    expect(broker.accepted.get('t-0')).toEqual(['first', ...numbers(200).map(String)])
    const written = broker.requests.flat().filter(({ values }) => values.length <= 30)
    expect(new Set(written.map(({ producerId, epoch }) => `${producerId}/${epoch}`))).toEqual(
      new Set(['101/0']),
    )
  })

  test('a batch between others is given up: those behind it get other numbers', async () => {
    broker.delayMs = 5
    broker.answer = ({ values }) => (values.includes('100') ? policyViolation : 0)
    const { send, flush, reports, failures } = open({ 'batch.size': '500', 'retry.backoff.ms': '5' })
    for (let i = 0; i < 300; i++) send(String(i))
    await flush()
    expect(failures).toMatchObject([{ code: 'POLICY_VIOLATION' }])
    const lost = reports.filter((report) => report.startsWith('failed')).map((report) => report.slice(7))
    expect(lost).toContain('100')
    const expected = numbers(300)
      .map(String)
      .filter((i) => !lost.includes(i))
    expect(broker.accepted.get('t-0')).toEqual(expected)
    // Also the failure is reported in its turn.
    expect(reports.map((report) => Number(report.split(' ')[1]))).toEqual(numbers(300))
    expect(new Set(broker.requests.flat().map(({ epoch }) => epoch))).toEqual(new Set([0, 1]))
  })

  test('a batch runs out of time and nobody knows whether it was written', async () => {
    const { send, flush, reports, failures } = open({
      'delivery.timeout.ms': '200',
      'request.timeout.ms': '100',
      'retry.backoff.ms': '20',
      'batch.size': '500',
    })
    send('first')
    await flush()
    broker.answer = () => 'written, disconnect'
    send('lost')
    await flush()
    broker.answer = () => 0
    for (let i = 0; i < 100; i++) send(String(i))
    await flush()
    expect(failures).toMatchObject([{ code: 'REQUEST_TIMED_OUT' }])
    expect(reports.filter((report) => report.startsWith('failed'))).toEqual(['failed 1'])
    expect(broker.accepted.get('t-0')).toEqual(['first', 'lost', ...numbers(100).map(String)])
  })
})

describe('the identity', () => {
  test('gets another epoch when the broker has lost count', async () => {
    broker.answer = (_, request) => (request === 1 ? outOfOrder : 0)
    const { send, flush } = open({ 'retry.backoff.ms': '5' })
    for (const value of ['a', 'b', 'c']) {
      send(value)
      await flush()
    }
    expect(numbered()).toEqual(['101/0 from 0', '101/0 from 1', '101/1 from 0', '101/1 from 1'])
  })

  test('is another one when the broker knows a later epoch', async () => {
    broker.answer = (_, request) => (request === 1 ? oldEpoch : 0)
    const { send, flush } = open({ 'retry.backoff.ms': '5' })
    for (const value of ['a', 'b']) {
      send(value)
      await flush()
    }
    expect(numbered()).toEqual(['101/0 from 0', '101/0 from 1', '102/0 from 0'])
  })

  test('stays when the broker calls a batch a duplicate, which is a success', async () => {
    broker.answer = (_, request) => (request === 1 ? duplicate : 0)
    const { send, flush, acked } = open()
    for (const value of ['a', 'b']) {
      send(value)
      await flush()
    }
    expect(acked).toEqual([0, 1])
    expect(numbered()).toEqual(['101/0 from 0', '101/0 from 1'])
  })
})

describe('a broker without producer ids', () => {
  const brokers = {
    'that does not know InitProducerId': () => broker.offered.delete(22),
    'that refuses to give one': () => broker.failures.set(22, [notAuthorised]),
    'that fails at it': () => broker.failures.set(22, [unknownServerError]),
  }
  for (const [name, prepare] of Object.entries(brokers)) {
    test(`${name} gets plain batches, one request at a time, and we say so once`, async () => {
      prepare()
      broker.delayMs = 2
      broker.answer = (_, request) => (request % 5 === 2 ? notLeader : 0)
      const { send, flush, acked, lines } = open({ 'batch.size': '500', 'retry.backoff.ms': '5' })
      for (let i = 0; i < 300; i++) send(String(i))
      await flush()
      expect(acked).toEqual(numbers(300))
      expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
      expect(broker.mostInFlight).toBe(1)
      expect(broker.requests.flat().every(({ producerId }) => producerId === -1)).toBe(true)
      expect(lines.filter((line) => line.includes('goes on without idempotence'))).toHaveLength(1)
    })
  }

  test('is an error where enable.idempotence=true was asked for', async () => {
    broker.failures.set(22, [notAuthorised, notAuthorised])
    const { send, flush, failures } = open({ 'enable.idempotence': 'true' })
    send('a')
    await flush()
    expect(failures).toMatchObject([{ code: 'CLUSTER_AUTHORIZATION_FAILED', retriable: false }])
    expect(broker.requests).toEqual([])
  })

  test('is asked again while it is only busy', async () => {
    broker.failures.set(22, [14, 15])
    const { send, flush, acked, lines } = open({ 'retry.backoff.ms': '5' })
    send('a')
    await flush()
    expect(acked).toEqual([0])
    expect(broker.calls).toEqual(['init - -1/-1 14', 'init - -1/-1 15', 'init - -1/-1'])
    expect(lines).toEqual([])
  })

  test('is not asked with enable.idempotence=false', async () => {
    const { send, flush } = open({ 'enable.idempotence': 'false' })
    send('a')
    await flush()
    expect(broker.calls).toEqual([])
    expect(numbered()).toEqual(['-1/-1 from -1'])
  })
})

function open(settings: ClientSettings = {}) {
  return openProducer(broker, settings)
}

function numbered(): string[] {
  return broker.requests
    .flat()
    .map(({ producerId, epoch, baseSequence }) => `${producerId}/${epoch} from ${baseSequence}`)
}

function numbers(count: number): number[] {
  return [...Array(count).keys()]
}

/** Numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
}
