import { describe, expect, onTestFinished, test } from 'vitest'
import { GroupCoordinator, type GroupCoordinatorDeps } from '../../../src/broker/groups/group-coordinator.ts'
import type { JoinRequest } from '../../../src/broker/groups/group.ts'
import type { JoinResult } from '../../../src/broker/groups/member.ts'
import type { JournalEntry } from '../../../src/broker/journal-entries.ts'
import { silentLogger } from '../../../src/util/logger.ts'

function coordinator(options: Partial<GroupCoordinatorDeps> = {}) {
  const entries: JournalEntry[] = []
  const groups = new GroupCoordinator({
    initialRebalanceDelayMs: 0,
    minSessionTimeoutMs: 10,
    maxSessionTimeoutMs: 100_000,
    offsetsRetentionMs: 1000,
    journal: (entry) => entries.push(structuredClone(entry)),
    now: () => Date.now(),
    log: silentLogger,
    ...options,
  })
  onTestFinished(() => groups.close())
  return { groups, entries }
}

const joinRequest = (changes: Partial<JoinRequest> = {}): JoinRequest => ({
  memberId: '',
  instanceId: null,
  clientId: 'c',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: subscription('t') }],
  requiresKnownMemberId: false,
  supportsSkippingAssignment: false,
  onDisconnect: () => () => {},
  ...changes,
})

function subscription(...topics: string[]): Buffer {
  const bytes = [Buffer.from([0, 0]), Buffer.from([0, 0, 0, topics.length])]
  for (const topic of topics) bytes.push(Buffer.from([0, topic.length]), Buffer.from(topic))
  return Buffer.concat([...bytes, Buffer.from([255, 255, 255, 255])])
}

const syncRequest = (member: JoinResult, assignments: Record<string, string> = {}) => ({
  memberId: member.memberId,
  instanceId: null,
  generation: member.generation,
  protocolType: null,
  protocol: null,
  assignments: new Map(Object.entries(assignments).map(([id, text]) => [id, Buffer.from(text)])),
  onDisconnect: () => () => {},
})

const identity = ({ memberId }: { memberId: string }) => ({ memberId, instanceId: null })

/** A group of one that has its assignment. */
async function stable(groups: GroupCoordinator, changes: Partial<JoinRequest> = {}) {
  const member = await groups.join('g', joinRequest(changes))
  const { assignment } = await groups.sync('g', {
    ...syncRequest(member, { [member.memberId]: 'mine' }),
    instanceId: changes.instanceId ?? null,
  })
  expect(assignment.toString()).toBe('mine')
  return member
}

describe('joining a group', () => {
  test('gives a new member of version 4 and up its id first, with 79', async () => {
    const { groups } = coordinator()
    const asked = await groups.join('g', joinRequest({ requiresKnownMemberId: true }))
    expect(asked).toMatchObject({ error: 79, generation: -1 })
    expect(asked.memberId).toMatch(/^c-/)
    const joined = await groups.join(
      'g',
      joinRequest({ memberId: asked.memberId, requiresKnownMemberId: true }),
    )
    expect(joined).toMatchObject({
      error: 0,
      generation: 1,
      leader: asked.memberId,
      memberId: asked.memberId,
    })
  })

  test('shows the members to the leader alone, and brings its assignment to all', async () => {
    const { groups } = coordinator()
    const first = await stable(groups)
    const joining = groups.join('g', joinRequest())
    expect(groups.heartbeat('g', identity(first), 1)).toBe(27)
    const [again, second] = await Promise.all([
      groups.join('g', joinRequest({ memberId: first.memberId })),
      joining,
    ])
    expect([again.generation, second.generation]).toEqual([2, 2])
    expect([again.leader, second.leader]).toEqual([first.memberId, first.memberId])
    expect([again.members.length, second.members.length]).toEqual([2, 0])
    const waiting = groups.sync('g', syncRequest(second))
    const own = await groups.sync(
      'g',
      syncRequest(again, { [again.memberId]: 'one', [second.memberId]: 'two' }),
    )
    expect([own.assignment.toString(), (await waiting).assignment.toString()]).toEqual(['one', 'two'])
    expect(groups.heartbeat('g', identity(second), 2)).toBe(0)
  })

  test('chooses the protocol that all know and most prefer', async () => {
    const { groups } = coordinator()
    const protocols = (...names: string[]) => names.map((name) => ({ name, metadata: subscription('t') }))
    const first = await stable(groups, { protocols: protocols('only-mine', 'range', 'sticky') })
    const others = [protocols('sticky', 'range'), protocols('sticky', 'range')].map((p) =>
      groups.join('g', joinRequest({ protocols: p })),
    )
    const again = await groups.join(
      'g',
      joinRequest({ memberId: first.memberId, protocols: protocols('only-mine', 'range', 'sticky') }),
    )
    expect(again.protocol).toBe('sticky')
    expect((await Promise.all(others)).map(({ protocol }) => protocol)).toEqual(['sticky', 'sticky'])
  })

  for (const { what, request, error } of [
    {
      what: 'no common protocol',
      request: { protocols: [{ name: 'other', metadata: Buffer.alloc(0) }] },
      error: 23,
    },
    { what: 'another protocol type', request: { protocolType: 'connect' }, error: 23 },
    { what: 'no protocols', request: { protocols: [] }, error: 23 },
    { what: 'a member id that nobody gave', request: { memberId: 'made-up' }, error: 25 },
    { what: 'an unknown instance with an id', request: { memberId: 'made-up', instanceId: 'i' }, error: 25 },
    { what: 'a session timeout that is too short', request: { sessionTimeoutMs: 1 }, error: 26 },
    { what: 'a session timeout that is too long', request: { sessionTimeoutMs: 1e9 }, error: 26 },
  ]) {
    test(`refuses ${what} with ${error}`, async () => {
      const { groups } = coordinator()
      await stable(groups)
      expect(await groups.join('g', joinRequest(request))).toMatchObject({ error })
    })
  }

  test('waits before the first generation where that is set', async () => {
    const { groups } = coordinator({ initialRebalanceDelayMs: 60 })
    const started = performance.now()
    const joined = await Promise.all([groups.join('g', joinRequest()), groups.join('g', joinRequest())])
    expect(joined.map(({ generation }) => generation)).toEqual([1, 1])
    expect(performance.now() - started).toBeGreaterThan(50)
  })

  test('drops members that do not come back within the rebalance timeout', async () => {
    const { groups } = coordinator()
    const lost = await stable(groups, { rebalanceTimeoutMs: 50 })
    const joined = await groups.join('g', joinRequest({ rebalanceTimeoutMs: 50 }))
    expect(joined).toMatchObject({ generation: 2, leader: joined.memberId })
    expect(groups.heartbeat('g', identity(lost), 1)).toBe(25)
  })

  test('drops a member that is not heard for its session timeout, and the others join again', async () => {
    const { groups } = coordinator()
    const silent = await stable(groups, { sessionTimeoutMs: 60, rebalanceTimeoutMs: 60_000 })
    const joined = await groups.join('g', joinRequest())
    expect(joined).toMatchObject({ generation: 2, leader: joined.memberId })
    expect(groups.heartbeat('g', identity(silent), 1)).toBe(25)
  })

  test('does not drop members because the event loop itself was late', async () => {
    const { groups } = coordinator()
    const member = await stable(groups, { sessionTimeoutMs: 400 })
    const until = performance.now() + 800
    while (performance.now() < until) {
      // Blocks the loop on purpose.
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(groups.heartbeat('g', identity(member), 1)).toBe(0)
  })

  test('lets the next one in when a waiting member hangs up', async () => {
    const { groups } = coordinator()
    const first = await stable(groups)
    let hangUp = () => {}
    void groups.join(
      'g',
      joinRequest({ sessionTimeoutMs: 60, onDisconnect: (listener) => ((hangUp = listener), () => {}) }),
    )
    hangUp()
    const again = await groups.join('g', joinRequest({ memberId: first.memberId }))
    expect(again.members).toHaveLength(1)
  })

  test('gives a late follower its assignment, and an early one 27 when another rebalance begins', async () => {
    const { groups } = coordinator()
    const first = await stable(groups)
    const joining = groups.join('g', joinRequest())
    const again = await groups.join('g', joinRequest({ memberId: first.memberId }))
    const second = await joining
    const waiting = groups.sync('g', syncRequest(second))
    const third = groups.join('g', joinRequest())
    expect(await waiting).toMatchObject({ error: 27 })
    expect(await groups.sync('g', syncRequest(again))).toMatchObject({ error: 27 })
    expect(groups.leave('g', identity(again))).toBe(0)
    expect(groups.leave('g', identity(second))).toBe(0)
    expect((await third).generation).toBe(3)
  })
})

describe('a static member', () => {
  test('keeps its assignment under a new id, without a rebalance, and the old id is fenced', async () => {
    const { groups } = coordinator()
    const before = await stable(groups, { instanceId: 'one' })
    const after = await groups.join('g', joinRequest({ instanceId: 'one' }))
    expect(after).toMatchObject({ error: 0, generation: 1 })
    expect(after.memberId).not.toBe(before.memberId)
    expect(groups.heartbeat('g', { memberId: before.memberId, instanceId: 'one' }, 1)).toBe(82)
    const synced = await groups.sync('g', { ...syncRequest(after), instanceId: 'one' })
    expect(synced.assignment.toString()).toBe('mine')
  })

  test('joins anew when it wants other topics', async () => {
    const { groups } = coordinator()
    await stable(groups, { instanceId: 'one' })
    const protocols = [{ name: 'range', metadata: subscription('t', 'more') }]
    expect(await groups.join('g', joinRequest({ instanceId: 'one', protocols }))).toMatchObject({
      generation: 2,
    })
  })

  test('tells a leader of version 9 to skip the assignment', async () => {
    const { groups } = coordinator()
    await stable(groups, { instanceId: 'one' })
    const after = await groups.join('g', joinRequest({ instanceId: 'one', supportsSkippingAssignment: true }))
    expect(after).toMatchObject({ skipAssignment: true, leader: after.memberId })
    expect(after.members).toHaveLength(1)
  })

  test('is removed by an administrator by its instance id', async () => {
    const { groups } = coordinator()
    await stable(groups, { instanceId: 'one' })
    expect(groups.leave('g', { memberId: '', instanceId: 'two' })).toBe(25)
    expect(groups.leave('g', { memberId: '', instanceId: 'one' })).toBe(0)
    expect(groups.get('g')).toMatchObject({ state: 'Empty', isEmpty: true })
  })
})

describe('committing offsets', () => {
  const offset = (value: number) => ({
    topic: 't',
    partition: 0,
    offset: value,
    leaderEpoch: 0,
    metadata: 'm',
  })

  test('asks for the member and its generation', async () => {
    const { groups } = coordinator()
    const member = await stable(groups)
    const check = (changes: object) =>
      groups.checkCommit('g', { memberId: member.memberId, instanceId: null, generation: 1, ...changes })
    expect(check({})).toBe(0)
    expect(check({ generation: 0 })).toBe(22)
    expect(check({ memberId: 'other' })).toBe(25)
    expect(check({ generation: -1, memberId: '' })).toBe(25)
    expect(groups.checkCommit('unknown', { memberId: 'x', instanceId: null, generation: 3 })).toBe(22)
  })

  test('is allowed without a generation while the group is empty, and in a rebalance with the old one', async () => {
    const { groups } = coordinator()
    const nobody = { memberId: '', instanceId: null, generation: -1 }
    expect(groups.checkCommit('g', nobody)).toBe(0)
    groups.commit('g', [offset(3)])
    const member = await stable(groups)
    void groups.join('g', joinRequest())
    expect(groups.checkCommit('g', { memberId: member.memberId, instanceId: null, generation: 1 })).toBe(0)
    await groups.join('g', joinRequest({ memberId: member.memberId }))
    expect(groups.checkCommit('g', { memberId: member.memberId, instanceId: null, generation: 2 })).toBe(27)
  })

  test('survives in the journal, with the members and their generation', async () => {
    const { groups, entries } = coordinator()
    const member = await stable(groups)
    groups.commit('g', [offset(42)])
    for (const journal of [entries, groups.snapshot()]) {
      const { groups: restored } = coordinator()
      for (const entry of journal) restored.restore(JSON.parse(JSON.stringify(entry)) as JournalEntry)
      expect(restored.get('g')!.offsets.get('t', 0)).toMatchObject({ offset: 42, metadata: 'm' })
      expect(restored.heartbeat('g', identity(member), 1)).toBe(0)
      expect((await restored.sync('g', syncRequest(member))).assignment.toString()).toBe('mine')
      expect(restored.leave('g', identity(member))).toBe(0)
      expect((await restored.join('g', joinRequest())).generation).toBe(3)
    }
  })

  test('deletes only groups without members, and offsets of topics that nobody reads', async () => {
    const { groups } = coordinator()
    const member = await stable(groups)
    groups.commit('g', [offset(1), { ...offset(2), topic: 'other' }])
    expect(groups.deleteGroup('g')).toBe(68)
    expect(groups.deleteGroup('unknown')).toBe(69)
    expect(
      groups.deleteOffsets('g', [
        ['t', 0],
        ['other', 0],
      ]),
    ).toEqual([86, 0])
    expect(groups.get('g')!.offsets.topics()).toEqual(['t'])
    groups.leave('g', identity(member))
    expect(groups.deleteGroup('g')).toBe(0)
    expect(groups.get('g')).toBeUndefined()
  })

  test('expires offsets of groups that were empty for long, never those of a group with members', async () => {
    let now = 1000
    const { groups } = coordinator({ now: () => now })
    await stable(groups)
    groups.commit('g', [offset(1)])
    groups.commit('empty', [offset(1)])
    now = 1500
    groups.expire()
    expect(groups.all().map(({ id }) => id)).toEqual(['g', 'empty'])
    now = 10_000
    groups.expire()
    expect(groups.all().map(({ id }) => id)).toEqual(['g'])
  })
})
