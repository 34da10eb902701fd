import { isWanted } from './levels.ts'
import type { LogEntry } from './format.ts'

export interface RepeatsOptions {
  readonly write: (entry: LogEntry) => void
  /** How long the same entry is counted instead of being written. */
  readonly windowMs: number
  /** How many entries are kept in mind at most. */
  readonly maxEntries?: number
}

/** What was written, and how often the same came since. */
interface Seen {
  readonly entry: LogEntry
  since: number
  last: number
  until: number
  count: number
}

/** Longer ones are written every time, so that what is kept in mind stays small. */
const maxKeyLength = 4096

/**
 * Counts warnings and errors that come again within a time instead of writing them. The count is written when the
 * time is over, or before the next line of the same logger, so that the order of events can be read from the log.
 */
export class Repeats {
  readonly #write: (entry: LogEntry) => void
  readonly #windowMs: number
  readonly #maxEntries: number
  /** In the order in which their time ends. */
  readonly #seen = new Map<string, Seen>()
  #timer: NodeJS.Timeout | null = null

  constructor({ write, windowMs, maxEntries = 256 }: RepeatsOptions) {
    this.#write = write
    this.#windowMs = windowMs
    this.#maxEntries = maxEntries
  }

  take(entry: LogEntry): void {
    const now = entry.at.getTime()
    this.#expire(now)
    const key = keyOf(entry)
    const known = key === null ? undefined : this.#seen.get(key)
    if (known !== undefined) {
      known.count++
      known.last = now
      return
    }
    for (const seen of this.#seen.values()) if (seen.entry.logger === entry.logger) this.#report(seen)
    this.#write(entry)
    if (key !== null) this.#remember(key, withoutFrames(entry), now)
  }

  /** Writes all counts, as at the end of the process. */
  flush(): void {
    for (const seen of this.#seen.values()) this.#report(seen)
  }

  #remember(key: string, entry: LogEntry, now: number): void {
    for (const [oldest, seen] of this.#seen) {
      if (this.#seen.size < this.#maxEntries) break
      this.#report(seen)
      this.#seen.delete(oldest)
    }
    this.#seen.set(key, { entry, since: now, last: now, until: now + this.#windowMs, count: 0 })
    this.#schedule()
  }

  /** What went on is reported and counted anew; what did not is forgotten, and written whole when it comes again. */
  #expire(now: number): void {
    for (const [key, seen] of this.#seen) {
      // A clock that was set back would keep entries for too long.
      if (seen.until > now && seen.last <= now) break
      this.#seen.delete(key)
      if (seen.count === 0) continue
      this.#report(seen)
      seen.since = seen.last = now
      seen.until = now + this.#windowMs
      this.#seen.set(key, seen)
    }
  }

  #report(seen: Seen): void {
    const { entry, count, since, last } = seen
    if (count === 0) return
    seen.count = 0
    seen.since = last
    const times = count === 1 ? 'once' : `${count} times`
    const seconds = Math.max(1, Math.round((last - since) / 1000))
    const message = `${entry.message} (repeated ${times} within ${seconds} s)`
    this.#write({ ...entry, at: new Date(), message, repeated: count })
  }

  /** The timer never keeps the process alive. */
  #schedule(): void {
    if (this.#timer !== null) return
    const [first] = this.#seen.values()
    if (first === undefined) return
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        this.#expire(Date.now())
        this.#schedule()
      },
      Math.max(1, first.until - Date.now()),
    )
    this.#timer.unref()
  }
}

/** null: an entry that is always written. */
function keyOf({ level, context, logger, message, error }: LogEntry): string | null {
  if (!isWanted(level, 'WARN')) return null
  const key = JSON.stringify([logger, level, context, message, error && firstLine(error.stack)])
  return key.length > maxKeyLength ? null : key
}

function withoutFrames(entry: LogEntry): LogEntry {
  const { error } = entry
  return error === null ? entry : { ...entry, error: { ...error, stack: firstLine(error.stack) } }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
