/** A wait that ends early: when woken, or when its task is to stop. */
export class Wakeup {
  #wake: (() => void) | null = null

  async wait(timeoutMs: number, stopping: AbortSignal): Promise<void> {
    if (stopping.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, timeoutMs)
      stopping.addEventListener('abort', done, { once: true })
      this.#wake = done
      function done() {
        clearTimeout(timer)
        stopping.removeEventListener('abort', done)
        resolve()
      }
    })
    this.#wake = null
  }

  wake(): void {
    this.#wake?.()
  }
}
