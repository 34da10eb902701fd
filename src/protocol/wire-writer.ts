import { longestString, WireError } from './wire-reader.ts'

/**
 * Writes Kafka's primitive types into one growing buffer; the counterpart of WireReader. Throws WireError for what no
 * message can hold, and where it would become longer than `mostBytes`.
 */
export class WireWriter {
  flexible: boolean
  readonly #mostBytes: number
  #buffer: Buffer
  #length = 0

  constructor({ capacity = 256, flexible = false, mostBytes = Infinity } = {}) {
    this.#buffer = Buffer.allocUnsafe(capacity)
    this.flexible = flexible
    this.#mostBytes = mostBytes
  }

  get length(): number {
    return this.#length
  }

  /** What was written, as a view: valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  int8(value: number): this {
    const at = this.#grow(1)
    this.#buffer.writeInt8(value, at)
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    const at = this.#grow(2)
    this.#buffer.writeInt16BE(value, at)
    return this
  }

  uint16(value: number): this {
    const at = this.#grow(2)
    this.#buffer.writeUInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.#grow(4)
    this.#buffer.writeInt32BE(value, at)
    return this
  }

  uint32(value: number): this {
    const at = this.#grow(4)
    this.#buffer.writeUInt32BE(value, at)
    return this
  }

  /** `value` is an integer of at most 53 bits. */
  int64(value: number): this {
    const at = this.#grow(8)
    this.#buffer.writeInt32BE(Math.floor(value / 4294967296), at)
    this.#buffer.writeUInt32BE(value - Math.floor(value / 4294967296) * 4294967296, at + 4)
    return this
  }

  float64(value: number): this {
    const at = this.#grow(8)
    this.#buffer.writeDoubleBE(value, at)
    return this
  }

  uvarint(value: number): this {
    let rest = value
    while (rest > 0x7f) {
      const at = this.#grow(1)
      this.#buffer[at] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 128)
    }
    const at = this.#grow(1)
    this.#buffer[at] = rest
    return this
  }

  /** Zigzag varint, 32 bits. */
  varint(value: number): this {
    return this.uvarint(((value << 1) ^ (value >> 31)) >>> 0)
  }

  /** Zigzag varint of an integer of at most 52 bits. */
  varlong(value: number): this {
    return this.uvarint(value < 0 ? -value * 2 - 1 : value * 2)
  }

  string(value: string): this {
    return this.nullableString(value)
  }

  nullableString(value: string | null): this {
    if (value === null) return this.flexible ? this.uvarint(0) : this.int16(-1)
    const length = Buffer.byteLength(value)
    if (length > longestString)
      throw new WireError(`a string of which ${length} bytes would have to be written`)
    if (this.flexible) this.uvarint(length + 1)
    else this.int16(length)
    const at = this.#grow(length)
    this.#buffer.write(value, at, 'utf8')
    return this
  }

  bytes(value: Uint8Array): this {
    return this.nullableBytes(value)
  }

  nullableBytes(value: Uint8Array | null): this {
    if (value === null) return this.flexible ? this.uvarint(0) : this.int32(-1)
    if (this.flexible) this.uvarint(value.length + 1)
    else this.int32(value.length)
    return this.raw(value)
  }

  raw(value: Uint8Array): this {
    const at = this.#grow(value.length)
    this.#buffer.set(value, at)
    return this
  }

  array<T>(items: readonly T[] | null, item: (writer: this, value: T) => void): this {
    if (items === null) return this.flexible ? this.uvarint(0) : this.int32(-1)
    if (this.flexible) this.uvarint(items.length + 1)
    else this.int32(items.length)
    for (const value of items) item(this, value)
    return this
  }

  /** Ends a structure: an empty set of tagged fields in a flexible version, nothing otherwise. */
  tags(): this {
    return this.flexible ? this.uvarint(0) : this
  }

  /** Makes room. Call it before touching the buffer, which it may exchange. */
  #grow(bytes: number): number {
    const at = this.#length
    const needed = at + bytes
    if (needed > this.#buffer.length) {
      if (needed > this.#mostBytes)
        throw new WireError(`what takes more than ${this.#mostBytes} bytes to answer`)
      const bigger = Buffer.allocUnsafe(Math.max(needed, Math.min(this.#buffer.length * 2, this.#mostBytes)))
      this.#buffer.copy(bigger, 0, 0, at)
      this.#buffer = bigger
    }
    this.#length = needed
    return at
  }
}
