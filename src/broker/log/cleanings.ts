import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { fromChecksummedLine, toChecksummedLine } from '../checksummed-line.ts'

/** At `time` the log was clean up to `endOffset`. */
type Cleaning = readonly [endOffset: number, time: number]

interface Saved {
  format: 1
  cleanings: Cleaning[]
}

/**
 * Up to where a log was compacted, and when: by it the next compaction knows what is new, and how long a
 * tombstone has been there for readers to see. Without the file everything is looked at once more.
 */
export class Cleanings {
  readonly #path: string | null
  #cleanings: Cleaning[]

  /** `path` null keeps them in memory. */
  constructor(path: string | null) {
    this.#path = path
    this.#cleanings = path === null ? [] : read(path)
  }

  get firstDirtyOffset(): number {
    return this.#cleanings.at(-1)?.[0] ?? 0
  }

  /** Tombstones below this offset were clean at `time` already. */
  cleanAt(time: number): number {
    return this.#cleanings.findLast(([, cleanedAt]) => cleanedAt <= time)?.[0] ?? 0
  }

  /** Entries older than `forgetBefore` are needed no more, except for the newest of them. */
  add(endOffset: number, time: number, forgetBefore: number): void {
    const kept = this.#cleanings.filter(
      ([, at], i) => at > forgetBefore || (this.#cleanings[i + 1]?.[1] ?? time) > forgetBefore,
    )
    this.#cleanings = [...kept, [endOffset, time]]
    if (this.#path !== null) write(this.#path, { format: 1, cleanings: this.#cleanings })
  }
}

function read(path: string): Cleaning[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  const saved = fromChecksummedLine(text.trimEnd()) as Saved | undefined
  return saved?.format === 1 ? saved.cleanings : []
}

function write(path: string, saved: Saved): void {
  const fd = openSync(`${path}.new`, 'w', 0o644)
  try {
    writeSync(fd, toChecksummedLine(saved))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${path}.new`, path)
}
