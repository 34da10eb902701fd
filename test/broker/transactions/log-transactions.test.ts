import { cpSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LogSettings, PartitionLog } from '../../../src/broker/log/partition-log.ts'
import {
  batchHeaderBytes,
  readBatchHeader,
  RecordBatchBuilder,
  RecordReader,
} from '../../../src/protocol/record-batch.ts'
import { crc32c } from '../../../src/protocol/crc32c.ts'
import { temporaryFolder } from '../open-broker.ts'
import { openPartitionLog } from '../open-log.ts'

const compaction = {
  minCleanableDirtyRatio: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  deleteRetentionMs: 0,
}

function openLog(directory: string | null = null, changes: Partial<LogSettings> = {}) {
  const { partition } = openPartitionLog(directory, changes, { now: () => 5000 })
  onTestFinished(() => partition.close())
  const sequences = new Map<string, number>()
  /** Key and value are the same text. */
  const write = (producerId: number, text: string, epoch = 0) => {
    const id = `${producerId}/${epoch}`
    const sequence = sequences.get(id) ?? 0
    sequences.set(id, sequence + 1)
    return partition.append(transactional({ producerId, epoch, sequence }, text), () => null).baseOffset
  }
  const end = (producerId: number, isCommit: boolean, epoch = 0) =>
    partition.endTransaction({ producerId, epoch }, isCommit)
  return { partition, write, end }
}

function transactional(
  { producerId, epoch, sequence }: { producerId: number; epoch: number; sequence: number },
  text: string,
): Buffer {
  const builder = new RecordBatchBuilder()
  builder.append(2000, Buffer.from(text), Buffer.from(text), null)
  const batch = Buffer.from(builder.close())
  batch.writeInt16BE(0x10, 21)
  batch.writeBigInt64BE(BigInt(producerId), 43)
  batch.writeInt16BE(epoch, 51)
  batch.writeInt32BE(sequence, 53)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

/** What a consumer of committed records makes of the answer, as KIP-98 has it. */
function committed(partition: PartitionLog, from = partition.startOffset): string[] {
  const found: string[] = []
  for (let offset = from; ;) {
    const aborted = [...partition.abortedSince(offset)].sort((a, b) => a.firstOffset - b.firstOffset)
    const bytes = partition.readStable(offset, 1_000_000, true)
    if (bytes.length === 0) return found
    const shutOut = new Set<number>()
    for (let at = 0; at < bytes.length;) {
      const batch = readBatchHeader(bytes, at)!
      at = batch.end
      offset = batch.lastOffset + 1
      while (aborted.length > 0 && aborted[0]!.firstOffset <= batch.lastOffset)
        shutOut.add(aborted.shift()!.producerId)
      const reader = new RecordReader(batch, bytes, batch.start + batchHeaderBytes, batch.end)
      if (batch.isControl) {
        reader.next()
        if (reader.key!.readInt16BE(2) === 0) shutOut.delete(batch.producerId)
      } else if (!(batch.isTransactional && shutOut.has(batch.producerId))) {
        while (reader.next()) found.push(String(reader.value))
      }
    }
  }
}

describe('a log with transactions', () => {
  test('shows nothing from the first open one on, and each one whole when it has ended', () => {
    const { partition, write, end } = openLog()
    expect(partition.lastStableOffset).toBe(0)
    write(1, 'a')
    write(2, 'b')
    write(1, 'c')
    expect(partition).toMatchObject({ lastStableOffset: 0, endOffset: 3 })
    expect(committed(partition)).toEqual([])
    end(1, true)
    expect(partition.lastStableOffset).toBe(1)
    expect(committed(partition)).toEqual(['a'])
    write(1, 'd')
    end(2, false)
    expect(partition.lastStableOffset).toBe(4)
    expect(committed(partition)).toEqual(['a', 'c'])
    end(1, false)
    expect(partition.lastStableOffset).toBe(partition.endOffset)
    expect(committed(partition)).toEqual(['a', 'c'])
    expect(committed(partition, 2)).toEqual(['c'])
  })

  test('knows them after a kill, with and without a checkpoint, at every point', () => {
    const folder = temporaryFolder()
    const { partition, write, end } = openLog(folder, { segmentBytes: 300 })
    const steps: (() => unknown)[] = [
      () => write(1, 'a'),
      () => write(2, 'b'),
      () => end(1, false),
      () => write(1, 'c'),
      () => partition.flush(),
      () => end(2, true),
      () => write(3, 'd'),
      () => end(1, true),
      () => end(3, false),
    ]
    for (const step of steps) {
      step()
      const copy = temporaryFolder()
      cpSync(folder, copy, { recursive: true })
      const { partition: found } = openLog(copy, { segmentBytes: 300 })
      expect(found.lastStableOffset).toBe(partition.lastStableOffset)
      expect(found.abortedSince(0)).toEqual(partition.abortedSince(0))
      expect(committed(found)).toEqual(committed(partition))
    }
    expect(committed(partition)).toEqual(['b', 'c'])
  })

  test('keeps the sequence of a producer over the end of a transaction, and shuts out older epochs', () => {
    const { partition, write, end } = openLog()
    write(1, 'a')
    end(1, true)
    write(1, 'b')
    end(1, false, 1)
    expect(() => write(1, 'c')).toThrow(/epoch 0 after epoch 1/)
    write(1, 'd', 1)
    end(1, true, 1)
    expect(committed(partition)).toEqual(['a', 'd'])
  })

  test('refuses a batch of a transaction that is not open, and stores nothing', () => {
    const { partition } = openLog()
    expect(() => partition.append(transactional({ producerId: 1, epoch: 0, sequence: 0 }, 'a'))).toThrow(
      expect.objectContaining({ code: 48 }),
    )
    expect(partition.endOffset).toBe(0)
  })

  test('forgets aborted ones when their records are removed', () => {
    const { partition, write, end } = openLog()
    write(1, 'a')
    end(1, false)
    const next = write(1, 'b')
    end(1, true)
    partition.deleteBefore(next - 1)
    expect(partition.abortedSince(0)).toHaveLength(1)
    partition.deleteBefore(next)
    expect(partition.abortedSince(0)).toEqual([])
  })

  test('is compacted up to the first open one: aborted records and markers go, committed ones stay', async () => {
    const folder = temporaryFolder()
    const { partition, write, end } = openLog(folder, { segmentBytes: 100, compaction })
    write(1, 'old')
    end(1, true)
    write(1, 'old')
    end(1, true)
    // An aborted record does not take the place of a committed one.
    write(2, 'old')
    end(2, false)
    write(2, 'kept')
    end(2, true)
    write(3, 'open')
    write(1, 'old')
    end(1, true)
    partition.roll()
    await partition.flush()
    const before = partition.size
    await partition.compact()
    expect(partition.size).toBeLessThan(before)
    expect(committed(partition)).toEqual(['old', 'kept'])
    expect(partition.abortedSince(0)).toEqual([])
    end(3, true)
    // What the producer of the aborted one commits later is not taken for aborted.
    write(2, 'later')
    end(2, true)
    const all = ['old', 'kept', 'open', 'old', 'later']
    expect(committed(partition)).toEqual(all)
    const copy = temporaryFolder()
    cpSync(folder, copy, { recursive: true })
    expect(committed(openLog(copy, { segmentBytes: 100, compaction }).partition)).toEqual(all)
    partition.roll()
    await partition.flush()
    await partition.compact()
    expect(committed(partition)).toEqual(['kept', 'open', 'old', 'later'])
  })
})
