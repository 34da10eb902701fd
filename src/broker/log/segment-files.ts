import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.ts'
import { DiskFile, type OpenFiles } from './disk-file.ts'
import type { LogFile } from './log-file.ts'
import { MemoryFile } from './memory-file.ts'
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
   * Puts the file, whose bytes are on the disk, in the place of the segment's. Cut off at any point, either the old
   * or the new file is there; without its checkpoint it is read at the next start.
   */
  replace(segment: Segment, file: LogFile, latest: LatestTime): Segment {
    const { baseOffset, summary } = segment
    const { producers, transactions } = this.checkpoint(baseOffset) ?? noState
    segment.file.close()
    file.close()
    let placed = file
    if (this.directory !== null) {
      const path = this.#path(baseOffset, 'log')
      this.removeCheckpoint(baseOffset)
      if (file.size === 0) closeSync(openSync(path, 'w'))
      else renameSync(this.#path(baseOffset, 'cleaned'), path)
      syncFolder(this.directory)
      placed = new DiskFile(path, this.#files)
    }
    const thinned = new Segment(baseOffset, placed, {
      createdAt: segment.createdAt,
      loadIndex: () => this.checkpoint(baseOffset)?.index ?? null,
    })
    // The next offset stays although the last records may be gone.
    thinned.restore({ ...summary, ...latest })
    this.writeCheckpoint(thinned, { producers, transactions })
    return thinned
  }

  /** Files of a compaction that was cut off. */
  removeLeftovers(): void {
    if (this.directory === null) return
    for (const name of namesIn(this.directory)) {
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
    return join(this.directory!, `${String(baseOffset).padStart(20, '0')}.${extension}`)
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

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } catch {
    // Not every system lets a folder be synced.
  } finally {
    closeSync(fd)
  }
}
