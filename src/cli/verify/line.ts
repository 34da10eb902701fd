import { hash } from 'node:crypto'

/** One line of a file, or of a record's text, as far as comparing and showing it needs. */
export interface Line {
  /** Of the whole text, in 52 bits: lines with the same one are the same. */
  readonly digest: number
  /** The beginning of the text. */
  preview: string
  /** Counts from 1; in a topic, over all partitions in the order of reading. */
  readonly number: number
  /** Of the first byte in a file, or of the record in its partition. */
  readonly offset: number
  /** -1: a file. */
  readonly partition: number
}

/** Lines in order, in batches; null at the end. */
export interface LineReader {
  next(): Promise<readonly Line[] | null>
  close(): Promise<void>
}

const previewLength = 100

export function lineOf(text: string, place: Pick<Line, 'number' | 'offset' | 'partition'>): Line {
  return { digest: parseInt(hash('sha256', text).slice(0, 13), 16), preview: previewOf(text), ...place }
}

function previewOf(text: string): string {
  if (text.length <= previewLength) return text
  // A copy: a part of a string keeps the whole of it in memory.
  return Buffer.from(`${text.slice(0, previewLength)}...`).toString()
}

/** What can be said of all lines together. The checksum does not depend on their order. */
export class Totals {
  lines = 0
  #high = 0
  #low = 0

  add({ digest }: Line): void {
    this.lines++
    this.#high = (this.#high + Math.floor(digest / 2 ** 26)) >>> 0
    this.#low = (this.#low + (digest % 2 ** 26)) >>> 0
  }

  get checksum(): string {
    return [this.#high, this.#low].map((half) => half.toString(16).padStart(8, '0')).join('')
  }
}
