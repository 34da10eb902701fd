import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Lab } from './lab.ts'

/** What failing-disk.ts does to the worker's calls to the file system. */
export interface FaultyDisk {
  /** The beginning of the paths of the files that it is about, or the log. */
  readonly target: string
  /** The disk is full while this file is there. */
  readonly fullWhile: string
  /** The calls that a full disk refuses. */
  readonly fullCalls: readonly string[]
  /** Dies before this many calls of the writing of a new generation, halfway through if it is a write; null: does not. */
  readonly killBefore: number | null
}

/** The disk under one file of the worker (or under its log), as the worker sees it. */
export class DiskControl {
  readonly #lab: Lab
  readonly #target: string

  constructor(lab: Lab, target: string) {
    this.#lab = lab
    this.#target = target
    this.set({})
  }

  /** For the worker's environment. */
  get env(): NodeJS.ProcessEnv {
    const preload = fileURLToPath(new URL('./faults-disk.mjs', import.meta.url))
    return { NODE_OPTIONS: `--import ${preload}`, TSCONNECT_FAULTY_DISK: this.#lab.path('disk.json') }
  }

  get isFull(): boolean {
    return existsSync(this.#lab.path('disk-is-full'))
  }

  /** Counts from the next start of the worker on. */
  set({ fullCalls = [], killBefore = null }: Partial<FaultyDisk>): void {
    const disk: FaultyDisk = {
      target: this.#target,
      fullWhile: this.#lab.path('disk-is-full'),
      fullCalls,
      killBefore,
    }
    writeFileSync(this.#lab.path('disk.json'), JSON.stringify(disk))
  }

  fill(): void {
    writeFileSync(this.#lab.path('disk-is-full'), '')
  }

  free(): void {
    rmSync(this.#lab.path('disk-is-full'))
  }
}
