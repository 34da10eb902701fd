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

  /** `endsAt` LF: a CR is a character like any other. */
  constructor(position: number, capacity = 128 * 1024, endsAt: 'LF' | 'LF and CR' = 'LF and CR') {
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
    let end = this.#nextLf
    let terminator = 1
    if (this.#nextCr >= 0 && (end < 0 || this.#nextCr < end)) {
      end = this.#nextCr
      if (end + 1 === this.#end) return null
      if (this.#buffer[end + 1] === lf) terminator = 2
    }
    if (end < 0) return null
    const line = this.#buffer.toString('utf8', this.#start, end)
    this.#consume(end + terminator - this.#start)
    return line
  }

  /** What is left at the end of a source that cannot grow any more; null when nothing is. */
  rest(): string | null {
    if (this.pending === 0) return null
    const end = this.#buffer[this.#end - 1] === cr ? this.#end - 1 : this.#end
    const line = this.#buffer.toString('utf8', this.#start, end)
    this.#consume(this.pending)
    return line
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
