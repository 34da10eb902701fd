import type { Lab } from './lab.ts'

/** Writes numbered records to the source's file at a steady rate until it is told to end. */
export class Load {
  readonly #lab: Lab
  readonly #begun = performance.now()
  readonly #perSecond: number
  readonly #timer: NodeJS.Timeout
  readonly #from: number
  written: number

  /** Goes on behind the `from` records that are there already. */
  constructor(lab: Lab, perSecond: number, from = 0) {
    this.written = from
    this.#from = from
    this.#lab = lab
    this.#perSecond = perSecond
    this.#timer = setInterval(() => this.#write(), 10)
    lab.onClose(async () => clearInterval(this.#timer))
  }

  /** The number of records that there are in the end. */
  end(): number {
    clearInterval(this.#timer)
    this.#write()
    return this.written
  }

  #write(): void {
    const due = this.#from + Math.floor(((performance.now() - this.#begun) / 1000) * this.#perSecond)
    if (due > this.written) this.#lab.write(this.written, due)
    this.written = Math.max(due, this.written)
  }
}
