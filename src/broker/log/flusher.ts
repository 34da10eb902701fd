import type { Logger } from '../../util/logger.ts'

/** What a flusher brings to the disk: a partition's log or the journal. */
export interface Flushable {
  flush(): Promise<void>
}

/** When data goes to the disk: before it is acknowledged, every so often, or whenever the system sees fit. */
export type FlushPolicy = 'always' | 'interval' | 'never'

/** Flushes what is dirty, an interval after it became so. While nothing is written there is no timer. */
export class Flusher {
  readonly policy: FlushPolicy
  readonly #intervalMs: number
  readonly #log: Logger
  readonly #dirty = new Set<Flushable>()
  #timer: NodeJS.Timeout | null = null

  constructor({ policy, intervalMs, log }: { policy: FlushPolicy; intervalMs: number; log: Logger }) {
    this.policy = policy
    this.#intervalMs = intervalMs
    this.#log = log
  }

  markDirty(target: Flushable): void {
    if (this.policy !== 'interval') return
    this.#dirty.add(target)
    this.#timer ??= setTimeout(() => void this.#flush(), this.#intervalMs)
  }

  forget(target: Flushable): void {
    this.#dirty.delete(target)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#dirty.clear()
  }

  async #flush(): Promise<void> {
    const targets = [...this.#dirty]
    this.#dirty.clear()
    this.#timer = null
    for (const target of targets) {
      try {
        await target.flush()
      } catch (error) {
        this.#log.error('Bringing data to the disk failed.', error)
      }
    }
  }
}
