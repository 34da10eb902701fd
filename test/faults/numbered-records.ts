import { closeSync, openSync, writeSync } from 'node:fs'
import { crc32c } from '../../src/protocol/crc32c.ts'

/** What became of numbered records: the figures of reference/faults.md. */
export interface Verdict {
  /** Never arrived. */
  lost: number
  /** Arrived more than once. */
  duplicated: number
  /** Came behind a later one of the same partition, other than as part of a repetition. */
  reordered: number
  /** Arrived with another content than was sent. */
  damaged: number
  /** Halves of lines that a kill left in a file; the record comes again as a whole. */
  torn: number
}

export const recordBytes = 100

/** Record `n` as a line without its end: number, checksum of the rest, filler. */
export function recordText(n: number): string {
  const filler = String(n * 2654435761).padStart(recordBytes - 21, 'x')
  return `${String(n).padStart(10, '0')} ${crc32c(Buffer.from(filler)).toString(16).padStart(8, '0')} ${filler}`
}

/** Appends the records `from` up to before `to` to a file, a line each. */
export function appendRecords(file: string, from: number, to: number): void {
  const fd = openSync(file, 'a')
  try {
    for (let at = from; at < to; at += 5000) {
      const lines = Array.from({ length: Math.min(5000, to - at) }, (_, i) => `${recordText(at + i)}\n`)
      writeSync(fd, lines.join(''))
    }
  } finally {
    closeSync(fd)
  }
}

/** Takes what arrives, partition by partition, and says at the end what is wrong with it. */
export class Oracle {
  readonly #count: number
  readonly #arrivals: Uint16Array
  readonly #last = new Map<number, number>()
  #damaged = 0
  #torn = 0
  #reordered = 0
  #seen = 0

  constructor(count: number) {
    this.#count = count
    this.#arrivals = new Uint16Array(count)
  }

  /** How many different records have arrived. */
  get seen(): number {
    return this.#seen
  }

  take(text: string, partition = 0): void {
    const n = Number(text.slice(0, 10))
    if (text.length < recordBytes - 1 && isTorn(text)) {
      this.#torn++
      return
    }
    if (!(n >= 0 && n < this.#count) || text !== recordText(n)) {
      this.#damaged++
      return
    }
    const last = this.#last.get(partition) ?? -1
    // A repetition steps back to something that was there; a gap that is filled later is disorder.
    if (n < last && this.#arrivals[n] === 0) this.#reordered++
    if (this.#arrivals[n] === 0) this.#seen++
    this.#arrivals[n]! += 1
    this.#last.set(partition, n)
  }

  verdict(): Verdict {
    let lost = 0
    let duplicated = 0
    for (const arrivals of this.#arrivals) {
      if (arrivals === 0) lost++
      else duplicated += arrivals - 1
    }
    return { lost, duplicated, reordered: this.#reordered, damaged: this.#damaged, torn: this.#torn }
  }
}

function isTorn(text: string): boolean {
  if (text.length < 10) return /^\d*$/.test(text)
  const n = Number(text.slice(0, 10))
  return Number.isInteger(n) && recordText(n).startsWith(text)
}
