import { describe, expect, onTestFinished, test } from 'vitest'
import { KafkaError } from '../../../src/errors.ts'
import { DeadLetterQueue, type DeadLetterQueueDeps } from '../../../src/runtime/errors/dead-letter-queue.ts'
import { ErrorCounts } from '../../../src/runtime/errors/error-counts.ts'
import { silentLogger } from '../../../src/util/logger.ts'
import { FakeAdmin } from '../../support/fake-admin.ts'
import { errorDefaults } from '../../support/fake-errors.ts'
import { FakeProducer } from '../../support/fake-producer.ts'

const letter = { key: null, value: Buffer.from('v'), headers: null, timestamp: null }

async function open(admin = new FakeAdmin(['dead']), changes: Partial<DeadLetterQueueDeps> = {}) {
  const counts = new ErrorCounts()
  const cancel = new AbortController()
  let producer!: FakeProducer
  const settings = {
    ...errorDefaults,
    'errors.deadletterqueue.topic.name': 'dead',
    'errors.deadletterqueue.topic.replication.factor': 2,
  }
  const queue = await DeadLetterQueue.open({
    settings,
    openAdmin: () => admin,
    openProducer: (listener) => (producer = new FakeProducer(listener)),
    counts,
    cancelled: cancel.signal,
    closeTimeoutMs: 20,
    log: silentLogger,
    ...changes,
  })
  onTestFinished(() => queue.close())
  return { queue, counts, admin, cancel, producer }
}

describe('the topic of dead letters', () => {
  test('is left alone where it is', async () => {
    const { admin } = await open()
    expect(admin.created).toEqual([])
    expect(admin.isClosed).toBe(true)
  })

  test('is created with one partition where it is not', async () => {
    const { admin } = await open(new FakeAdmin())
    expect(admin.created).toEqual([{ name: 'dead', partitions: 1, replicationFactor: 2, configs: {} }])
  })

  test('may be created by somebody else meanwhile', async () => {
    const admin = new FakeAdmin()
    admin.existsMeanwhile = true
    await expect(open(admin)).resolves.toBeDefined()
  })

  for (const what of ['describeError', 'createError'] as const) {
    test(`fails the task when it cannot be had (${what})`, async () => {
      const admin = new FakeAdmin()
      admin[what] = new KafkaError('not allowed', { code: 'TOPIC_AUTHORIZATION_FAILED' })
      await expect(open(admin)).rejects.toMatchObject({
        message: 'Could not initialize dead letter queue with topic=dead',
        cause: { message: 'not allowed' },
      })
      expect(admin.isClosed).toBe(true)
    })
  }
})

describe('a dead letter', () => {
  test('is sent once each time, to a partition of the producer’s choice', async () => {
    const { queue, producer, counts } = await open()
    const sent = [queue.send(letter), queue.send(letter)]
    expect(producer.sent).toEqual([
      { ...letter, topic: 'dead', partition: null },
      { ...letter, topic: 'dead', partition: null },
    ])
    producer.acknowledge()
    expect(await Promise.all(sent)).toEqual([null, null])
    expect(counts).toMatchObject({ deadLetterRequests: 2, deadLetterFailures: 0 })
  })

  test('that Kafka refuses is counted, and the reason given', async () => {
    const { queue, producer, counts } = await open()
    const sent = queue.send(letter)
    const error = new KafkaError('too large')
    producer.fail(error)
    expect(await sent).toBe(error)
    expect(counts).toMatchObject({ deadLetterRequests: 1, deadLetterFailures: 1 })
  })

  test('may have to wait for room', async () => {
    const { queue, producer } = await open()
    expect(queue.room()).toBeNull()
    producer.hasRoom = false
    void queue.send(letter)
    let hasRoom = false
    const room = queue.room()!.then(() => (hasRoom = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(hasRoom).toBe(false)
    producer.makeRoom()
    await room
    expect(queue.room()).toBeNull()
  })
})

describe('at the end', () => {
  test('the producer is closed, and what was not written by then is lost', async () => {
    const { queue, producer } = await open()
    const sent = queue.send(letter)
    producer.flush = () => new Promise(() => {})
    await queue.close()
    expect(producer.isClosed).toBe(true)
    expect(await sent).toMatchObject({ message: 'The producer was closed.' })
  })

  test('a cancelled task does not wait', async () => {
    const { queue, producer, cancel } = await open(undefined, { closeTimeoutMs: 60_000 })
    const sent = queue.send(letter)
    producer.flush = () => new Promise(() => {})
    cancel.abort()
    expect(await sent).toMatchObject({ message: 'The producer was closed.' })
    await queue.close()
  })
})
