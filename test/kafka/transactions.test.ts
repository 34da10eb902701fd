import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientSettings } from '../../src/kafka/client.ts'
import type { FakeBroker } from './fake-broker.ts'
import { openBroker, openProducer } from './open-producer.ts'

const addPartitions = 24
const endTransaction = 26
const findCoordinator = 10
const initProducerId = 22

const loading = 14
const notCoordinator = 16
const notAuthorised = 29
const policyViolation = 44
const oldEpoch = 47
const concurrent = 51
const fenced = 90

let broker: FakeBroker

beforeEach(async () => {
  broker = await openBroker()
})

describe('a transaction', () => {
  test('announces each partition once and ends with what was said', async () => {
    broker.partitions = 3
    const { producer, send } = await ready()
    producer.beginTransaction()
    send('a', 0)
    send('b', 1)
    await producer.flush()
    send('c', 0)
    send('d', 2)
    await producer.commitTransaction()
    producer.beginTransaction()
    send('e', 1)
    await producer.flush()
    await producer.abortTransaction()
    expect(broker.calls).toEqual([
      'find tx',
      'init tx -1/-1',
      'add t 0 1',
      'add t 2',
      'commit',
      'add t 1',
      'abort',
    ])
    const batches = broker.requests.flat()
    expect(batches.every(({ isTransactional, producerId }) => isTransactional && producerId === 101)).toBe(
      true,
    )
    // The numbers go on from one transaction to the next.
    expect(batches.filter(({ partition }) => partition === 1).map((batch) => batch.baseSequence)).toEqual([
      0, 1,
    ])
  })

  test('without records asks nobody', async () => {
    const { producer } = await ready()
    producer.beginTransaction()
    await producer.commitTransaction()
    producer.beginTransaction()
    await producer.abortTransaction()
    expect(broker.calls).toEqual(['find tx', 'init tx -1/-1'])
  })

  test('goes on after answers that pass', async () => {
    broker.failures.set(findCoordinator, [15])
    broker.failures.set(initProducerId, [loading, concurrent])
    broker.failures.set(addPartitions, [concurrent, notCoordinator, concurrent])
    broker.failures.set(endTransaction, [loading, concurrent])
    const { producer, send, acked } = await ready({ 'retry.backoff.ms': '5' })
    producer.beginTransaction()
    send('a')
    await producer.commitTransaction()
    expect(acked).toEqual([0])
    expect(broker.calls).toEqual([
      'find tx 15',
      'find tx',
      'init tx -1/-1 14',
      'init tx -1/-1 51',
      'init tx -1/-1',
      'add t 0 51',
      'add t 0 16',
      'find tx',
      'add t 0 51',
      'add t 0',
      'commit 14',
      'commit 51',
      'commit',
    ])
  })

  test('may be committed again when the coordinator did not answer in time', async () => {
    const { producer, send } = await ready({ 'max.block.ms': '50', 'retry.backoff.ms': '10' })
    producer.beginTransaction()
    send('a')
    await producer.flush()
    broker.failures.set(endTransaction, Array<number>(100).fill(loading))
    await expect(producer.commitTransaction()).rejects.toMatchObject({ retriable: true })
    await expect(producer.abortTransaction()).rejects.toThrow(/committing/)
    broker.failures.delete(endTransaction)
    await producer.commitTransaction()
    producer.beginTransaction()
  })

  test('that is aborted fails what was not sent, and waits for what was', async () => {
    broker.delayMs = 30
    const { producer, send, reports } = await ready({ 'linger.ms': '5000' })
    producer.beginTransaction()
    send('sent')
    const flushed = producer.flush()
    while (broker.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    send('unsent')
    await producer.abortTransaction()
    await flushed
    expect(reports).toEqual(['acked 0', 'failed 1'])
    expect(broker.calls.at(-1)).toBe('abort')
  })
})

describe('a transaction with a lost record', () => {
  test('cannot be committed; after its abort the next one has another epoch', async () => {
    broker.answer = ({ values }) => (values.includes('bad') ? policyViolation : 0)
    const { producer, send, reports, failures } = await ready({ 'batch.size': '200' })
    producer.beginTransaction()
    send('good')
    await producer.flush()
    send('bad')
    await producer.flush()
    send('late')
    const refused = {
      code: 'POLICY_VIOLATION',
      message: expect.stringContaining('can only be aborted') as string,
    }
    await expect(producer.commitTransaction()).rejects.toMatchObject(refused)
    expect(reports).toEqual(['acked 0', 'failed 1', 'failed 2'])
    expect(failures[1]).toMatchObject(refused)
    await producer.abortTransaction()
    producer.beginTransaction()
    send('again')
    await producer.commitTransaction()
    expect(broker.calls.slice(2)).toEqual(['add t 0', 'abort', 'init tx 101/0', 'add t 0', 'commit'])
    expect(broker.requests.at(-1)).toMatchObject([{ epoch: 1, baseSequence: 0, values: ['again'] }])
  })

  test('fails all that is behind, also what is under way', async () => {
    broker.delayMs = 10
    const { producer, send, reports } = await ready({ 'batch.size': '500', 'retry.backoff.ms': '5' })
    producer.beginTransaction()
    send('first')
    await producer.flush()
    broker.answer = ({ values }) => (values.includes('30') ? policyViolation : 0)
    for (let i = 0; i < 300; i++) send(String(i))
    await expect(producer.commitTransaction()).rejects.toMatchObject({ code: 'POLICY_VIOLATION' })
    expect(reports).toHaveLength(301)
    const failed = reports.findIndex((report) => report.startsWith('failed'))
    expect(failed).toBeGreaterThan(0)
    expect(reports.slice(failed).every((report) => report.startsWith('failed'))).toBe(true)
    await producer.abortTransaction()
  })

  test('whose partition is forbidden was never open for the coordinator', async () => {
    broker.failures.set(addPartitions, [notAuthorised])
    const { producer, send, failures } = await ready()
    producer.beginTransaction()
    send('a')
    await producer.flush()
    expect(failures).toMatchObject([{ code: 'TOPIC_AUTHORIZATION_FAILED' }])
    broker.failures.set(endTransaction, [48])
    await producer.abortTransaction()
    producer.beginTransaction()
    send('b')
    await producer.commitTransaction()
    expect(broker.requests.flat().map(({ values }) => values[0])).toEqual(['b'])
  })
})

describe('a producer that was replaced', () => {
  const moments = {
    'hears of it when it adds partitions': () => broker.failures.set(addPartitions, [fenced]),
    'hears of it when it sends records': () => (broker.answer = () => oldEpoch),
    'hears of it when it commits': () => broker.failures.set(endTransaction, [oldEpoch]),
  }
  for (const [name, prepare] of Object.entries(moments)) {
    test(`${name}, and does nothing any more`, async () => {
      const { producer, send, reports } = await ready()
      prepare()
      producer.beginTransaction()
      send('a')
      const replaced = { name: 'KafkaError', code: 'PRODUCER_FENCED', retriable: false }
      await expect(producer.commitTransaction()).rejects.toMatchObject(replaced)
      await expect(producer.abortTransaction()).rejects.toMatchObject(replaced)
      expect(() => producer.beginTransaction()).toThrow(expect.objectContaining(replaced))
      const reported = reports.length
      send('b')
      await producer.flush()
      expect(reports.slice(reported)).toEqual(['failed 1'])
    })
  }
})

describe('a producer', () => {
  test('is not initialised where its transactional.id is forbidden', async () => {
    broker.failures.set(initProducerId, [53])
    const { producer } = open()
    await expect(producer.initTransactions()).rejects.toMatchObject({
      code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    })
  })

  test('fails records outside of a transaction', async () => {
    const { producer, send, failures } = await ready()
    send('a')
    await producer.flush()
    expect(failures.map(({ message }) => message)).toEqual([
      'Sending a record makes no sense while the producer tx has this state: no transaction is open.',
    ])
    expect(broker.requests).toEqual([])
  })

  test('takes calls in their order only', async () => {
    const { producer } = open()
    expect(() => producer.beginTransaction()).toThrow(/beginTransaction makes no sense .* new/)
    await producer.initTransactions()
    await expect(producer.initTransactions()).rejects.toThrow(/ready/)
    await expect(producer.commitTransaction()).rejects.toThrow(/ready/)
    await expect(producer.abortTransaction()).rejects.toThrow(/ready/)
    producer.beginTransaction()
    expect(() => producer.beginTransaction()).toThrow(/open/)
  })

  test('has no transactions without transactional.id', async () => {
    const { producer } = openProducer(broker)
    expect(() => producer.beginTransaction()).toThrow('transactional.id is not set')
    await expect(producer.initTransactions()).rejects.toThrow('transactional.id is not set')
  })

  test('aborts its open transaction when it is closed', async () => {
    const { producer, send, reports } = await ready({ 'linger.ms': '5000' })
    producer.beginTransaction()
    send('a')
    await producer.flush()
    send('b')
    await producer.close(5000)
    expect(reports).toEqual(['acked 0', 'failed 1'])
    expect(broker.calls.at(-1)).toBe('abort')
  })
})

async function ready(settings: ClientSettings = {}) {
  const made = open(settings)
  await made.producer.initTransactions()
  return made
}

function open(settings: ClientSettings = {}) {
  return openProducer(broker, { 'transactional.id': 'tx', ...settings })
}
