import { renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Lab } from './lab.ts'

/** The wall clock of processes that were started with this environment. */
export class WallClock {
  readonly #file: string

  constructor(lab: Lab) {
    this.#file = lab.path('clock')
    this.shift(0)
  }

  get env(): NodeJS.ProcessEnv {
    const preload = fileURLToPath(new URL('./faults-clock.mjs', import.meta.url))
    return { NODE_OPTIONS: `--import ${preload}`, TSCONNECT_CLOCK: this.#file }
  }

  /** Puts it off the true time by so much. */
  shift(ms: number): void {
    // Whoever reads finds the old number or the new one.
    writeFileSync(`${this.#file}.new`, String(ms))
    renameSync(`${this.#file}.new`, this.#file)
  }

  set(time: number): void {
    this.shift(time - Date.now())
  }
}
