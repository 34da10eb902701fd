import { stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'

/** What became of a file: it can be read anew, is gone, or is something that cannot be watched, such as a pipe. */
export type FileEvent = 'changed' | 'removed' | 'other'

export interface FileWatchOptions {
  /** Called for each file by itself; the next change of a file waits until this has resolved. Must not reject. */
  readonly onEvent: (path: string, event: FileEvent) => Promise<void>
  readonly pollMs?: number
  /** How long a file must have stayed the same before it is believed. */
  readonly settleMs?: number
}

interface Watched {
  readonly path: string
  /** How the file looked when it was last told of; null before that. */
  told: string | null
  seen: string
  since: number
  isBusy: boolean
}

const gone = 'gone'
const other = 'other'

/**
 * Looks at files again and again, which sees every kind of save on every kind of file system. A file that is being
 * written, or away while an editor puts the new one into its place, is left alone until it has settled. Every file is
 * told of once at the start.
 */
export class FileWatch {
  readonly #watched: readonly Watched[]
  readonly #options: Required<FileWatchOptions>
  #timer: NodeJS.Timeout | null = null
  #isStopped = false

  constructor(paths: readonly string[], { onEvent, pollMs = 500, settleMs = 1000 }: FileWatchOptions) {
    this.#options = { onEvent, pollMs, settleMs }
    this.#watched = [...new Set(paths)].map((path) => ({
      path,
      told: null,
      seen: '',
      since: 0,
      isBusy: false,
    }))
    this.#schedule()
  }

  /** Nothing is told any more; what was told may still be at work. */
  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #schedule(): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => void this.#poll().finally(() => this.#schedule()), this.#options.pollMs)
    this.#timer.unref()
  }

  async #poll(): Promise<void> {
    const idle = this.#watched.filter(({ isBusy }) => !isBusy)
    const settled: Watched[] = []
    for (const file of idle) if (await this.#hasSettled(file)) settled.push(file)
    // What is gone goes first: a file that was renamed is gone here and new there, and a name is free only once.
    const removed = settled.filter(({ seen }) => seen === gone)
    await Promise.all(removed.map((file) => this.#tell(file)))
    for (const file of settled) if (file.seen !== gone) void this.#tell(file)
  }

  async #hasSettled(file: Watched): Promise<boolean> {
    const seen = await look(file.path)
    const now = performance.now()
    if (seen !== file.seen) {
      file.seen = seen
      file.since = now
      return false
    }
    return seen !== file.told && now - file.since >= this.#options.settleMs
  }

  async #tell(file: Watched): Promise<void> {
    if (this.#isStopped) return
    file.told = file.seen
    file.isBusy = true
    const event = file.seen === gone ? 'removed' : file.seen === other ? 'other' : 'changed'
    try {
      await this.#options.onEvent(file.path, event)
    } finally {
      file.isBusy = false
    }
  }
}

/** A text that is another one whenever the file may be another one. */
async function look(path: string): Promise<string> {
  let found: BigIntStats
  try {
    found = await stat(path, { bigint: true })
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    // Whoever reads the file will say what else is wrong.
    return code === 'ENOENT' || code === 'ENOTDIR' ? gone : code
  }
  if (!found.isFile()) return other
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
}
