import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { SettingsReader } from '../../src/config/settings-reader.ts'
import type { Api } from '../../src/kafka/api.ts'
import { fetchApi } from '../../src/kafka/apis/fetch.ts'
import {
  deleteGroupsApi,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  syncGroupApi,
} from '../../src/kafka/apis/groups.ts'
import {
  listOffsetsApi,
  offsetCommitApi,
  offsetDeleteApi,
  offsetFetchApi,
} from '../../src/kafka/apis/offsets.ts'
import { createTopicApi, deleteTopicApi, describeTopicConfigsApi } from '../../src/kafka/apis/topics.ts'
import { addPartitionsToTxnApi, endTxnApi, initProducerIdApi } from '../../src/kafka/apis/transactions.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { readConnectionSettings } from '../../src/kafka/settings.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { kafkaBootstrap } from './support/services.ts'

const names = { topic: `diff-${randomUUID()}`, group: `diff-${randomUUID()}`, id: `diff-${randomUUID()}` }

type Ask = <Request, Answer>(api: Api<Request, Answer>, request: Request) => Promise<Answer>

interface Identity {
  id: number
  epoch: number
}

const concurrentTransactions = 51
const notLeaderYet = new Set([3, 5, 6])

/** What both brokers are asked, in this order; the answers without what has to differ. */
const questions: Record<string, (ask: Ask, identity: Identity) => Promise<unknown>> = {}

function ask(title: string, question: (ask: Ask, identity: Identity) => Promise<unknown>): void {
  questions[title] = question
}

const error = async (answer: Promise<{ error: number }>) => (await answer).error
const newTopic = (
  name: string,
  partitions = 2,
  replicationFactor = 1,
  configs: Record<string, string> = {},
) => ({
  topic: { name, partitions, replicationFactor, configs },
  timeoutMs: 5000,
})

for (const [title, topic] of Object.entries({
  'a topic': newTopic(names.topic),
  'it again': newTopic(names.topic),
  'a topic without name': newTopic(''),
  'a topic with a slash': newTopic('a/b'),
  'a topic that is a dot': newTopic('.'),
  'a topic of 250 letters': newTopic('x'.repeat(250)),
  'a topic of no partitions': newTopic('none', 0),
  'a topic of -2 partitions': newTopic('none', -2),
  'a topic of two replicas': newTopic('none', 1, 2),
  'a topic of no replica': newTopic('none', 1, 0),
  'an unknown setting': newTopic('none', 1, 1, { 'no.such.setting': '1' }),
  'a policy that there is not': newTopic('none', 1, 1, { 'cleanup.policy': 'burn' }),
  'a time that is none': newTopic('none', 1, 1, { 'retention.ms': 'long' }),
})) {
  ask(`creating ${title}`, (send) => error(send(createTopicApi, topic)))
}
ask('deleting an unknown topic', (send) => error(send(deleteTopicApi, { name: 'none', timeoutMs: 1000 })))
ask('settings of an unknown topic', (send) => error(send(describeTopicConfigsApi, 'none')))

const offsets = (timestamp: number, partition = 0, topic = names.topic) => ({
  isReadCommitted: true,
  partitions: [{ topic, partition, timestamp }],
})
for (const [title, request] of Object.entries({
  'the end': offsets(-1),
  'the start': offsets(-2),
  'some time': offsets(1_700_000_000_000),
  'an unknown partition': offsets(-1, 9),
  'an unknown topic': offsets(-1, 0, 'none'),
})) {
  ask(`offsets of ${title}`, (send) => send(listOffsetsApi, request))
}

const fetch = (offset: number, partition = 0) => ({
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1_000_000,
  isReadCommitted: true,
  rack: '',
  partitions: [{ topic: names.topic, partition, offset, maxBytes: 1_000_000 }],
})
for (const [title, request] of Object.entries({
  'the start': fetch(0),
  'behind the end': fetch(1),
  'a negative offset': fetch(-1),
  'an unknown partition': fetch(0, 9),
})) {
  ask(`fetching from ${title}`, (send) => send(fetchApi, request))
}

const member = { group: names.group, generation: 1, memberId: 'nobody', instanceId: null }
const outside = { group: names.group, generation: -1, memberId: '', instanceId: null }
const committed = (topic: string, partition = 0) => [{ topic, partition, offset: 5, metadata: 'note' }]
// Kafka makes its internal topics when a coordinator is first looked for.
ask('the coordinator of a group', (send) =>
  error(send(findCoordinatorApi, { key: names.group, kind: 'group' })),
)
ask('the coordinator of a transaction', (send) =>
  error(send(findCoordinatorApi, { key: names.id, kind: 'transaction' })),
)
ask('a heartbeat of nobody', (send) => send(heartbeatApi, member))
ask('leaving of nobody', (send) => send(leaveGroupApi, member))
ask('syncing of nobody', (send) => error(send(syncGroupApi, { ...member, assignments: [] })))
ask('joining without an id', async (send) => {
  const { error: code, memberId } = await send(joinGroupApi, {
    ...outside,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  })
  return { code, isNamed: memberId !== '' }
})
ask('joining under a wrong id', async (send) =>
  error(
    send(joinGroupApi, {
      ...outside,
      memberId: 'nobody',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    }),
  ),
)
ask('a commit of nobody', (send) => send(offsetCommitApi, { ...member, offsets: committed(names.topic) }))
ask('a commit from outside', (send) => send(offsetCommitApi, { ...outside, offsets: committed(names.topic) }))
ask('a commit for an unknown topic', (send) =>
  send(offsetCommitApi, { ...outside, offsets: committed('none') }),
)
ask('a commit for an unknown partition', (send) =>
  send(offsetCommitApi, { ...outside, offsets: committed(names.topic, 9) }),
)
ask('a commit of much metadata', (send) =>
  send(offsetCommitApi, {
    ...outside,
    offsets: [{ topic: names.topic, partition: 1, offset: 1, metadata: 'x'.repeat(5000) }],
  }),
)
ask('all offsets of the group', (send) =>
  send(offsetFetchApi, { group: names.group, partitions: null, requireStable: true }),
)
ask('some offsets of the group', (send) =>
  send(offsetFetchApi, {
    group: names.group,
    partitions: [0, 1].map((partition) => ({ topic: names.topic, partition })),
    requireStable: true,
  }),
)
ask('offsets of an unknown group', (send) =>
  send(offsetFetchApi, { group: 'none', partitions: null, requireStable: false }),
)
ask('deleting an offset', (send) =>
  send(offsetDeleteApi, { group: names.group, partitions: [{ topic: names.topic, partition: 0 }] }),
)
ask('deleting an offset of an unknown group', (send) =>
  error(send(offsetDeleteApi, { group: 'none', partitions: [{ topic: names.topic, partition: 0 }] })),
)
ask('deleting an unknown group', (send) => send(deleteGroupsApi, `none-${names.group}`))

const init = (timeoutMs: number, previous: Identity | null = null, transactionalId = names.id) => ({
  transactionalId,
  timeoutMs,
  previous,
})
const transaction = { transactionalId: names.id }
const partition = (at = 0, topic = names.topic) => [{ topic, partition: at }]
const add = (send: Ask, who: Identity, partitions = partition()) =>
  send(addPartitionsToTxnApi, { ...transaction, ...who, partitions })
const end = (send: Ask, who: Identity, isCommit: boolean) =>
  send(endTxnApi, { ...transaction, ...who, isCommit })

ask('a transactional id without text', (send) => error(send(initProducerIdApi, init(60_000, null, ''))))
ask('a transaction of no time', (send) => error(send(initProducerIdApi, init(0))))
ask('a transaction of much time', (send) => error(send(initProducerIdApi, init(900_001))))
ask('a first producer', async (send, who) => {
  const given = await send(initProducerIdApi, init(60_000))
  Object.assign(who, { id: given.id, epoch: given.epoch })
  return { error: given.error, epoch: given.epoch }
})
ask('ending what has not begun', (send, who) => end(send, who, true))
ask('adding an unknown partition', (send, who) => add(send, who, partition(9)))
ask('adding as another producer', (send, who) => add(send, { id: who.id + 1000, epoch: who.epoch }))
ask('adding under a later epoch', (send, who) => add(send, { id: who.id, epoch: who.epoch + 1 }))
ask('adding', (send, who) => add(send, who))
ask('adding again', (send, who) => add(send, who))
ask('committing under another epoch', (send, who) => end(send, { id: who.id, epoch: who.epoch + 1 }, true))
ask('committing', (send, who) => end(send, who, true))
ask('committing again', (send, who) => end(send, who, true))
ask('aborting what was committed', (send, who) => end(send, who, false))
ask('adding the next', (send, who) => add(send, who, [...partition(0), ...partition(1)]))
ask('aborting', (send, who) => end(send, who, false))
ask('aborting again', (send, who) => end(send, who, false))
ask('committing what was aborted', (send, who) => end(send, who, true))
ask('the same producer again', async (send, who) => {
  const given = await send(initProducerIdApi, init(60_000, { id: who.id, epoch: who.epoch }))
  const { epoch } = who
  Object.assign(who, { id: given.id, epoch: given.epoch })
  return { error: given.error, isNext: given.epoch === epoch + 1 }
})
ask('a producer that is not the last', (send, who) =>
  error(send(initProducerIdApi, init(60_000, { id: who.id, epoch: who.epoch + 5 }))),
)
ask('the old one adding', (send, who) => add(send, { id: who.id, epoch: who.epoch - 1 }))
ask('the end behind two transactions', async (send) => [
  await send(listOffsetsApi, offsets(-1)),
  await send(listOffsetsApi, offsets(-1, 1)),
])
ask('fetching behind markers', (send) => send(fetchApi, fetch(2)))

describe.skipIf(kafkaBootstrap === null)('the embedded broker answers as Apache Kafka does', () => {
  const answers = { kafka: new Map<string, unknown>(), embedded: new Map<string, unknown>() }
  let broker: Broker

  beforeAll(async () => {
    broker = await Broker.open({ host: '127.0.0.1', port: 0, dataDir: null, log: silentLogger })
    await collect(kafkaBootstrap!, answers.kafka)
    await collect(`127.0.0.1:${broker.port}`, answers.embedded)
  }, 120_000)

  afterAll(() => broker?.close())

  for (const title of Object.keys(questions)) {
    test(title, () => {
      expect(answers.embedded.get(title)).toEqual(answers.kafka.get(title))
    })
  }
})

/** Asks everything of one broker; what is only not ready yet is asked again. */
async function collect(bootstrap: string, answers: Map<string, unknown>): Promise<void> {
  const reader = new SettingsReader({ 'bootstrap.servers': bootstrap })
  const cluster = new Cluster(readConnectionSettings(reader, { clientId: 'differences' }), silentLogger)
  try {
    const connection = await cluster.anyConnection()
    const send: Ask = (api, request) => connection.request(api, request)
    const identity: Identity = { id: -1, epoch: -1 }
    for (const [title, question] of Object.entries(questions)) {
      for (let attempt = 0; ; attempt++) {
        const answer = await question(send, identity).catch((thrown: Error) => ({ thrown: thrown.message }))
        answers.set(title, answer)
        if (attempt >= 100 || !isPassing(title, answer)) break
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  } finally {
    cluster.close()
  }
}

/** A topic that was made a moment ago, a coordinator that loads, a transaction that is ending. */
function isPassing(title: string, answer: unknown): boolean {
  const text = JSON.stringify(answer)
  const codes = [...text.matchAll(/"(?:error|code)":(-?\d+)/g)].map(([, code]) => Number(code))
  if (typeof answer === 'number') codes.push(answer)
  if (codes.some((code) => code === concurrentTransactions || code === 14 || code === 15 || code === 16))
    return true
  return !title.includes('unknown') && codes.some((code) => notLeaderYet.has(code))
}
