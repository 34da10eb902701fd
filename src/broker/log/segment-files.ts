import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.ts'
import { DiskFile, type OpenFiles } from './disk-file.ts'
import type { LogFile } from './log-file.ts'
import { MemoryFile } from './memory-file.ts'
import { finishSwaps, segmentName, swapIn, syncFolder } from './segment-swap.ts'
import { Segment, type SegmentSummary } from './segment.ts'

/** What is known of producers and transactions at some point of a log. */
export type LogState = Pick<Checkpoint, 'producers' | 'transactions'>

const noState: LogState = { producers: [], transactions: { open: [], aborted: [] } }

/** The highest timestamp of a segment and its batch. */
export type LatestTime = Pick<SegmentSummary, 'maxTimestamp' | 'maxTimestampOffset'>

/** The files of one partition: `<base offset>.log` with a checkpoint beside it, or blocks of memory. */
export class SegmentFiles {
  readonly directory: string | null
  readonly #files: OpenFiles

  /** `directory` null keeps everything in memory. */
  constructor(directory: string | null, files: OpenFiles) {
    this.directory = directory
    this.#files = files
  }

  /** The base offsets of the segments that are there, in order. */
  baseOffsets(): number[] {
    if (this.directory === null) return []
    return namesIn(this.directory)
      .filter((name) => /^\d{20}\.log$/.test(name))
      .map((name) => Number(name.slice(0, 20)))
      .sort((a, b) => a - b)
  }

  open(baseOffset: number, createdAt: number): Segment {
    if (this.directory === null) return new Segment(baseOffset, new MemoryFile(), { createdAt })
    return new Segment(baseOffset, new DiskFile(this.#path(baseOffset, 'log'), this.#files), {
      createdAt,
      loadIndex: () => this.checkpoint(baseOffset)?.index ?? null,
    })
  }

  /** A new segment, whose file is there even while it is empty: it tells where the log goes on. */
  create(baseOffset: number, createdAt: number): Segment {
    this.removeCheckpoint(baseOffset)
    const segment = this.open(baseOffset, createdAt)
    if (segment.file instanceof DiskFile) segment.file.create()
    return segment
  }

  checkpoint(baseOffset: number): Checkpoint | null {
    return this.directory === null ? null : readCheckpoint(this.#path(baseOffset, 'index'))
  }

  writeCheckpoint(segment: Segment, state: LogState): void {
    if (this.directory === null || segment.size === 0) return
    const { baseOffset, summary, index } = segment
    writeCheckpoint(this.#path(baseOffset, 'index'), { summary, index, ...state })
  }

  removeCheckpoint(baseOffset: number): void {
    if (this.directory !== null) rmSync(this.#path(baseOffset, 'index'), { force: true })
  }

  /** Where the log notes its compactions; null where it is in memory. */
  get cleaningsPath(): string | null {
    return this.directory === null ? null : join(this.directory, 'compaction')
  }

  /** An empty file that may take the place of the segment's. */
  newFile({ baseOffset }: Segment): LogFile {
    if (this.directory === null) return new MemoryFile()
    const path = this.#path(baseOffset, 'cleaned')
    rmSync(path, { force: true })
    return new DiskFile(path, this.#files)
  }

  /**
   * Puts the file, whose bytes are on the disk, in the place of segments that follow each other. Cut off at any point,
   * either the old ones or the new one are there after the next start; without its checkpoint it is read then.
   */
  replace(segments: readonly Segment[], file: LogFile, latest: LatestTime): Segment {
    const [first, last] = [segments[0]!, segments.at(-1)!]
    const { baseOffset } = first
    const { producers, transactions } = this.checkpoint(last.baseOffset) ?? noState
    for (const segment of segments) segment.file.close()
    file.close()
    let placed = file
    if (this.directory !== null) {
      this.#place(file, first, last)
      placed = new DiskFile(this.#path(baseOffset, 'log'), this.#files)
    }
    const replacing = new Segment(baseOffset, placed, {
      createdAt: last.createdAt,
      loadIndex: () => this.checkpoint(baseOffset)?.index ?? null,
    })
    // The next offset stays although the last records may be gone.
    replacing.restore({ ...last.summary, ...latest })
    this.writeCheckpoint(replacing, { producers, transactions })
    return replacing
  }

  #place(file: LogFile, first: Segment, last: Segment): void {
    const directory = this.directory!
    const cleaned = this.#path(first.baseOffset, 'cleaned')
    // Nothing was written where nothing is kept.
    if (file.size === 0) closeSync(openSync(cleaned, 'w'))
    if (first !== last) {
      const end = Math.max(last.nextOffset, last.baseOffset + 1)
      swapIn(directory, cleaned, { first: first.baseOffset, end })
      return
    }
    this.removeCheckpoint(first.baseOffset)
    renameSync(cleaned, this.#path(first.baseOffset, 'log'))
    syncFolder(directory)
  }

  /** Undoes or finishes a compaction that was cut off. */
  recover(): void {
    if (this.directory === null) return
    const names = namesIn(this.directory)
    finishSwaps(this.directory, names)
    for (const name of names) {
      if (name.endsWith('.cleaned')) rmSync(join(this.directory, name), { force: true })
    }
  }

  remove(segment: Segment): void {
    segment.file.remove()
    this.removeCheckpoint(segment.baseOffset)
  }

  removeFolder(): void {
    if (this.directory !== null) rmSync(this.directory, { recursive: true, force: true })
  }

  #path(baseOffset: number, extension: string): string {
    return join(this.directory!, segmentName(baseOffset, extension))
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
