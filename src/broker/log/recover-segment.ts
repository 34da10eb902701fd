import type { Logger } from '../../util/logger.ts'
import { scanBatches } from './scan.ts'
import type { LogState, SegmentFiles } from './segment-files.ts'
import type { Segment } from './segment.ts'

export interface RecoveryDeps {
  /** The topic and partition, for messages. */
  name: string
  files: SegmentFiles
  log: Logger
  load: (state: LogState) => void
  note: (bytes: Buffer, at: number) => void
}

/**
 * Brings a segment of an earlier run back: what its checkpoint covers is taken as it is, what follows is read and
 * checked batch by batch and cut where the first one is damaged. True where something had to be read.
 */
export function recoverSegment(segment: Segment, deps: RecoveryDeps): boolean {
  const { name, files, log } = deps
  const checkpoint = files.checkpoint(segment.baseOffset)
  let from = 0
  if (checkpoint !== null && checkpoint.summary.size <= segment.size) {
    segment.restore(checkpoint.summary)
    from = checkpoint.summary.size
    deps.load(checkpoint)
  } else {
    if (checkpoint !== null) {
      log.error(
        `Segment ${segment.baseOffset} of ${name} has ${segment.size} bytes, but ${checkpoint.summary.size} were on ` +
          'the disk before: records are lost.',
      )
    }
    files.removeCheckpoint(segment.baseOffset)
  }
  if (from === segment.size) return false
  const { end, damage } = scanBatches(
    segment.file,
    { from, nextOffset: segment.nextOffset },
    (bytes, at, position) => {
      segment.note(bytes, at, position)
      deps.note(bytes, at)
    },
  )
  if (damage !== null) {
    log.warn(
      `The log ${name} has a damaged batch at byte ${end} of segment ${segment.baseOffset} (${damage}): the ` +
        `${segment.size - end} bytes from there on are cut off. The next offset is ${segment.nextOffset}.`,
    )
    segment.file.truncate(end)
  }
  return true
}
