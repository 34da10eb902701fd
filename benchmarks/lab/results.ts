import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures } from '../cases.ts'

export interface Result {
  readonly case: string
  readonly subject: string
  readonly round: number
  readonly figures: Figures
}

const folder = '.bench'

/** What was measured of the sources as they are now, a line of JSON for each run. */
export class Results {
  readonly #file: string
  readonly #all: Result[]

  static open(isFresh: boolean): Results {
    mkdirSync(folder, { recursive: true })
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
    const tree = git('rev-parse', '--short', 'HEAD:src')
    const isChanged = git('status', '--porcelain', '--', 'src') !== ''
    const file = join(folder, `${tree}${isChanged ? '-changed' : ''}.jsonl`)
    // What changes from run to run is not the same thing measured again.
    if (isFresh || isChanged) rmSync(file, { force: true })
    return new Results(file)
  }

  private constructor(file: string) {
    this.#file = file
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
    this.#all = lines.map((line) => JSON.parse(line) as Result)
  }

  get all(): readonly Result[] {
    return this.#all
  }

  has(name: string, subject: string, round: number): boolean {
    return this.#all.some((each) => each.case === name && each.subject === subject && each.round === round)
  }

  add(result: Result): void {
    this.#all.push(result)
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`)
  }
}
