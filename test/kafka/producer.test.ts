import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientSettings, Producer } from '../../src/kafka/client.ts'
import { textRun } from '../support/text-run.ts'
import type { FakeBroker } from './fake-broker.ts'
import { openBroker, openProducer } from './open-producer.ts'

const notLeader = 6
const timedOut = 7
const tooLarge = 10
const policyViolation = 44

let broker: FakeBroker

beforeEach(async () => {
  broker = await openBroker()
})

describe('batches', () => {
  test('gather what is sent while one is under way', async () => {
    const { send, flush, runs } = open()
    send('first')
    await until(() => broker.requests.length === 1)
    broker.delayMs = 50
    send('second')
    await until(() => broker.requests.length === 2)
    for (const value of ['a', 'b', 'c']) {
      send(value)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await flush()
    expect(broker.requests.flat().map(({ values }) => values)).toEqual([
      ['first'],
      ['second'],
      ['a', 'b', 'c'],
    ])
    expect(runs).toHaveLength(3)
  })

  test('wait for linger.ms, and a flush does not', async () => {
    const { send, flush } = open({ 'linger.ms': '150' })
    const start = performance.now()
    send('a')
    await new Promise((resolve) => setTimeout(resolve, 30))
    send('b')
    await until(() => broker.requests.length === 1)
    expect(performance.now() - start).toBeGreaterThan(140)
    send('c')
    await flush()
    expect(performance.now() - start).toBeLessThan(290)
    expect(broker.requests.flat().map(({ values }) => values)).toEqual([['a', 'b'], ['c']])
  })

  test('of several partitions share a request, and max.in.flight is kept', async () => {
    broker.partitions = 4
    broker.delayMs = 20
    const { send, flush } = open({
      'max.in.flight.requests.per.connection': '1',
      'enable.idempotence': 'false',
    })
    for (let i = 0; i < 40; i++) {
      send(String(i), i % 4)
      if (i % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await flush()
    expect(broker.mostInFlight).toBe(1)
    expect(Math.max(...broker.requests.map((batches) => batches.length))).toBe(4)
    for (let partition = 0; partition < 4; partition++) {
      const expected = Array.from({ length: 10 }, (_, i) => String(i * 4 + partition))
      expect(broker.accepted.get(`t-${partition}`)).toEqual(expected)
    }
  })

  test('are closed at batch.size', async () => {
    const { send, flush } = open({ 'batch.size': '1000', 'linger.ms': '50' })
    for (let i = 0; i < 30; i++) send('x'.repeat(100))
    await flush()
    expect(Math.max(...broker.requests.flat().map(({ values }) => values.length))).toBeLessThan(10)
  })

  test('are split where the broker finds them too large', async () => {
    broker.answer = ({ values }) => (values.length > 3 ? tooLarge : 0)
    const { send, flush, acked } = open({ 'linger.ms': '10' })
    for (let i = 0; i < 20; i++) send(String(i))
    await flush()
    expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
    expect(acked).toEqual([...Array(20).keys()])
  })
})

describe('retries', () => {
  for (const [name, failure] of [
    ['another leader', notLeader],
    ['a time-out at the broker', timedOut],
    ['a broken connection', 'disconnect'],
    ['no answer', 'silence'],
  ] as const) {
    test(`keep the order after ${name}`, async () => {
      broker.answer = (_, request) => (request % 3 === 1 ? failure : 0)
      const { send, flush, acked } = open({ 'request.timeout.ms': '100', 'retry.backoff.ms': '10' })
      for (let i = 0; i < 60; i++) {
        send(String(i))
        if (i % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await flush()
      expect(acked).toEqual([...Array(60).keys()])
      expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
    })
  }

  test('keep the order of batches that were finished ahead of their turn, also where one is split', async () => {
    broker.answer = ({ values }, request) =>
      values.length > 9 ? tooLarge : request % 3 === 1 ? 'disconnect' : 0
    const { send, flush, acked } = open({
      'enable.idempotence': 'false',
      'batch.size': '500',
      'retry.backoff.ms': '5',
    })
    for (let i = 0; i < 200; i++) send(String(i))
    await flush()
    expect(acked).toEqual([...Array(200).keys()])
    expect(broker.accepted.get('t-0')).toEqual(acked.map(String))
  })

  test('end with delivery.timeout.ms', async () => {
    broker.answer = () => notLeader
    const { send, flush, failures } = open({
      'delivery.timeout.ms': '300',
      'request.timeout.ms': '100',
      'retry.backoff.ms': '20',
    })
    send('a')
    await flush()
    expect(failures[0]).toMatchObject({ code: 'REQUEST_TIMED_OUT', retriable: true })
    expect(failures[0]!.message).toMatch(
      /^Expiring 1 record\(s\) for t-0:\d+ ms has passed since batch creation$/,
    )
  })

  test('do not happen for errors that stay', async () => {
    broker.answer = ({ values }) => (values[0] === 'bad' ? policyViolation : 0)
    const { send, flush, reports } = open()
    for (const value of ['good', 'bad', 'better']) {
      send(value)
      await flush()
    }
    expect(reports).toEqual(['acked 0', 'failed 1', 'acked 2'])
    expect(broker.requests).toHaveLength(3)
  })
})

describe('a run of texts', () => {
  const texts = Array.from({ length: 200 }, (_, i) => `text ${i} ${'x'.repeat(i)}`)
  const run = {
    topic: 't',
    partition: null,
    timestamp: null,
    key: null,
    headers: null,
    before: Buffer.from('<'),
    after: Buffer.from('>'),
    form: 'plain',
    texts: textRun(texts).texts,
  } as const
  const values = texts.map((text) => `<${text}>`)

  /** Sends it whole; the pieces are the contexts. */
  function sendWhole(producer: Producer): number[] {
    const pieces: number[] = []
    for (let from = 0; from < texts.length;) {
      const next = producer.sendRun(run, from, pieces.length)
      pieces.push(next - from)
      from = next
    }
    return pieces
  }

  test('goes into as many batches as it needs, and each record is reported', async () => {
    const { producer, send, flush, reports } = open({ 'batch.size': '4000', 'max.request.size': '4000' })
    send('known')
    await flush()
    const pieces = sendWhole(producer)
    expect(pieces.length).toBeGreaterThan(3)
    await producer.flush()
    expect(broker.requests.flat().flatMap(({ values: found }) => found)).toEqual(['known', ...values])
    expect(reports.slice(1)).toEqual(
      pieces.flatMap((count, piece) => Array.from({ length: count }, () => `acked ${piece}`)),
    )
  })

  test('waits for a topic that is not known yet', async () => {
    const { producer, acked } = open()
    sendWhole(producer)
    await producer.flush()
    expect(broker.requests.flat().flatMap(({ values: found }) => found)).toEqual(values)
    expect(acked).toHaveLength(texts.length)
  })

  test('is split where the broker finds a batch too large', async () => {
    broker.answer = ({ values: found }) => (found.length > 50 ? tooLarge : 0)
    const { producer, send, flush, acked, failures } = open()
    send('known')
    await flush()
    const pieces = sendWhole(producer)
    await producer.flush()
    expect(failures).toEqual([])
    expect(broker.accepted.get('t-0') ?? [...broker.accepted.values()].flat()).toEqual(['known', ...values])
    expect(acked.slice(1)).toEqual(
      pieces.flatMap((count, piece) => Array.from({ length: count }, () => piece)),
    )
  })

  test('leaves out a record that no request may hold, and reports it as failed', async () => {
    const { producer, send, flush, reports } = open({ 'max.request.size': '260' })
    send('known')
    await flush()
    const pieces = sendWhole(producer)
    await producer.flush()
    const tooLong = values.filter((value) => value.length + 36 + 61 > 260)
    expect(tooLong.length).toBeGreaterThan(0)
    expect(broker.requests.flat().flatMap(({ values: found }) => found)).toEqual([
      'known',
      ...values.filter((value) => !tooLong.includes(value)),
    ])
    expect(reports.filter((report) => report.startsWith('failed'))).toHaveLength(tooLong.length)
    expect(pieces.reduce((sum, count) => sum + count)).toBe(texts.length)
  })

  test('fails as a whole once the producer is closed', async () => {
    const { producer, reports } = open()
    await producer.close(0)
    const pieces = sendWhole(producer)
    expect(pieces).toHaveLength(texts.length)
    await until(() => reports.length === texts.length)
    expect(new Set(reports.map((report) => report.split(' ')[0]))).toEqual(new Set(['failed']))
  })
})

test('sequence numbers count the records, and a repetition has the same number', async () => {
  broker.answer = (_, request) => (request === 1 ? 'disconnect' : 0)
  const { send, flush } = open({ 'retry.backoff.ms': '5' })
  for (const values of [['a', 'b'], ['c'], ['d']]) {
    for (const value of values) send(value)
    await flush()
  }
  const batches = broker.requests.flat()
  expect(batches.map(({ values, baseSequence }) => [values.join(''), baseSequence])).toEqual([
    ['ab', 0],
    ['c', 2],
    ['c', 2],
    ['d', 3],
  ])
  expect(new Set(batches.map(({ producerId }) => producerId)).size).toBe(1)
})

describe('closing', () => {
  test('fails what the broker does not acknowledge in time, each record once', async () => {
    broker.answer = () => 'silence'
    const { producer, send, reports } = open()
    send('a')
    await until(() => broker.requests.length === 1)
    send('b')
    await producer.close(100)
    expect(reports).toEqual(['failed 0', 'failed 1'])
    send('c')
    await until(() => reports.length === 3)
  })

  test('sends what is buffered first', async () => {
    broker.delayMs = 30
    const { producer, send, reports } = open({ 'linger.ms': '10000' })
    send('a')
    await producer.close(5000)
    expect(reports).toEqual(['acked 0'])
  })
})

test('who heeds buffer.memory never has much more of it waiting, and gets all through', async () => {
  broker.delayMs = 1
  const { producer, send, flush, acked } = open({ 'buffer.memory': '20000', 'batch.size': '5000' })
  let most = 0
  let waits = 0
  for (let i = 0; i < 1000; i++) {
    const hasRoom = send(String(i).padStart(100))
    most = Math.max(most, i + 1 - acked.length)
    if (hasRoom) continue
    waits++
    await producer.ready()
  }
  await flush()
  expect(waits).toBeGreaterThan(5)
  expect(most).toBeLessThanOrEqual(200)
  expect(acked).toEqual([...Array(1000).keys()])
})

test('records without a key stay with a partition for a while and reach all of them', async () => {
  broker.partitions = 3
  const { send, flush } = open()
  for (let i = 0; i < 600; i++) {
    send('x'.repeat(1000))
    if (i % 5 === 4) await flush()
  }
  expect(broker.accepted.size).toBe(3)
  const order = broker.requests.flat().map(({ partition }) => partition)
  const changes = order.filter((partition, i) => i > 0 && partition !== order[i - 1]).length
  expect(changes).toBeLessThan(order.length / 2)
})

function open(settings: ClientSettings = {}) {
  return openProducer(broker, settings)
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Not true within 10 s: ${isTrue.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
