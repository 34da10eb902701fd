import { expect, test } from 'vitest'
import type { TopicPartition } from '../../src/kafka/client.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { readConsumerSettings } from '../../src/kafka/consumer-settings.ts'
import type { GroupMember, JoinedGroup } from '../../src/kafka/group-member.ts'
import { Rebalancer } from '../../src/kafka/rebalancer.ts'
import { silentLogger } from '../../src/util/logger.ts'

const onePartition = { partitions: [{ topic: 't', partition: 0 }], dealt: new Map([['t', 1]]) }

/** A member of a group whose joins are answered by the test, and what the cluster says of the topics. */
function member(topics: Readonly<Record<string, number>>) {
  const known = new Map<string, { partitions: unknown[] }>()
  const know = (counts: Readonly<Record<string, number>>) => {
    for (const [topic, count] of Object.entries(counts))
      known.set(topic, { partitions: Array(count).fill({}) })
  }
  know(topics)
  const joins: ((joined: JoinedGroup) => void)[] = []
  const group = {
    needsJoin: true,
    isMember: false,
    isFenced: false,
    isCooperative: false,
    generation: 1,
    join() {
      this.needsJoin = false
      this.isMember = true
      return new Promise<JoinedGroup>((resolve) => joins.push(resolve))
    },
  }
  const assigned: TopicPartition[] = []
  const rebalancer = new Rebalancer({
    settings: readConsumerSettings({ 'bootstrap.servers': 'a:1', 'group.id': 'g' }, silentLogger),
    cluster: { brokers: new Map([[1, {}]]), topics: known } as unknown as Cluster,
    group: group as unknown as GroupMember,
    partitions: new Map(),
    listener: {
      assigned: async (partitions) => void assigned.push(...partitions),
      revoked: async () => {},
      lost: async () => {},
    },
    log: silentLogger,
    subscribed: () => ['t'],
    changed: () => {},
  })
  /** The answer to the join that is under way; then the next poll. */
  const answer = async (joined: JoinedGroup) => {
    joins.at(-1)!(joined)
    await new Promise(setImmediate)
    await rebalancer.advance()
  }
  return { rebalancer, joins, assigned, know, answer }
}

test('a topic that comes while its group is dealing out is dealt out in another round', async () => {
  const { rebalancer, joins, assigned, know, answer } = member({ t: 0 })
  await rebalancer.advance()
  know({ t: 1 })
  await answer({ partitions: [], dealt: new Map([['t', 0]]) })
  expect(joins.length).toBe(2)
  await answer(onePartition)
  expect(assigned).toEqual([{ topic: 't', partition: 0 }])
  await rebalancer.advance()
  expect(joins.length).toBe(2)
})

test('a topic with more partitions than were dealt out is dealt out anew, by the leader', async () => {
  for (const { dealt, rounds } of [
    { dealt: new Map([['t', 1]]), rounds: 2 },
    { dealt: null, rounds: 1 },
  ]) {
    const { rebalancer, joins, know, answer } = member({ t: 1 })
    await rebalancer.advance()
    await answer({ ...onePartition, dealt })
    know({ t: 3 })
    await rebalancer.advance()
    expect(joins.length).toBe(rounds)
  }
})

test('topics that only other members want are dealt out once', async () => {
  const { rebalancer, joins, answer } = member({ t: 1 })
  await rebalancer.advance()
  await answer({ ...onePartition, dealt: new Map([...onePartition.dealt, ['theirs', 2]]) })
  await rebalancer.advance()
  expect(joins.length).toBe(1)
})
