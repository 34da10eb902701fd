/** Wakes the one who waits. A notification that comes while nobody waits is kept for the next wait. */
export class Signal {
  #isSet = false
  #wake: (() => void) | null = null

  notify(): void {
    if (this.#wake === null) this.#isSet = true
    else this.#wake()
  }

  wait(timeoutMs: number): Promise<void> {
    if (this.#isSet) {
      this.#isSet = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), Math.min(Math.max(0, timeoutMs), 2 ** 31 - 1))
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
    })
  }
}
