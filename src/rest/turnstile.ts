/**
 * Lets only so many through per turn of the event loop, in the order in which they came, so that a crowd of
 * requests cannot keep records, heartbeats and timers waiting.
 */
export class Turnstile {
  readonly #perTurn: number
  readonly #waiting: (() => void)[] = []
  #left: number
  #isScheduled = false

  constructor(perTurn: number) {
    this.#perTurn = perTurn
    this.#left = perTurn
  }

  /** Resolves when it is one's turn. */
  enter(): Promise<void> {
    this.#schedule()
    if (this.#left > 0) {
      this.#left--
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const next = this.#waiting.splice(0, this.#perTurn)
      this.#left = this.#perTurn - next.length
      for (const resolve of next) resolve()
      if (next.length > 0) this.#schedule()
    })
  }
}
