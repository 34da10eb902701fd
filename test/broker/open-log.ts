import { OpenFiles } from '../../src/broker/log/disk-file.ts'
import { type LogSettings, PartitionLog, type PartitionLogDeps } from '../../src/broker/log/partition-log.ts'
import { capturedLog } from './open-broker.ts'

const settings: LogSettings = {
  segmentBytes: 1_000_000,
  segmentMs: 1e9,
  retentionBytes: -1,
  retentionMs: -1,
  maxMessageBytes: 1_000_000,
  isLogAppendTime: false,
  isDeleted: true,
  compaction: null,
}

/**
 * The log of `t-0` in the folder, or in memory, which keeps everything unless `changes` say otherwise.
 * Nothing closes it, so that a test may leave it as a kill would.
 */
export function openPartitionLog(
  directory: string | null,
  changes: Partial<LogSettings> = {},
  deps: Partial<PartitionLogDeps> = {},
): { partition: PartitionLog; lines: string[] } {
  const { log, lines } = capturedLog()
  const partition = PartitionLog.open({
    name: 't-0',
    directory,
    settings: () => ({ ...settings, ...changes }),
    startOffset: 0,
    files: new OpenFiles(8),
    now: () => 1000,
    log,
    onDirty: () => {},
    ...deps,
  })
  return { partition, lines }
}
