import { watch, type FSWatcher } from 'node:fs'
import { Wakeup } from './wakeup.ts'

/** Without notifications from the system the file is looked at this often. */
const pollingMs = 200

/**
 * Tells when a file may have changed. Notifications of the file system where they can be had; a look after a
 * while in any case, since network file systems have none.
 */
export class FileChanges {
  readonly #file: string
  #watcher: FSWatcher | null = null
  #isWatchable = true
  #hasChanged = false
  readonly #wakeup = new Wakeup()

  constructor(file: string) {
    this.#file = file
  }

  /** Forgets changes so far: call it before looking at the file. */
  reset(): void {
    this.#watch()
    this.#hasChanged = false
  }

  /** Resolves at the next change since `reset`, after the time given, or when stopping. */
  async wait(timeoutMs: number, stopping: AbortSignal): Promise<void> {
    if (this.#hasChanged) return
    const limit = this.#watcher === null ? Math.min(timeoutMs, pollingMs) : timeoutMs
    await this.#wakeup.wait(limit, stopping)
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = null
    this.#isWatchable = false
  }

  #watch(): void {
    if (this.#watcher !== null || !this.#isWatchable) return
    try {
      this.#watcher = watch(this.#file, { persistent: false }, () => this.#changed())
      this.#watcher.on('error', () => this.close())
    } catch (error) {
      // A file that does not exist yet is watched once it does; a full table of watches stays full.
      this.#isWatchable = (error as NodeJS.ErrnoException).code === 'ENOENT'
    }
  }

  #changed(): void {
    this.#hasChanged = true
    this.#wakeup.wake()
  }
}
