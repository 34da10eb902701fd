import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Cleanings } from '../../../src/broker/log/cleanings.ts'
import { codecIds, readBatchHeader } from '../../../src/protocol/record-batch.ts'
import { batchOf } from '../batches.ts'
import { temporaryFolder } from '../open-broker.ts'
import { compaction, contents, type Entry, fill, keyed, openLog } from './compacted-log.ts'

/** Ten keys, each written often. */
const churn: Entry[] = Array.from({ length: 60 }, (_, i) => [`k${(i * 7) % 10}`, `v${i}`])

const places: readonly [string, () => string | null][] = [
  ['on disk', temporaryFolder],
  ['in memory', () => null],
]

describe.each(places)('a compacted log %s', (_, folder) => {
  test('keeps the newest record of each key under its old offset', async () => {
    const { partition } = openLog(folder())
    await fill(partition, churn)
    const before = await contents(partition)
    const end = partition.endOffset
    await partition.compact()
    const after = await contents(partition)
    const newest = new Map(before.map((record) => [record[1], record]))
    expect(after).toEqual([...newest.values()].sort(([a], [b]) => a - b))
    expect(after.length).toBeLessThan(before.length)
    expect([partition.startOffset, partition.endOffset]).toEqual([0, end])
    partition.append(await keyed([['new', 'n']]))
    expect((await contents(partition)).at(-1)).toEqual([end, 'new', 'n'])
  })

  test('can be read from any offset, also from one that is gone', async () => {
    const { partition } = openLog(folder())
    // One key alone: whole segments become empty.
    for (let i = 0; i < 40; i++) partition.append(await keyed([['k', `v${i}`]]))
    partition.roll()
    await partition.flush()
    await partition.compact()
    partition.append(await keyed([['z', 'last']]))
    for (let from = 0; from <= 40; from++) {
      const expected = [
        [39, 'k', 'v39'],
        [40, 'z', 'last'],
      ].filter(([offset]) => (offset as number) >= from)
      expect(await contents(partition, from)).toEqual(expected)
    }
  })

  test('shows a tombstone for delete.retention.ms after it was cleaned, and then no more', async () => {
    const { partition, clock } = openLog(folder())
    await fill(partition, [
      ['k', 'v'],
      ['k', null],
    ])
    await partition.compact()
    const tombstone = (record: readonly unknown[]) => record[1] === 'k'
    expect((await contents(partition)).filter(tombstone)).toEqual([[2, 'k', null]])
    clock.now += 999
    await fill(partition, [['other', '1']])
    await partition.compact()
    expect((await contents(partition)).filter(tombstone)).toEqual([[2, 'k', null]])
    clock.now += 2
    await fill(partition, [['other', '2']])
    await partition.compact()
    expect((await contents(partition)).filter(tombstone)).toEqual([])
  })

  test('is not deleted by its age, unless its policy says so, too', async () => {
    const kept = openLog(folder())
    await fill(kept.partition, churn)
    kept.clock.now += 1e6
    kept.partition.retain()
    expect(kept.partition.startOffset).toBe(0)
    const both = openLog(folder(), { isDeleted: true })
    await fill(both.partition, churn)
    both.clock.now += 1e6
    both.partition.retain()
    expect(both.partition.startOffset).toBe(both.partition.endOffset)
  })
})

describe('a compacted log', () => {
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    test(`keeps ${codec} batches compressed`, async () => {
      const { partition } = openLog(null)
      await fill(partition, churn, codec)
      const before = await contents(partition)
      await partition.compact()
      const after = await contents(partition)
      expect(after).toHaveLength(new Set(before.map(([, key]) => key)).size)
      const codecs = new Set<number>()
      for (let offset = 0; offset < partition.endOffset;) {
        const header = readBatchHeader(partition.read(offset, 0, true), 0)!
        codecs.add(header.codec)
        offset = header.lastOffset + 1
      }
      expect([...codecs]).toEqual([codecIds[codec]])
    })
  }

  test('refuses records without a key', () => {
    const { partition } = openLog(null)
    expect(() => partition.append(batchOf({ values: ['a'] }))).toThrow(
      'Compacted topic cannot accept message without key in topic partition t-0',
    )
  })

  test('leaves records alone that are younger than min.compaction.lag.ms', async () => {
    const lag = openLog(null, { compaction: { ...compaction, minCompactionLagMs: 10_000 } })
    await fill(lag.partition, churn)
    await lag.partition.compact()
    expect(await contents(lag.partition)).toHaveLength(120)
    lag.clock.now = 20_000
    await lag.partition.compact()
    expect((await contents(lag.partition)).length).toBeLessThan(120)
  })

  test('is left alone while too little of it is new, unless that waits too long', async () => {
    const half = { ...compaction, minCleanableDirtyRatio: 0.5, maxCompactionLagMs: 50_000 }
    const { partition, clock } = openLog(null, { compaction: half })
    await fill(partition, churn)
    await partition.compact()
    const clean = await contents(partition)
    await fill(partition, [churn[0]!])
    await partition.compact()
    expect(await contents(partition)).toHaveLength(clean.length + 2)
    clock.now += 60_000
    await partition.compact()
    expect(await contents(partition)).toHaveLength(clean.length)
  })

  test('is read back after a restart as it was', async () => {
    const folder = temporaryFolder()
    const first = openLog(folder)
    await fill(first.partition, churn)
    await first.partition.compact()
    const seen = await contents(first.partition)
    const end = first.partition.endOffset
    await first.partition.close()
    const second = openLog(folder)
    expect(await contents(second.partition)).toEqual(seen)
    expect(second.partition.endOffset).toBe(end)
    expect(second.lines.filter((line) => /WARN|ERROR/.test(line))).toEqual([])
  })

  test('joins small segments as far as they fit into one', async () => {
    const folder = temporaryFolder()
    const { partition, lines } = openLog(folder, { segmentBytes: 1500 })
    for (let i = 0; i < 40; i++) await fill(partition, [[`k${i}`, `v${i}`]])
    const before = await contents(partition)
    const newest = new Map(before.map((record) => [record[1], record]))
    await partition.compact()
    expect(partition.segmentCount).toBeLessThan(10)
    const sizes = readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => statSync(join(folder, name)).size)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1500)
    expect(await contents(partition)).toEqual([...newest.values()].sort(([a], [b]) => a - b))
    expect(lines.join()).toMatch(/bytes in 40 segments became \d+ in \d\./)
  })

  test('is not held up by a batch that nobody can read', async () => {
    const { partition, lines } = openLog(null)
    await fill(partition, churn, 'gzip')
    partition.append(batchOf({ payload: Buffer.from('no gzip'), attributes: 1, timestamp: 1e12 }))
    await fill(partition, churn, 'gzip')
    const { size } = partition
    await partition.compact()
    expect(partition.read(120, 0, true).subarray(61).toString()).toBe('no gzip')
    expect(lines.join('\n')).toContain('The records of 1 batches of t-0 (at 120) cannot be read: they stay.')
    expect(partition.size).toBeLessThan(size / 1.8)
  })

  test('gives the rest to a reader in its middle while segments are joined', async () => {
    const { partition } = openLog(temporaryFolder(), { segmentBytes: 100_000 })
    for (let i = 0; i < 30; i++) await fill(partition, [[`k${i}`, `v${i}`]])
    const before = (await contents(partition, 20)).filter(([, key]) => key!.startsWith('k'))
    const compacting = partition.compact().then(() => true)
    for (let isDone = false; !isDone;) {
      expect((await contents(partition, 20)).filter(([, key]) => key!.startsWith('k'))).toEqual(before)
      isDone = await Promise.race([compacting, new Promise<false>((done) => setImmediate(done, false))])
    }
    expect(partition.segmentCount).toBe(2)
    expect((await contents(partition, 20)).filter(([, key]) => key!.startsWith('k'))).toEqual(before)
  })

  test('stays readable and writable while it is compacted', async () => {
    const { partition } = openLog(temporaryFolder())
    for (let round = 0; round < 5; round++) await fill(partition, churn)
    const compacting = partition.compact()
    partition.append(await keyed([['during', 'd']]))
    expect((await contents(partition)).at(-1)?.[1]).toBe('during')
    await compacting
    expect((await contents(partition)).at(-1)?.[1]).toBe('during')
  })
})

test('what was cleaned when is kept only as long as it is needed', () => {
  const path = join(temporaryFolder(), 'compaction')
  const cleanings = new Cleanings(path)
  for (let i = 1; i <= 100; i++) cleanings.add(i * 10, i, i - 5)
  const read = new Cleanings(path)
  expect(read.firstDirtyOffset).toBe(1000)
  expect([read.cleanAt(96), read.cleanAt(95), read.cleanAt(1)]).toEqual([960, 950, 0])
  writeFileSync(path, 'damaged')
  expect(new Cleanings(path).firstDirtyOffset).toBe(0)
})
