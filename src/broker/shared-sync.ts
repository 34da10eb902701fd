/**
 * Brings something to the disk for many callers: one sync runs at a time, and all calls that come while it runs
 * share the next one, since the running one may have begun before what they wrote.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null

  constructor(sync: () => Promise<void>) {
    this.#sync = sync
  }

  /** Resolves when a sync that began after this call is done. */
  request(): Promise<void> {
    if (this.#running === null) return this.#start()
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    )
    return this.#next
  }

  /** Resolves when nothing runs any more. */
  idle(): Promise<void> {
    return this.#next ?? this.#running ?? Promise.resolve()
  }

  #start(): Promise<void> {
    this.#next = null
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = null
    })
    this.#running = running
    return running
  }
}
