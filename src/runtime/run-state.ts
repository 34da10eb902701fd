import { deferred, type Deferred } from '../util/deferred.ts'

/**
 * What a task is asked to do: go on, pause, stop, or, when a stop has lasted too long, give up. Stopping is
 * polite (`stopping`), cancelling is not (`cancelled`).
 */
export class RunState {
  readonly #stop = new AbortController()
  readonly #cancel = new AbortController()
  #isPaused: boolean
  #failure: Error | null = null
  #change: Deferred<void> = deferred()
  /** Called on every request, so that a wait can be ended. */
  onChange: (() => void) | null = null

  constructor(isPaused: boolean) {
    this.#isPaused = isPaused
  }

  get stopping(): AbortSignal {
    return this.#stop.signal
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal
  }

  get isStopping(): boolean {
    return this.#stop.signal.aborted
  }

  get isCancelled(): boolean {
    return this.#cancel.signal.aborted
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** What failed the task outside of its own calls, such as in a timer of its plugin. */
  get failure(): Error | null {
    return this.#failure
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#changed()
  }

  stop(): void {
    this.#stop.abort()
    this.#changed()
  }

  /** Ends the task as failed; the first failure counts. */
  fail(error: Error): void {
    this.#failure ??= error
    this.stop()
  }

  cancel(): void {
    this.#stop.abort()
    this.#cancel.abort()
    this.#changed()
  }

  /** Resolves when the task is neither paused nor to go on being so: resumed or stopping. */
  async untilActive(): Promise<void> {
    while (this.#isPaused && !this.isStopping) await this.#change.promise
  }

  #changed(): void {
    const change = this.#change
    this.#change = deferred()
    change.resolve()
    this.onChange?.()
  }
}
