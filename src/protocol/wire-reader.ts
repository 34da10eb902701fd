/** No text in any message is longer, also where its length would allow it (as in Kafka). */
export const longestString = 0x7fff

/**
 * Reads Kafka's primitive types from one frame. In a flexible version (KIP-482) strings, bytes and arrays
 * have compact lengths and structures end in tagged fields; `flexible` chooses, so that one function can
 * read every version of a message. Every length is checked against what is left before anything is allocated.
 */
export class WireReader {
  readonly buffer: Buffer
  position: number
  readonly end: number
  flexible: boolean
  #elementsLeft: number

  /** `mostElements` bounds what all arrays of the frame hold together: an element takes more memory than bytes. */
  constructor(
    buffer: Buffer,
    { position = 0, end = buffer.length, flexible = false, mostElements = Infinity } = {},
  ) {
    this.buffer = buffer
    this.position = position
    this.end = end
    this.flexible = flexible
    this.#elementsLeft = mostElements
  }

  get remaining(): number {
    return this.end - this.position
  }

  int8(): number {
    return this.buffer.readInt8(this.#advance(1))
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#advance(2))
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.#advance(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#advance(4))
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.#advance(4))
  }

  /** A 64-bit integer as a number: exact up to 2^53, which no offset, timestamp or producer id passes. */
  int64(): number {
    const at = this.#advance(8)
    return this.buffer.readInt32BE(at) * 4294967296 + this.buffer.readUInt32BE(at + 4)
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.#advance(8))
  }

  /** Unsigned varint of at most 5 bytes. */
  uvarint(): number {
    let result = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.#advance(1)]!
      result += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return result
    }
    throw new WireError('a varint of more than 5 bytes')
  }

  /** Zigzag varint, 32 bits. */
  varint(): number {
    const raw = this.uvarint() >>> 0
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** Zigzag varint, 64 bits, as a number (exact up to 2^53). */
  varlong(): number {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.buffer[this.#advance(1)]!
      if (shift < 28) low += (byte & 0x7f) * 2 ** shift
      else high += (byte & 0x7f) * 2 ** (shift - 28)
      if (byte < 0x80) {
        const raw = high * 268435456 + low
        return low & 1 ? -(raw + 1) / 2 : raw / 2
      }
    }
    throw new WireError('a varlong of more than 10 bytes')
  }

  string(): string {
    const text = this.nullableString()
    if (text === null) throw new WireError('null where a string is required')
    return text
  }

  nullableString(): string | null {
    const length = this.flexible ? this.uvarint() - 1 : this.int16()
    if (length < 0) return null
    if (length > longestString) throw new WireError(`a string of ${length} bytes`)
    const at = this.#advance(length)
    return this.buffer.toString('utf8', at, at + length)
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const bytes = this.nullableBytes()
    if (bytes === null) throw new WireError('null where bytes are required')
    return bytes
  }

  /** A view, not a copy. */
  nullableBytes(): Buffer | null {
    const length = this.flexible ? this.uvarint() - 1 : this.int32()
    if (length < 0) return null
    const at = this.#advance(length)
    return this.buffer.subarray(at, at + length)
  }

  /** A view of so many bytes. */
  raw(length: number): Buffer {
    const at = this.#advance(length)
    return this.buffer.subarray(at, at + length)
  }

  uuid(): Buffer {
    return this.raw(16)
  }

  array<T>(item: (reader: this) => T): T[] {
    return this.nullableArray(item) ?? []
  }

  nullableArray<T>(item: (reader: this) => T): T[] | null {
    const length = this.flexible ? this.uvarint() - 1 : this.int32()
    if (length < 0) return null
    // Every element takes at least one byte: a longer array is a lie that must not be allocated.
    if (length > this.remaining)
      throw new WireError(`an array of ${length} elements in ${this.remaining} bytes`)
    this.#elementsLeft -= length
    if (this.#elementsLeft < 0) throw new WireError('more array elements than any client has to send')
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(item(this))
    return items
  }

  /** Skips the tagged fields that end a structure of a flexible version; nothing otherwise. */
  tags(): void {
    if (!this.flexible) return
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint()
      this.#advance(this.uvarint())
    }
  }

  #advance(bytes: number): number {
    const at = this.position
    if (bytes < 0 || bytes > this.end - at) {
      throw new WireError(`${bytes} bytes wanted at ${at}, ${this.end - at} left`)
    }
    this.position = at + bytes
    return at
  }
}

/** The bytes are not what the protocol allows. The connection they came from cannot be trusted any more. */
export class WireError extends Error {
  override name = 'WireError'
}
