import type { Logger } from '../util/logger.ts'

/** All tasks whose plugin may be in the middle of something. */
const open = new Set<PluginCall>()

/** The call into its plugin that one task is in, if it is in one. */
export class PluginCall {
  readonly owner: string
  #what = ''
  #since = 0
  #until = 0

  constructor(owner: string) {
    this.owner = owner
    open.add(this)
  }

  begin(what: string): void {
    this.#what = what
    this.#since = performance.now()
    this.#until = Number.POSITIVE_INFINITY
  }

  end(): void {
    this.#until = performance.now()
  }

  close(): void {
    open.delete(this)
  }

  /** What was going on at some time after `from`, as text; null for nothing. */
  seen(from: number): string | null {
    return this.#until >= from && this.#since > 0 ? `${this.owner} in ${this.#what}` : null
  }
}

export interface EventLoopWatchOptions {
  readonly log: Logger
  /** How long the thread may be busy without a break before it is said. */
  readonly alarmMs?: number
  readonly intervalMs?: number
}

/**
 * Says when something kept the worker's only thread busy, so that nothing else ran: REST, heartbeats, other
 * tasks. Names the tasks whose plugin was at work then. Returns the end of the watch.
 */
export function watchEventLoop({ log, alarmMs = 1000, intervalMs = 250 }: EventLoopWatchOptions): () => void {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const busyMs = now - last - intervalMs
    if (busyMs >= alarmMs) {
      const from = last
      const suspects = [...open].map((call) => call.seen(from)).filter((text) => text !== null)
      log.warn(
        `The worker could do nothing else for ${(busyMs / 1000).toFixed(1)} s. ` +
          (suspects.length === 0
            ? 'No task was in a call to its plugin: the machine may be overloaded or have been asleep.'
            : `At work was ${suspects.join(', ')}. What computes for long should do so in slices or in a thread of its own.`),
      )
    }
    last = performance.now()
  }, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
