import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The segments that begin at `first` or later, and before `end`. */
export interface SegmentRange {
  readonly first: number
  readonly end: number
}

/** The name of a segment's file. */
export function segmentName(baseOffset: number, extension: string): string {
  return `${padded(baseOffset)}.${extension}`
}

/**
 * Puts one file, whose bytes are on the disk, in the place of several segments. The first step decides: from then on the
 * new file is there as `<first>-<end>.swap`, by which the next start goes on where this one was cut off.
 */
export function swapIn(directory: string, file: string, range: SegmentRange): void {
  renameSync(file, join(directory, swapName(range)))
  syncFolder(directory)
  finish(directory, range)
}

/** Finishes what was decided before the process or the machine stopped. */
export function finishSwaps(directory: string, names: readonly string[]): void {
  for (const name of names) {
    const found = /^(\d{20})-(\d{20})\.swap$/.exec(name)
    if (found !== null) finish(directory, { first: Number(found[1]), end: Number(found[2]) })
  }
}

function finish(directory: string, range: SegmentRange): void {
  for (const name of readdirSync(directory)) {
    const base = /^(\d{20})\.(log|index)$/.exec(name)?.[1]
    if (base !== undefined && Number(base) >= range.first && Number(base) < range.end) {
      rmSync(join(directory, name), { force: true })
    }
  }
  // Else a power cut could leave the new segment beside old ones that it has taken in.
  syncFolder(directory)
  renameSync(join(directory, swapName(range)), join(directory, segmentName(range.first, 'log')))
  syncFolder(directory)
}

/** Makes renames and removals in a folder last, where the system lets it be synced. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } catch {
    // Not every system lets a folder be synced.
  } finally {
    closeSync(fd)
  }
}

function swapName({ first, end }: SegmentRange): string {
  return `${padded(first)}-${padded(end)}.swap`
}

function padded(offset: number): string {
  return String(offset).padStart(20, '0')
}
