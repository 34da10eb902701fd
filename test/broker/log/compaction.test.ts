import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Cleanings } from '../../../src/broker/log/cleanings.ts'
import type { LogSettings, PartitionLog } from '../../../src/broker/log/partition-log.ts'
import { compress, decompress } from '../../../src/protocol/codecs.ts'
import {
  type CodecName,
  codecIds,
  isBatchIntact,
  readBatchHeader,
  RecordBatchBuilder,
  RecordReader,
} from '../../../src/protocol/record-batch.ts'
import { batchOf } from '../batches.ts'
import { temporaryFolder } from '../open-broker.ts'
import { openPartitionLog } from '../open-log.ts'

const compaction = {
  minCleanableDirtyRatio: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  deleteRetentionMs: 1000,
}

const settings: Partial<LogSettings> = { segmentBytes: 300, retentionMs: 1, isDeleted: false, compaction }

type Entry = readonly [key: string | null, value: string | null]

/** A log whose clock the test turns. */
function openLog(directory: string | null, changes: Partial<LogSettings> = {}) {
  const clock = { now: 5000 }
  const { partition, lines } = openPartitionLog(
    directory,
    { ...settings, ...changes },
    { now: () => clock.now },
  )
  onTestFinished(() => partition.close())
  return { partition, clock, lines }
}

async function keyed(entries: readonly Entry[], codec: CodecName = 'none'): Promise<Buffer> {
  const builder = new RecordBatchBuilder()
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
  for (const [i, [key, value]] of entries.entries()) builder.append(2000 + i, bytes(key), bytes(value), null)
  if (codec === 'none') return Buffer.from(builder.close())
  return builder.close({ codec: codecIds[codec] }, await compress(codec, builder.records(), null))
}

/** What a reader gets from the offset on, batch checksums included. */
async function contents(
  partition: PartitionLog,
  from = 0,
): Promise<[number, string | null, string | null][]> {
  const found: [number, string | null, string | null][] = []
  for (let offset = from; offset < partition.endOffset;) {
    const bytes = partition.read(offset, 1000, true)
    if (bytes.length === 0) break
    for (let at = 0; at < bytes.length;) {
      const header = readBatchHeader(bytes, at)!
      expect(isBatchIntact(bytes, header)).toBe(true)
      const records = await decompress(header.codec, bytes.subarray(at + 61, header.end), 1e6)
      const reader = new RecordReader(header, records)
      while (reader.next()) {
        const text = (part: Buffer | null) => (part === null ? null : part.toString())
        if (reader.offset >= from) found.push([reader.offset, text(reader.key), text(reader.value)])
      }
      offset = header.lastOffset + 1
      at = header.end
    }
  }
  return found
}

async function fill(partition: PartitionLog, entries: readonly Entry[], codec?: CodecName) {
  for (const entry of entries) partition.append(await keyed([entry, [`own ${entry[1]}`, 'x']], codec))
  partition.roll()
  await partition.flush()
}

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

  test('is whole wherever a compaction was cut off', async () => {
    const folder = temporaryFolder()
    const { partition } = openLog(folder)
    await fill(partition, churn)
    await partition.close()
    const before = temporaryFolder()
    cpSync(folder, before, { recursive: true })
    const again = openLog(folder)
    await again.partition.compact()
    const after = await contents(again.partition)
    await again.partition.close()
    const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
    for (const [i, name] of logs.entries()) {
      for (const withIndex of [true, false]) {
        // Segments before this one are replaced, this one with or without its new checkpoint, a part of the next is written.
        const image = temporaryFolder()
        cpSync(before, image, { recursive: true })
        for (const done of logs.slice(0, i + 1)) {
          cpSync(join(folder, done), join(image, done))
          const index = done.replace('.log', '.index')
          rmSync(join(image, index), { force: true })
          if (done !== name || withIndex)
            cpSync(join(folder, index), join(image, index), {
              force: true,
              recursive: true,
              errorOnExist: false,
              filter: () => readdirSync(folder).includes(index),
            })
        }
        writeFileSync(join(image, '00000000000000000099.cleaned'), 'half a batch')
        const recovered = openLog(image)
        expect(recovered.partition.endOffset).toBe(again.partition.endOffset)
        await recovered.partition.flush()
        await recovered.partition.compact()
        expect(await contents(recovered.partition)).toEqual(after)
        expect(recovered.lines.filter((line) => line.includes('ERROR'))).toEqual([])
        expect(readdirSync(image).filter((file) => file.endsWith('.cleaned'))).toEqual([])
        await recovered.partition.close()
      }
    }
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
