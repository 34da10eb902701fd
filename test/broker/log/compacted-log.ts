import { expect, onTestFinished } from 'vitest'
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
import { openPartitionLog } from '../open-log.ts'

export const compaction = {
  minCleanableDirtyRatio: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  deleteRetentionMs: 1000,
}

const settings: Partial<LogSettings> = { segmentBytes: 300, retentionMs: 1, isDeleted: false, compaction }

export type Entry = readonly [key: string | null, value: string | null]

/** A log whose clock the test turns. */
export function openLog(directory: string | null, changes: Partial<LogSettings> = {}) {
  const clock = { now: 5000 }
  const { partition, lines } = openPartitionLog(
    directory,
    { ...settings, ...changes },
    { now: () => clock.now },
  )
  onTestFinished(() => partition.close())
  return { partition, clock, lines }
}

export async function keyed(entries: readonly Entry[], codec: CodecName = 'none'): Promise<Buffer> {
  const builder = new RecordBatchBuilder()
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
  for (const [i, [key, value]] of entries.entries()) builder.append(2000 + i, bytes(key), bytes(value), null)
  if (codec === 'none') return Buffer.from(builder.close())
  return builder.close({ codec: codecIds[codec] }, await compress(codec, builder.records(), null))
}

/** What a reader gets from the offset on, batch checksums included. */
export async function contents(
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

export async function fill(partition: PartitionLog, entries: readonly Entry[], codec?: CodecName) {
  for (const entry of entries) partition.append(await keyed([entry, [`own ${entry[1]}`, 'x']], codec))
  partition.roll()
  await partition.flush()
}
