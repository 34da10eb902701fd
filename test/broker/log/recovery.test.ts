import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OpenFiles } from '../../../src/broker/log/disk-file.ts'
import type { LogSettings, PartitionLogDeps } from '../../../src/broker/log/partition-log.ts'
import { batchOf, offsetsIn } from '../batches.ts'
import { temporaryFolder } from '../open-broker.ts'
import { openPartitionLog } from '../open-log.ts'

const files = new OpenFiles(4)

const openLog = (
  directory: string | null,
  changes: Partial<LogSettings> = {},
  deps: Partial<PartitionLogDeps> = {},
) => openPartitionLog(directory, changes, { files, ...deps })

const logFile = (directory: string) => join(directory, '00000000000000000000.log')

describe('opening a log after a crash', () => {
  test('keeps every whole batch, wherever the last one was cut off', () => {
    const directory = temporaryFolder()
    const { partition } = openLog(directory)
    for (const value of ['first', 'second', 'third']) partition.append(batchOf({ values: [value] }))
    const whole = readFileSync(logFile(directory))
    const lastBytes = batchOf({ values: ['third'] }).length
    for (let cut = 1; cut <= lastBytes; cut++) {
      const copy = temporaryFolder()
      writeFileSync(logFile(copy), whole.subarray(0, whole.length - cut))
      const { partition: opened, lines } = openLog(copy)
      expect(opened.endOffset).toBe(2)
      if (cut < lastBytes)
        expect(lines.join('')).toMatch(/WARN .*t-0 has a damaged batch .* The next offset is 2\./)
      expect(statSync(logFile(copy)).size).toBe(whole.length - lastBytes)
      expect(opened.append(batchOf({ values: ['again'] })).baseOffset).toBe(2)
      expect(offsetsIn(opened.read(0, 1e6, true))).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
      ])
      rmSync(copy, { recursive: true })
    }
  })

  for (const { what, tail } of [
    { what: 'zeros', tail: Buffer.alloc(5000) },
    { what: 'noise', tail: Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251)) },
    { what: 'a batch of an earlier offset', tail: batchOf() },
    {
      what: 'a batch with a wrong checksum',
      tail: Buffer.concat([batchOf().subarray(0, 60), Buffer.alloc(50)]),
    },
  ]) {
    test(`cuts off a tail of ${what}`, () => {
      const directory = temporaryFolder()
      const { partition } = openLog(directory)
      partition.append(batchOf({ values: ['a', 'b'] }))
      const size = statSync(logFile(directory)).size
      appendFileSync(logFile(directory), tail)
      const { partition: opened, lines } = openLog(directory)
      expect(opened.endOffset).toBe(2)
      expect(statSync(logFile(directory)).size).toBe(size)
      expect(lines).toHaveLength(1)
    })
  }

  test('reads again only what lies behind the last checkpoint', async () => {
    const directory = temporaryFolder()
    const first = openLog(directory).partition
    first.append(batchOf({ values: ['a', 'b'] }))
    await first.close()
    const second = openLog(directory).partition
    expect(second.endOffset).toBe(2)
    second.append(batchOf({ values: ['c'] }))
    const third = openLog(directory)
    expect(third.partition.endOffset).toBe(3)
    expect(third.lines).toEqual([])
  })

  test('says that records are lost when a file is shorter than it was on the disk', async () => {
    const directory = temporaryFolder()
    const { partition } = openLog(directory)
    partition.append(batchOf({ values: ['a'] }))
    partition.append(batchOf({ values: ['b'] }))
    await partition.close()
    truncateSync(logFile(directory), batchOf({ values: ['a'] }).length)
    const { partition: opened, lines } = openLog(directory)
    expect(opened.endOffset).toBe(1)
    expect(lines.join('')).toMatch(/ERROR .*records are lost/)
  })

  for (const { what, damage } of [
    { what: 'missing', damage: (path: string) => rmSync(path) },
    { what: 'empty', damage: (path: string) => writeFileSync(path, '') },
    {
      what: 'damaged',
      damage: (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace(/\d/, 'x')),
    },
  ]) {
    test(`makes a ${what} index again`, async () => {
      const directory = temporaryFolder()
      const { partition } = openLog(directory, { segmentBytes: 500 })
      for (let at = 0; at < 30; at++)
        partition.append(batchOf({ values: ['x'.repeat(100)], timestamp: at * 10 }))
      await partition.close()
      for (const name of readdirSync(directory)) if (name.endsWith('.index')) damage(join(directory, name))
      const { partition: opened, lines } = openLog(directory)
      expect(opened.endOffset).toBe(30)
      expect(offsetsIn(opened.read(17, 1, true))).toEqual([[17, 17]])
      expect(opened.findSince(95)).toEqual({ offset: 10, timestamp: 100 })
      expect(lines).toEqual([])
    })
  }

  test('finds the segments of a log that was copied while it was written', async () => {
    const directory = temporaryFolder()
    const { partition } = openLog(directory, { segmentBytes: 300 })
    for (let at = 0; at < 20; at++) partition.append(batchOf({ values: ['x'.repeat(100)] }))
    const copy = temporaryFolder()
    cpSync(directory, copy, { recursive: true })
    await partition.flush()
    const { partition: opened } = openLog(copy)
    expect(opened.endOffset).toBe(20)
    for (let at = 0; at < 20; at++) expect(offsetsIn(opened.read(at, 1, true))).toEqual([[at, at]])
  })
})

describe('retention', () => {
  for (const directory of [() => temporaryFolder(), () => null]) {
    test('removes whole segments above retention.bytes and keeps counting', () => {
      const { partition } = openLog(directory(), { segmentBytes: 300, retentionBytes: 1000 })
      for (let at = 0; at < 30; at++) partition.append(batchOf({ values: ['x'.repeat(100)] }))
      partition.retain()
      expect(partition.size).toBeGreaterThanOrEqual(1000)
      expect(partition.size).toBeLessThan(1400)
      expect(partition.startOffset).toBeGreaterThan(0)
      expect(offsetsIn(partition.read(partition.startOffset, 1, true))[0]![0]).toBe(partition.startOffset)
      expect(partition.append(batchOf()).baseOffset).toBe(30)
    })

    test('removes segments whose newest record is older than retention.ms, the growing one too', () => {
      let now = 1000
      const { partition } = openLog(directory(), { segmentBytes: 300, retentionMs: 100 }, { now: () => now })
      for (let at = 0; at < 10; at++)
        partition.append(batchOf({ values: ['x'.repeat(100)], timestamp: 1000 + at * 10 }))
      now = 1150
      partition.retain()
      expect(partition.startOffset).toBe(5)
      now = 5000
      partition.retain()
      expect([partition.startOffset, partition.endOffset, partition.size]).toEqual([10, 10, 0])
      expect(partition.append(batchOf()).baseOffset).toBe(10)
    })
  }

  test('goes on at the right offset when everything was removed before a restart', async () => {
    const directory = temporaryFolder()
    const { partition } = openLog(directory, { segmentBytes: 300, retentionMs: 0 }, { now: () => 9e15 })
    for (let at = 0; at < 5; at++) partition.append(batchOf())
    partition.retain()
    await partition.close()
    const { partition: opened } = openLog(directory)
    expect([opened.startOffset, opened.endOffset]).toEqual([5, 5])
  })

  test('moves the start within a segment, and it stays there', () => {
    const directory = temporaryFolder()
    const { partition } = openLog(directory)
    for (let at = 0; at < 5; at++) partition.append(batchOf())
    expect(partition.deleteBefore(3)).toBe(3)
    expect(partition.startOffset).toBe(3)
    expect(openLog(directory, {}, { startOffset: 3 }).partition.startOffset).toBe(3)
  })
})
