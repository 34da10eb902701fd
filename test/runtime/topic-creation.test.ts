import { describe, expect, test } from 'vitest'
import { ConfigError, isRetriable, KafkaError } from '../../src/errors.ts'
import type { NewTopic } from '../../src/kafka/client.ts'
import { TopicCreator } from '../../src/runtime/topic-creation.ts'
import { FakeAdmin } from '../support/fake-admin.ts'

const defaults = {
  'topic.creation.default.partitions': '3',
  'topic.creation.default.replication.factor': '-1',
}

function creator(props: Record<string, string>, admin = new FakeAdmin()) {
  return { admin, creator: TopicCreator.create(props, () => admin, 'kafka:9092')! }
}

async function created(props: Record<string, string>, topic: string): Promise<NewTopic> {
  const { admin, creator: topics } = creator(props)
  await topics.ensure(topic)
  expect(admin.created).toHaveLength(1)
  return admin.created[0]!
}

describe('topics', () => {
  test('are left to the broker without settings of their own; no client is opened', () => {
    let opened = 0
    const admin = () => {
      opened++
      return new FakeAdmin()
    }
    expect(TopicCreator.create({ topic: 't' }, admin, 'kafka:9092')).toBeNull()
    expect(opened).toBe(0)
  })

  test('that exist are asked about once and not created', async () => {
    const { admin, creator: topics } = creator(defaults, new FakeAdmin(['t']))
    expect(topics.isKnown('t')).toBe(false)
    await topics.ensure('t')
    expect(topics.isKnown('t')).toBe(true)
    expect({ asked: admin.described, made: admin.created }).toEqual({ asked: [['t']], made: [] })
  })

  test('of the default group get its numbers and settings', async () => {
    const props = { ...defaults, 'topic.creation.default.cleanup.policy': 'compact' }
    expect(await created(props, 'any')).toEqual({
      name: 'any',
      partitions: 3,
      replicationFactor: -1,
      configs: { 'cleanup.policy': 'compact' },
    })
  })

  test('that somebody else created meanwhile are fine', async () => {
    const { admin, creator: topics } = creator(defaults)
    admin.existsMeanwhile = true
    await topics.ensure('t')
    expect(topics.isKnown('t')).toBe(true)
  })

  test('close their client', async () => {
    const { admin, creator: topics } = creator(defaults)
    await topics.close()
    expect(admin.isClosed).toBe(true)
  })
})

describe('the group of a topic', () => {
  const groups = {
    ...defaults,
    'topic.creation.groups': 'big, small ,default,none',
    'topic.creation.big.include': 'orders.*, bills',
    'topic.creation.big.exclude': 'orders-test.*',
    'topic.creation.big.partitions': '24',
    'topic.creation.small.include': '.*s',
    'topic.creation.small.replication.factor': '2',
    'topic.creation.small.retention.ms': '1000',
    'topic.creation.none.partitions': '99',
    // The default group takes everything, whatever it says.
    'topic.creation.default.include': 'nothing',
    'topic.creation.default.exclude': '.*',
  }
  for (const { topic, partitions, replicationFactor, configs } of [
    { topic: 'orders', partitions: 24, replicationFactor: -1, configs: {} },
    { topic: 'orders-eu', partitions: 24, replicationFactor: -1, configs: {} },
    { topic: 'bills', partitions: 24, replicationFactor: -1, configs: {} },
    { topic: 'orders-tests', partitions: 3, replicationFactor: 2, configs: { 'retention.ms': '1000' } },
    { topic: 'logs', partitions: 3, replicationFactor: 2, configs: { 'retention.ms': '1000' } },
    { topic: 'my-orders-eu', partitions: 3, replicationFactor: -1, configs: {} },
  ]) {
    test(`of ${topic} is the first whose include matches it whole and whose exclude does not`, async () => {
      expect(await created(groups, topic)).toEqual({ name: topic, partitions, replicationFactor, configs })
    })
  }
})

describe('settings of topic creation are refused', () => {
  const rf = 'topic.creation.default.replication.factor'
  const partitions = 'topic.creation.default.partitions'
  for (const { props, key, message } of [
    {
      props: { 'topic.creation.groups': '' },
      key: partitions,
      message: `Missing required configuration "${partitions}" which has no default value.`,
    },
    {
      props: { [partitions]: '1', 'topic.creation.x.partitions': '1' },
      key: rf,
      message: `Missing required configuration "${rf}" which has no default value.`,
    },
    {
      props: { ...defaults, [partitions]: '0' },
      key: partitions,
      message: `Invalid value 0 for configuration ${partitions}: Number of partitions must be positive, or -1 to use the broker's default`,
    },
    {
      props: { ...defaults, [rf]: '-2' },
      key: rf,
      message: `Invalid value -2 for configuration ${rf}: Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default`,
    },
    {
      props: { ...defaults, [partitions]: 'many' },
      key: partitions,
      message: `Invalid value many for configuration ${partitions}: Not a number of type INT`,
    },
    {
      props: { ...defaults, [rf]: '1.5' },
      key: rf,
      message: `Invalid value 1.5 for configuration ${rf}: Not a number of type SHORT`,
    },
    {
      props: { ...defaults, 'topic.creation.groups': 'g', 'topic.creation.g.include': 'a(' },
      key: 'topic.creation.g.include',
      message: 'Syntax error in regular expression: ',
    },
  ]) {
    test(message, () => {
      const error = failure(() => creator(props))
      expect(error).toBeInstanceOf(ConfigError)
      expect(error.message).toContain(message)
      expect(error).toMatchObject({ key })
    })
  }
})

describe('a broker that says no', () => {
  const kafka = (code: string, retriable = false) => new KafkaError(`because of ${code}`, { code, retriable })

  for (const { step, error, message, isWorthTrying } of [
    { step: 'describe', error: kafka('REQUEST_TIMED_OUT', true), message: 'because of', isWorthTrying: true },
    {
      step: 'describe',
      error: kafka('TOPIC_AUTHORIZATION_FAILED'),
      message: "Not authorized to describe topic(s) 't' on the brokers kafka:9092",
      isWorthTrying: false,
    },
    {
      step: 'describe',
      error: kafka('INVALID_TOPIC_EXCEPTION'),
      message: "Error while attempting to describe topics 't'",
      isWorthTrying: false,
    },
    {
      step: 'create',
      error: kafka('TOPIC_AUTHORIZATION_FAILED'),
      message:
        'Task failed to create new topic (name=t, numPartitions=3, replicationFactor=-1, replicasAssignments=null, configs={a.b=c}). ' +
        'Ensure that the task is authorized to create topics or that the topic exists and restart the task',
      isWorthTrying: false,
    },
    {
      step: 'create',
      error: kafka('CLUSTER_AUTHORIZATION_FAILED'),
      message: 'Task failed to create new topic (name=t,',
      isWorthTrying: false,
    },
    {
      step: 'create',
      error: kafka('UNSUPPORTED_VERSION'),
      message: 'Task failed to create new topic (name=t,',
      isWorthTrying: false,
    },
    {
      step: 'create',
      error: kafka('INVALID_CONFIG'),
      message: "Unable to create topic(s) 't': because of INVALID_CONFIG",
      isWorthTrying: false,
    },
    {
      step: 'create',
      error: kafka('INVALID_REPLICATION_FACTOR'),
      message: "Error while attempting to create/find topic(s) 't'",
      isWorthTrying: false,
    },
    { step: 'create', error: kafka('NOT_CONTROLLER', true), message: 'because of', isWorthTrying: true },
  ] as const) {
    test(`to ${step} with ${error.code}: ${isWorthTrying ? 'is asked again' : message}`, async () => {
      const { admin, creator: topics } = creator({ ...defaults, 'topic.creation.default.a.b': 'c' })
      admin[step === 'describe' ? 'describeError' : 'createError'] = error
      const thrown = await topics.ensure('t').catch((reason: unknown) => reason as Error)
      expect((thrown as Error).message).toContain(message)
      expect(isRetriable(thrown)).toBe(isWorthTrying)
      expect(topics.isKnown('t')).toBe(false)
    })
  }
})

function failure(step: () => unknown): Error {
  try {
    step()
  } catch (error) {
    return error as Error
  }
  throw new Error('Nothing was thrown.')
}
