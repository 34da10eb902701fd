import { javaText, type SinkRecord } from '../../index.ts'

/** Above this a buffer is given back when it has been written. */
const mostKeptBytes = 4 * 1024 * 1024
const lineEnd = 10

/** Lines that are written together, and which records they are. Used again and again: `clear` begins the next ones. */
export class Lines {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024)
  #length = 0
  #count = 0
  /** Of each record: its offset, and where its line ends. */
  #offsets = new Float64Array(1024)
  #ends = new Float64Array(1024)
  /** Records in a row of one partition; each begins at the record with this number. */
  #partitions: { readonly topic: string; readonly partition: number; readonly from: number }[] = []

  get length(): number {
    return this.#length
  }

  /** Valid until the next `add` or `clear`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  add({ value, originalTopic: topic, originalPartition: partition, offset }: SinkRecord): void {
    const text = javaText(value.value, value.schema)
    // A character of UTF-16 takes three bytes at most.
    const most = this.#length + text.length * 3 + 1
    if (most > this.#buffer.length) this.#grow(most)
    // Half of a surrogate pair is a question mark in Java.
    const encodable = text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?')
    this.#length += this.#buffer.write(encodable, this.#length)
    this.#buffer[this.#length++] = lineEnd
    const latest = this.#partitions.at(-1)
    if (latest === undefined || latest.partition !== partition || latest.topic !== topic) {
      this.#partitions.push({ topic, partition, from: this.#count })
    }
    if (this.#count === this.#ends.length) this.#makeRoom()
    this.#offsets[this.#count] = offset
    this.#ends[this.#count++] = this.#length
  }

  clear(): void {
    if (this.#buffer.length > mostKeptBytes) this.#buffer = Buffer.allocUnsafeSlow(64 * 1024)
    this.#length = 0
    this.#count = 0
    this.#partitions = []
  }

  /**
   * Of these lines so many bytes got out: notes for each partition the offset behind its last record that is written as a
   * whole, or that of its first one where none is. Returns how many bytes are whole lines.
   */
  note(bytes: number, written: Map<string, number>): number {
    let whole = 0
    for (const [at, { topic, partition, from }] of this.#partitions.entries()) {
      const key = `${topic}-${partition}`
      const end = this.#partitions[at + 1]?.from ?? this.#count
      for (let i = from; i < end; i++) {
        if (this.#ends[i]! <= bytes) {
          written.set(key, this.#offsets[i]! + 1)
          whole = this.#ends[i]!
        } else if (!written.has(key)) written.set(key, this.#offsets[i]!)
      }
    }
    return whole
  }

  #grow(needed: number): void {
    const bigger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(bigger, 0, 0, this.#length)
    this.#buffer = bigger
  }

  #makeRoom(): void {
    const [offsets, ends] = [this.#offsets, this.#ends]
    this.#offsets = new Float64Array(offsets.length * 2)
    this.#offsets.set(offsets)
    this.#ends = new Float64Array(ends.length * 2)
    this.#ends.set(ends)
  }
}
