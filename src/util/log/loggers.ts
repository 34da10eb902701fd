import type { LogLevel } from './levels.ts'

export interface LoggerLevel {
  readonly level: LogLevel
  /** When the level was changed, in ms since the epoch; null while it is the one of the start, or inherited. */
  readonly lastModified: number | null
}

const root = 'root'

/**
 * The loggers there are and their levels. A logger without a level of its own has that of the nearest name above it,
 * `a.b` being above `a.b.c`, in the end that of `root`.
 */
export class Loggers {
  readonly #known = new Set<string>([root])
  readonly #levels = new Map<string, LogLevel>([[root, 'INFO']])
  readonly #modified = new Map<string, number>()
  #generation = 0

  /** Counts changes of levels, so that loggers may keep what they looked up. */
  get generation(): number {
    return this.#generation
  }

  /** A logger is known from the first time that somebody asked for it. */
  add(name: string): void {
    this.#known.add(canonical(name))
  }

  /** The level of a logger, known or not. */
  level(name: string): LogLevel {
    for (let at = canonical(name); at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const level = this.#levels.get(at)
      if (level !== undefined) return level
    }
    return this.#levels.get(root)!
  }

  /** A level that is there from the start, so nobody has changed it. */
  setInitial(name: string, level: LogLevel): void {
    this.add(name)
    this.#levels.set(canonical(name), level)
    this.#generation++
  }

  /** null: there is no such logger. */
  find(name: string): LoggerLevel | null {
    const wanted = canonical(name)
    if (!this.#known.has(wanted)) return null
    return { level: this.level(wanted), lastModified: this.#modified.get(wanted) ?? null }
  }

  /** The loggers that have a level of their own, by name. */
  explicit(): readonly (readonly [name: string, level: LoggerLevel])[] {
    return [...this.#levels.keys()].sort().map((name) => [name, this.find(name)!] as const)
  }

  /**
   * Sets the level of the named logger, made if need be, and of all whose names start with the same text; of `root`,
   * that is all there are. Gives the sorted names of those that did not have it before.
   */
  change(name: string, level: LogLevel): readonly string[] {
    this.add(name)
    const wanted = canonical(name)
    const meant = [...this.#known].filter((known) => wanted === root || known.startsWith(wanted))
    const changed = meant.filter((known) => this.level(known) !== level).sort()
    const now = Date.now()
    for (const known of changed) {
      this.#levels.set(known, level)
      this.#modified.set(known, now)
    }
    if (changed.length > 0) this.#generation++
    return changed
  }
}

function canonical(name: string): string {
  return name.toLowerCase() === root ? root : name
}
