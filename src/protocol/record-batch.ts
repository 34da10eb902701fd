import type { Texts } from '../util/texts.ts'
import { crc32c } from './crc32c.ts'
import { isPlainJsonText, mostJsonBytes, writeJsonText } from './json-text.ts'
import { WireError } from './wire-reader.ts'

/** Bytes before the first record of a batch (format v2). */
export const batchHeaderBytes = 61

/** The low three bits of a batch's attributes. */
export const codecIds = Object.freeze({ none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 })
export type CodecName = keyof typeof codecIds

const logAppendTimeBit = 0x08
const transactionalBit = 0x10
const controlBit = 0x20

export interface BatchOptions {
  readonly codec?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly transactional?: boolean
}

type Headers = readonly (readonly [key: string, value: Buffer | null])[]

/** Records that differ in a text in their value only. */
export interface RecordRun {
  readonly timestamp: number
  readonly key: Buffer | null
  readonly headers: Headers | null
  /** The value of record i is `before`, text i and `after`. */
  readonly before: Buffer
  readonly after: Buffer
  readonly texts: Texts
  /** How a text is written: as it is, or as the inside of a JSON string. */
  readonly form: 'plain' | 'json'
}

/**
 * Builds one record batch (format v2) record by record, straight into a growing buffer: nothing is allocated
 * per record. `close` writes the header; the batch may be closed again with other options (a retry), and
 * `reset` starts the next batch in the same memory.
 */
export class RecordBatchBuilder {
  #buffer: Buffer
  #length = batchHeaderBytes
  #count = 0
  #firstTimestamp = 0
  #maxTimestamp = 0

  constructor(buffer: Buffer = Buffer.allocUnsafeSlow(16_384)) {
    this.#buffer = buffer
  }

  /** Bytes so far, header included. */
  get length(): number {
    return this.#length
  }

  get count(): number {
    return this.#count
  }

  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /** The memory it works in, so that it can be used again. */
  get buffer(): Buffer {
    return this.#buffer
  }

  reset(): void {
    this.#length = batchHeaderBytes
    this.#count = 0
  }

  /** Adds a record and returns the length of the batch with it. */
  append(timestamp: number, key: Buffer | null, value: Buffer | null, headers: Headers | null): number {
    if (this.#count === 0) {
      this.#firstTimestamp = timestamp
      this.#maxTimestamp = timestamp
    } else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    const timestampDelta = timestamp - this.#firstTimestamp
    const offsetDelta = this.#count

    let size = 1 + varlongSize(timestampDelta) + uvarintSize(offsetDelta * 2)
    size += key === null ? 1 : uvarintSize(key.length * 2) + key.length
    size += value === null ? 1 : uvarintSize(value.length * 2) + value.length
    size += headers === null ? 1 : headersSize(headers)

    const needed = this.#length + size + 5
    if (needed > this.#buffer.length) this.#grow(needed)
    const buffer = this.#buffer
    let at = writeUvarint(buffer, this.#length, size * 2)
    buffer[at++] = 0 // attributes: none are defined
    at = writeUvarint(buffer, at, timestampDelta < 0 ? -timestampDelta * 2 - 1 : timestampDelta * 2)
    at = writeUvarint(buffer, at, offsetDelta * 2)
    at = writeBytes(buffer, at, key)
    at = writeBytes(buffer, at, value)
    if (headers === null) buffer[at++] = 0
    else at = writeHeaders(buffer, at, headers)
    this.#length = at
    this.#count++
    return at
  }

  /**
   * Adds records of the run from `from` on for as long as the batch stays within `limit` bytes; an empty batch takes
   * one in any case. Returns the index behind the last one added.
   */
  appendRun(run: RecordRun, from: number, limit: number): number {
    const { timestamp, key, headers, before, after, texts } = run
    if (this.#count === 0) {
      this.#firstTimestamp = timestamp
      this.#maxTimestamp = timestamp
    } else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    const timestampDelta = timestamp - this.#firstTimestamp
    const zigzag = timestampDelta < 0 ? -timestampDelta * 2 - 1 : timestampDelta * 2
    const commonSize =
      1 +
      uvarintSize(zigzag) +
      (key === null ? 1 : uvarintSize(key.length * 2) + key.length) +
      (headers === null ? 1 : headersSize(headers))
    const around = before.length + after.length
    const bound = recordSizeUpperBound(key, null, headers) + around
    const reader = new TextReader(run)
    let buffer = this.#buffer
    let at = this.#length
    let count = this.#count
    let i = from
    for (; i < texts.length; i++) {
      const textLength = reader.read(i)
      if (count > 0 && at + bound + textLength > limit) break
      const valueLength = around + textLength
      const size = commonSize + uvarintSize(count * 2) + uvarintSize(valueLength * 2) + valueLength
      if (at + size + 5 > buffer.length) {
        this.#length = at
        this.#grow(at + size + 5)
        buffer = this.#buffer
      }
      at = writeUvarint(buffer, at, size * 2)
      buffer[at++] = 0 // attributes: none are defined
      at = writeUvarint(buffer, at, zigzag)
      at = writeUvarint(buffer, at, count * 2)
      at = writeBytes(buffer, at, key)
      at = writeUvarint(buffer, at, valueLength * 2)
      if (before.length > 0) {
        buffer.set(before, at)
        at += before.length
      }
      at = reader.copyTo(buffer, at)
      if (after.length > 0) {
        buffer.set(after, at)
        at += after.length
      }
      if (headers === null) buffer[at++] = 0
      else at = writeHeaders(buffer, at, headers)
      count++
    }
    this.#length = at
    this.#count = count
    return i
  }

  /** The records as they are, for a codec: a view. */
  records(): Buffer {
    return this.#buffer.subarray(batchHeaderBytes, this.#length)
  }

  /**
   * Writes the header and returns the finished batch: a view of this builder's memory, or with `compressed`
   * (what `options.codec` made of `records()`) a new buffer.
   */
  close(options: BatchOptions = {}, compressed?: Buffer): Buffer {
    let batch = this.#buffer.subarray(0, this.#length)
    if (compressed !== undefined) {
      batch = Buffer.allocUnsafe(batchHeaderBytes + compressed.length)
      batch.set(compressed, batchHeaderBytes)
    }
    const codec = compressed === undefined ? 0 : (options.codec ?? 0)
    writeInt64(batch, 0, 0) // base offset: the broker's business
    batch.writeInt32BE(batch.length - 12, 8)
    batch.writeInt32BE(-1, 12) // leader epoch: unknown to producers
    batch[16] = 2
    batch.writeInt16BE(codec | (options.transactional === true ? transactionalBit : 0), 21)
    batch.writeInt32BE(this.#count - 1, 23)
    writeInt64(batch, 27, this.#firstTimestamp)
    writeInt64(batch, 35, this.#maxTimestamp)
    writeInt64(batch, 43, options.producerId ?? -1)
    batch.writeInt16BE(options.producerEpoch ?? -1, 51)
    batch.writeInt32BE(options.baseSequence ?? -1, 53)
    batch.writeInt32BE(this.#count, 57)
    batch.writeUInt32BE(crc32c(batch, 21), 17)
    return batch
  }

  #grow(needed: number): void {
    const bigger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    bigger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = bigger
  }
}

/** No record of this key and value takes more bytes in a batch. */
export function recordSizeUpperBound(
  key: Buffer | null,
  value: Buffer | null,
  headers: Headers | null,
): number {
  let size = 36 + (key === null ? 0 : key.length) + (value === null ? 0 : value.length)
  if (headers !== null) size += headersSize(headers)
  return size
}

/** No more bytes than this are taken by record i of the run in a batch. */
export function runRecordSizeUpperBound(run: RecordRun, i: number): number {
  const { key, headers, before, after } = run
  return recordSizeUpperBound(key, null, headers) + before.length + after.length + new TextReader(run).read(i)
}

/** The value of record i of the run, in memory of its own. */
export function runValue(run: Pick<RecordRun, 'before' | 'after' | 'texts' | 'form'>, i: number): Buffer {
  const reader = new TextReader(run)
  const length = run.before.length + reader.read(i)
  const value = Buffer.allocUnsafe(length + run.after.length)
  value.set(run.before)
  reader.copyTo(value, run.before.length)
  value.set(run.after, length)
  return value
}

/** Turns to one text of a run after the other, in the form in which it is written. */
class TextReader {
  readonly #texts: Texts
  readonly #isJson: boolean
  // Parts of a Buffer are Buffers, which take twice as long to make.
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #escaped: Uint8Array | null = null
  #source: Uint8Array
  #start = 0
  #length = 0

  constructor({ texts, form }: Pick<RecordRun, 'texts' | 'form'>) {
    const { buffer, byteOffset, length } = texts.bytes
    this.#texts = texts
    this.#isJson = form === 'json'
    this.#bytes = new Uint8Array(buffer, byteOffset, length)
    this.#view = new DataView(buffer, byteOffset, length)
    this.#source = this.#bytes
  }

  /** Turns to text i and returns how many bytes it takes. */
  read(i: number): number {
    const start = this.#texts.starts[i]!
    const end = this.#texts.ends[i]!
    if (this.#isJson && !isPlainJsonText(this.#view, start, end)) return this.#escape(start, end)
    this.#source = this.#bytes
    this.#start = start
    this.#length = end - start
    return this.#length
  }

  /** Writes the text that was turned to; returns where it ends. */
  copyTo(target: Uint8Array, at: number): number {
    const length = this.#length
    const start = this.#start
    if (length < 24) {
      // Cheaper than the call into the engine's copy.
      for (let i = 0; i < length; i++) target[at + i] = this.#source[start + i]!
    } else target.set(this.#source.subarray(start, start + length), at)
    return at + length
  }

  #escape(start: number, end: number): number {
    const most = (end - start) * mostJsonBytes
    if (this.#escaped === null || this.#escaped.length < most) this.#escaped = new Uint8Array(most)
    this.#source = this.#escaped
    this.#start = 0
    this.#length = writeJsonText(this.#escaped, 0, this.#bytes, start, end)
    return this.#length
  }
}

/** The header of a batch that lies at `start` of a buffer. */
export interface BatchHeader {
  readonly start: number
  /** Behind the last byte of the batch. */
  readonly end: number
  readonly baseOffset: number
  readonly leaderEpoch: number
  readonly codec: number
  readonly isLogAppendTime: boolean
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly lastOffset: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly count: number
}

/** Reads a batch's header; null when the batch is not there to its end (a fetch may cut the last one). */
export function readBatchHeader(buffer: Buffer, start: number, limit = buffer.length): BatchHeader | null {
  if (limit - start < 17) return null
  const end = start + 12 + buffer.readInt32BE(start + 8)
  if (end > limit) return null
  const magic = buffer[start + 16]!
  if (magic !== 2) {
    throw new WireError(`a record batch in message format v${magic}; only v2 (Kafka 0.11 and later) is read`)
  }
  if (end - start < batchHeaderBytes) throw new WireError(`a record batch of ${end - start} bytes`)
  const attributes = buffer.readInt16BE(start + 21)
  const baseOffset = readInt64(buffer, start)
  return {
    start,
    end,
    baseOffset,
    leaderEpoch: buffer.readInt32BE(start + 12),
    codec: attributes & 0x07,
    isLogAppendTime: (attributes & logAppendTimeBit) !== 0,
    isTransactional: (attributes & transactionalBit) !== 0,
    isControl: (attributes & controlBit) !== 0,
    // Not the number of records: compaction removes records and keeps this.
    lastOffset: baseOffset + buffer.readInt32BE(start + 23),
    baseTimestamp: readInt64(buffer, start + 27),
    maxTimestamp: readInt64(buffer, start + 35),
    producerId: readInt64(buffer, start + 43),
    producerEpoch: buffer.readInt16BE(start + 51),
    baseSequence: buffer.readInt32BE(start + 53),
    count: buffer.readInt32BE(start + 57),
  }
}

/** Whether the batch is what was written, by its checksum. */
export function isBatchIntact(buffer: Buffer, batch: BatchHeader): boolean {
  return crc32c(buffer, batch.start + 21, batch.end) === buffer.readUInt32BE(batch.start + 17)
}

const noHeaders: readonly (readonly [string, Buffer | null])[] = Object.freeze([])

/**
 * Walks over the records of a batch: `next` moves on and fills the fields. `bytes` are the records, already
 * decompressed. Keys and values are views.
 */
export class RecordReader {
  offset = -1
  timestamp = -1
  key: Buffer | null = null
  value: Buffer | null = null
  headers: readonly (readonly [key: string, value: Buffer | null])[] = noHeaders
  readonly #bytes: Buffer
  readonly #end: number
  readonly #baseOffset: number
  readonly #baseTimestamp: number
  /** The broker's time for all records, or -1 when each has its own. */
  readonly #logAppendTime: number
  #at: number
  #left: number

  constructor(batch: BatchHeader, bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#baseOffset = batch.baseOffset
    this.#baseTimestamp = batch.baseTimestamp
    this.#logAppendTime = batch.isLogAppendTime ? batch.maxTimestamp : -1
    this.#left = batch.count
  }

  get remaining(): number {
    return this.#left
  }

  next(): boolean {
    if (this.#left <= 0) return false
    this.#left--
    const size = this.#varint()
    const end = this.#at + size
    if (size < 6 || end > this.#end) throw new WireError(`a record of ${size} bytes`)
    this.#at++ // attributes
    const timestampDelta = this.#varlong()
    this.timestamp = this.#logAppendTime === -1 ? this.#baseTimestamp + timestampDelta : this.#logAppendTime
    this.offset = this.#baseOffset + this.#varint()
    this.key = this.#view(end)
    this.value = this.#view(end)
    const headers = this.#bytes[this.#at] === 0 ? 0 : -1
    if (headers === 0) {
      this.headers = noHeaders
      this.#at++
    } else this.headers = this.#headers(end)
    if (this.#at !== end) throw new WireError(`a record that ends ${end - this.#at} bytes before its length`)
    return true
  }

  #view(end: number): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    const at = this.#at
    if (length > end - at) throw new WireError(`${length} bytes in a record with ${end - at} left`)
    this.#at = at + length
    return this.#bytes.subarray(at, at + length)
  }

  #headers(end: number): (readonly [string, Buffer | null])[] {
    const count = this.#varint()
    if (count < 0 || count > end - this.#at) throw new WireError(`${count} record headers`)
    const headers: (readonly [string, Buffer | null])[] = []
    for (let i = 0; i < count; i++) {
      const key = this.#view(end)
      if (key === null) throw new WireError('a record header without key')
      headers.push([key.toString(), this.#view(end)])
    }
    return headers
  }

  #varint(): number {
    const first = this.#bytes[this.#at]!
    if (first < 0x80 && this.#at < this.#end) {
      this.#at++
      return (first >>> 1) ^ -(first & 1)
    }
    let raw = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at >= this.#end) throw new WireError('the records end inside a varint')
      const byte = this.#bytes[this.#at++]!
      raw |= (byte & 0x7f) << shift
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1)
    }
    throw new WireError('a varint of more than 5 bytes')
  }

  #varlong(): number {
    const first = this.#bytes[this.#at]!
    if (first < 0x80 && this.#at < this.#end) {
      this.#at++
      return (first >>> 1) ^ -(first & 1)
    }
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new WireError('the records end inside a varlong')
      const byte = this.#bytes[this.#at++]!
      if (shift < 28) low += (byte & 0x7f) * 2 ** shift
      else high += (byte & 0x7f) * 2 ** (shift - 28)
      if (byte < 0x80) {
        const raw = high * 268_435_456 + low
        return low & 1 ? -(raw + 1) / 2 : raw / 2
      }
    }
    throw new WireError('a varlong of more than 10 bytes')
  }
}

function headersSize(headers: Headers): number {
  let size = uvarintSize(headers.length * 2)
  for (const [key, value] of headers) {
    const length = Buffer.byteLength(key)
    size += uvarintSize(length * 2) + length
    size += value === null ? 1 : uvarintSize(value.length * 2) + value.length
  }
  return size
}

function writeHeaders(buffer: Buffer, start: number, headers: Headers): number {
  let at = writeUvarint(buffer, start, headers.length * 2)
  for (const [key, value] of headers) {
    at = writeUvarint(buffer, at, Buffer.byteLength(key) * 2)
    at += buffer.write(key, at, 'utf8')
    at = writeBytes(buffer, at, value)
  }
  return at
}

function writeBytes(buffer: Buffer, start: number, bytes: Buffer | null): number {
  if (bytes === null) {
    buffer[start] = 1 // zigzag of -1
    return start + 1
  }
  const length = bytes.length
  let at = writeUvarint(buffer, start, length * 2)
  if (length < 24) {
    // Cheaper than the call into the engine's copy.
    for (let i = 0; i < length; i++) buffer[at++] = bytes[i]!
    return at
  }
  buffer.set(bytes, at)
  return at + length
}

/** `value` is already zigzagged, below 2^53. */
function writeUvarint(buffer: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7fffffff) {
    buffer[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}

function uvarintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  let size = 4
  for (let rest = Math.floor(value / 0x10000000); rest > 0; rest = Math.floor(rest / 128)) size++
  return size
}

function varlongSize(value: number): number {
  return uvarintSize(value < 0 ? -value * 2 - 1 : value * 2)
}

function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 4294967296)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 4294967296, at + 4)
}

function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 4294967296 + buffer.readUInt32BE(at + 4)
}
