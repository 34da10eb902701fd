/** A timer that comes later than this was held up: what it waited for may lie unread in a socket. */
const lateMs = 250

/**
 * Calls `onExpired` when it was not touched for `timeoutMs`. If the event loop itself was late (a long computation, a
 * stopped process), everybody gets the time again, because nobody could be heard meanwhile.
 */
export class Deadline {
  readonly #onExpired: () => void
  #timeoutMs: number
  #expiresAt = 0
  #firesAt = 0
  #timer: NodeJS.Timeout | null = null

  constructor(timeoutMs: number, onExpired: () => void) {
    this.#timeoutMs = timeoutMs
    this.#onExpired = onExpired
    this.touch()
  }

  /** Starts the time anew, also after `stop`. */
  touch(timeoutMs = this.#timeoutMs): void {
    this.#timeoutMs = timeoutMs
    this.#expiresAt = performance.now() + timeoutMs
    // A later end needs no new timer: the old one finds it when it fires.
    if (this.#timer === null || this.#firesAt > this.#expiresAt) this.#arm()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #arm(): void {
    this.stop()
    this.#firesAt = this.#expiresAt
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, this.#expiresAt - performance.now()))
  }

  #fire(): void {
    this.#timer = null
    const now = performance.now()
    if (this.#expiresAt - now >= 1) this.#arm()
    else if (now - this.#firesAt > lateMs) this.touch()
    else this.#onExpired()
  }
}
