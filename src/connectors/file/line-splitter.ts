import { isUtf8 } from 'node:buffer'
import type { Texts } from '../../index.ts'

/** Complete lines, valid until the splitter is used again. */
export interface Lines {
  readonly texts: Texts
  /** The byte position behind line i in the source. */
  positionBehind(i: number): number
}

/**
 * Cuts bytes into lines at LF, CR and CR LF, in any mix, and knows the byte position behind each. A CR that is
 * the last byte so far does not end its line yet: the LF of a pair may follow.
 */
export class LineSplitter {
  #buffer: Buffer
  /** What is buffered and not returned yet: #buffer[#start, #end). */
  #start = 0
  #end = 0
  /** The next LF and CR at or behind #start; -1: none in the buffer. Valid up to #end. */
  #nextLf = -1
  #nextCr = -1
  readonly #isCrEnd: boolean
  /** The position in the source of #buffer[#start]. */
  #position: number
  /** Of the lines last taken: where each begins and ends in #buffer, and how far behind the first its successor is. */
  #bounds = boundsFor(2048)
  #hasEnded = false

  /** `endsAt` LF: a CR is a character like any other. */
  constructor(position: number, capacity = 256 * 1024, endsAt: 'LF' | 'LF and CR' = 'LF and CR') {
    this.#position = position
    this.#isCrEnd = endsAt === 'LF and CR'
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  /** The byte position behind the last line returned. */
  get position(): number {
    return this.#position
  }

  /** Bytes of an unfinished line. */
  get pending(): number {
    return this.#end - this.#start
  }

  /** The position in the source from which to read next. */
  get readPosition(): number {
    return this.#position + this.pending
  }

  /** Free space to read into; `filled` says how much of it was used. Grows by doubling for long lines. */
  space(): Buffer {
    if (this.#start > 0 && this.#end > this.#buffer.length / 2) this.#compact()
    if (this.#end === this.#buffer.length) {
      const bigger = Buffer.allocUnsafe(this.#buffer.length * 2)
      this.#buffer.copy(bigger, 0, this.#start, this.#end)
      this.#shift(this.#start)
      this.#buffer = bigger
    }
    return this.#buffer.subarray(this.#end)
  }

  filled(bytes: number): void {
    if (bytes === 0) return
    const from = this.#end
    this.#end += bytes
    if (this.#nextLf < 0) this.#nextLf = this.#find(lf, from)
    if (this.#nextCr < 0) this.#nextCr = this.#find(cr, from)
  }

  /** The next line without its terminator, or null when no complete one is buffered. */
  next(): string | null {
    const start = this.#start
    const end = this.#skip()
    return end < 0 ? null : this.#buffer.toString('utf8', start, end)
  }

  /** The complete lines that are buffered, without their terminators; `most` at most. */
  lines(most: number): Lines {
    const position = this.#position
    const bytes = this.#buffer
    let length = 0
    for (; length < most; length++) {
      const start = this.#start
      const end = this.#skip()
      if (end < 0) break
      if (length === this.#bounds.starts.length) this.#bounds = boundsFor(length * 2, this.#bounds)
      this.#bounds.starts[length] = start
      this.#bounds.ends[length] = end
      this.#bounds.behind[length] = this.#position - position
    }
    const { starts, ends, behind } = this.#bounds
    return {
      texts: wellFormed({ bytes, starts, ends, length }),
      positionBehind: (i) => position + behind[i]!,
    }
  }

  /** Nothing follows any more: a last line without terminator is complete. */
  end(): void {
    this.#hasEnded = true
  }

  /** Goes behind the next complete line and says where in #buffer its terminator begins; -1: there is none. */
  #skip(): number {
    let end = this.#nextLf
    let terminator = 1
    if (this.#nextCr >= 0 && (end < 0 || this.#nextCr < end)) {
      end = this.#nextCr
      if (end + 1 < this.#end) terminator = this.#buffer[end + 1] === lf ? 2 : 1
      else if (!this.#hasEnded) return -1
    }
    if (end < 0 && this.#hasEnded && this.pending > 0) {
      end = this.#end
      terminator = 0
    }
    if (end >= 0) this.#consume(end + terminator - this.#start)
    return end
  }

  #consume(bytes: number): void {
    this.#start += bytes
    this.#position += bytes
    if (this.#nextLf >= 0 && this.#nextLf < this.#start) this.#nextLf = this.#find(lf, this.#start)
    if (this.#nextCr >= 0 && this.#nextCr < this.#start) this.#nextCr = this.#find(cr, this.#start)
    if (this.#start === this.#end) this.#shift(this.#start)
  }

  #compact(): void {
    this.#buffer.copyWithin(0, this.#start, this.#end)
    this.#shift(this.#start)
  }

  #shift(by: number): void {
    this.#start -= by
    this.#end -= by
    if (this.#nextLf >= 0) this.#nextLf -= by
    if (this.#nextCr >= 0) this.#nextCr -= by
  }

  #find(byte: number, from: number): number {
    if (byte === cr && !this.#isCrEnd) return -1
    const at = this.#buffer.indexOf(byte, from)
    return at < this.#end ? at : -1
  }
}

const lf = 10
const cr = 13

function boundsFor(lines: number, before?: { readonly [name in 'starts' | 'ends' | 'behind']: Uint32Array }) {
  const bounds = {
    starts: new Uint32Array(lines),
    ends: new Uint32Array(lines),
    behind: new Uint32Array(lines),
  }
  if (before !== undefined) {
    bounds.starts.set(before.starts)
    bounds.ends.set(before.ends)
    bounds.behind.set(before.behind)
  }
  return bounds
}

function textOf({ bytes, starts, ends }: Texts, i: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8', starts[i], ends[i])
}

/** The same texts, with replacement characters for bytes that are no UTF-8. */
function wellFormed(texts: Texts): Texts {
  const { bytes, starts, ends, length } = texts
  if (length === 0 || isUtf8(bytes.subarray(starts[0], ends[length - 1]))) return texts
  const lines = Array.from({ length }, (_, i) => Buffer.from(textOf(texts, i)))
  const mended = { starts: new Uint32Array(length), ends: new Uint32Array(length) }
  let at = 0
  for (const [i, line] of lines.entries()) {
    mended.starts[i] = at
    mended.ends[i] = at += line.length
  }
  return { bytes: Buffer.concat(lines), ...mended, length }
}
