import type { Checkpoint, History, OffsetsByPartition } from './checkpoints.ts'

/** How a file and a consumer group come together again. */
export type ResumePoint =
  /** The file goes back to the checkpoint; the partitions go on from these offsets. */
  | { readonly kind: 'resume'; readonly checkpoint: Checkpoint; readonly offsets: OffsetsByPartition }
  /** The file stays as it is: nothing is known of it, or nothing that reaches back so far. */
  | { readonly kind: 'append'; readonly isFirst: boolean; readonly offsets: OffsetsByPartition }
  | { readonly kind: 'refuse'; readonly problem: string }

/**
 * The newest checkpoint that is not ahead of the group: all records behind it will be delivered again, so what the file
 * has behind it may go. A partition whose group offset lies between two checkpoints goes back to the earlier one.
 *
 * A checkpoint is durable before its offsets are committed, so a group can be ahead of all of them in four cases only:
 * offsets were set over REST, which count; the file went back for the sake of another partition, and was killed before
 * the next commit; a partition never had a commit, and `auto.offset.reset=latest` made one up: both go on where the
 * file is; or somebody else did something, which is refused.
 */
export function resumePoint(
  { checkpoints, undone, altered }: History,
  group: OffsetsByPartition,
): ResumePoint {
  const newest = checkpoints.at(-1)
  if (newest === undefined) return { kind: 'append', isFirst: true, offsets: group }
  const begun = firstOffsets(checkpoints)
  const wanted: Record<string, number> = {}
  const skips: Record<string, number> = {}
  for (const [key, offset] of Object.entries(group)) {
    const known = newest.offsets[key]
    wanted[key] = offset
    if (known === undefined || offset <= known) continue
    const asked = altered[key]
    if (asked === offset || asked === null) skips[key] = offset
    else if (known === begun[key] || offset <= (undone[key] ?? -1)) wanted[key] = known
    else return { kind: 'refuse', problem: `${key}: the group is at ${offset}, the file at ${known}` }
  }
  const isBehind = ({ offsets }: Checkpoint) =>
    Object.entries(wanted).every(([key, offset]) => (offsets[key] ?? begun[key] ?? offset) <= offset)
  const checkpoint = checkpoints.findLast(isBehind)
  if (checkpoint === undefined) {
    return { kind: 'append', isFirst: false, offsets: { ...newest.offsets, ...wanted } }
  }
  const skipped = checkpoint === newest ? skips : {}
  return { kind: 'resume', checkpoint, offsets: { ...wanted, ...begun, ...checkpoint.offsets, ...skipped } }
}

/** Where each partition came in. */
function firstOffsets(checkpoints: readonly Checkpoint[]): OffsetsByPartition {
  const first: Record<string, number> = {}
  for (const { offsets } of checkpoints.toReversed()) Object.assign(first, offsets)
  return first
}
