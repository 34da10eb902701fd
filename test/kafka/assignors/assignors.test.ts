import { describe, expect, test } from 'vitest'
import type { Assignment, Member } from '../../../src/kafka/assignors/assignor.ts'
import { rangeAssignor } from '../../../src/kafka/assignors/range.ts'
import { roundRobinAssignor } from '../../../src/kafka/assignors/round-robin.ts'
import { cooperativeStickyAssignor, stickyAssignor } from '../../../src/kafka/assignors/sticky.ts'
import { encodeStickyUserData } from '../../../src/kafka/consumer-protocol.ts'

describe('range', () => {
  test('cuts each topic into pieces, the first members taking the rest', () => {
    const counts = new Map(Object.entries({ t0: 3, t1: 3 }))
    expect(readable(rangeAssignor.assign(counts, members('a', 'b')))).toEqual({
      a: ['t0-0', 't0-1', 't1-0', 't1-1'],
      b: ['t0-2', 't1-2'],
    })
  })

  test('gives a topic only to those who want it, static members first', () => {
    const counts = new Map(Object.entries({ t0: 2, t1: 1 }))
    const some = [member('a', { topics: ['t0'] }), member('b', { topics: ['t0', 't1'], instanceId: 'i' })]
    expect(readable(rangeAssignor.assign(counts, some))).toEqual({ a: ['t0-1'], b: ['t0-0', 't1-0'] })
  })
})

describe('round robin', () => {
  test('deals all partitions in turn', () => {
    const counts = new Map(Object.entries({ t0: 3, t1: 3 }))
    expect(readable(roundRobinAssignor.assign(counts, members('a', 'b')))).toEqual({
      a: ['t0-0', 't0-2', 't1-1'],
      b: ['t0-1', 't1-0', 't1-2'],
    })
  })

  test('passes over members that do not want a topic', () => {
    const counts = new Map(Object.entries({ t0: 1, t1: 2, t2: 3 }))
    const some = [
      member('a', { topics: ['t0'] }),
      member('b', { topics: ['t0', 't1'] }),
      member('c', { topics: ['t0', 't1', 't2'] }),
    ]
    expect(readable(roundRobinAssignor.assign(counts, some))).toEqual({
      a: ['t0-0'],
      b: ['t1-0'],
      c: ['t1-1', 't2-0', 't2-1', 't2-2'],
    })
  })
})

describe('sticky', () => {
  test('keeps what members have, and moves only what balance asks for', () => {
    const counts = new Map([['t0', 6]])
    const first = stickyAssignor.assign(counts, [member('a', {}), member('b', {})])
    const remembering = [...first].map(([id, owned]) =>
      member(id, { userData: encodeStickyUserData(owned, 1) }),
    )
    const second = stickyAssignor.assign(counts, [...remembering, member('c', {})])
    expect([...second.values()].map((partitions) => partitions.length)).toEqual([2, 2, 2])
    for (const id of ['a', 'b']) {
      expect(readable(first)[id]).toEqual(expect.arrayContaining(readable(second)[id]!))
    }
  })

  test('believes the later of two generations that claim the same partition', () => {
    const owned = [{ topic: 't0', partition: 0 }]
    const claims = [
      member('a', { userData: encodeStickyUserData(owned, 1) }),
      member('b', { userData: encodeStickyUserData(owned, 2) }),
    ]
    expect(readable(stickyAssignor.assign(new Map([['t0', 1]]), claims))).toEqual({ a: [], b: ['t0-0'] })
  })

  test('is balanced with many members and topics, also where not all want the same', () => {
    const counts = new Map(Array.from({ length: 20 }, (_, i) => [`t${i}`, 1 + (i % 7)]))
    const topics = [...counts.keys()]
    const some = Array.from({ length: 9 }, (_, i) =>
      member(`m${i}`, { topics: i < 3 ? topics.slice(0, 10) : topics }),
    )
    const assignment = stickyAssignor.assign(counts, some)
    const sizes = [...assignment.values()].map((partitions) => partitions.length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    const all = [...assignment.values()].flat().map(({ topic, partition }) => `${topic}-${partition}`)
    expect(new Set(all).size).toBe([...counts.values()].reduce((a, b) => a + b))
    expect(all.length).toBe(new Set(all).size)
  })
})

describe('cooperative-sticky', () => {
  test('gives a partition to its new owner only when the old one has let it go', () => {
    const counts = new Map([['t0', 4]])
    const owned = [0, 1, 2, 3].map((partition) => ({ topic: 't0', partition }))
    const first = cooperativeStickyAssignor.assign(counts, [
      member('a', { owned, generation: 1 }),
      member('b', {}),
    ])
    expect(first.get('a')).toHaveLength(2)
    expect(first.get('b')).toEqual([])
    const second = cooperativeStickyAssignor.assign(counts, [
      member('a', { owned: first.get('a')!, generation: 2 }),
      member('b', { generation: 2 }),
    ])
    expect(second.get('a')).toEqual(first.get('a'))
    expect(second.get('b')).toHaveLength(2)
  })
})

function member(memberId: string, rest: Partial<Member>): Member {
  const nothing = { instanceId: null, owned: [], generation: -1, userData: null }
  return { memberId, topics: ['t0', 't1', 't2'], ...nothing, ...rest }
}

function members(...ids: string[]): Member[] {
  return ids.map((id) => member(id, {}))
}

function readable(assignment: Assignment): Record<string, string[]> {
  return Object.fromEntries(
    [...assignment].map(([id, partitions]) => [id, partitions.map((p) => `${p.topic}-${p.partition}`)]),
  )
}
