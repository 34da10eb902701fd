/** LZ4 in its frame format, as Kafka uses it since message format v1. */
export function lz4Compress(bytes: Buffer): Buffer {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, blockSizeCode << 4, 0])
  // The second byte of the checksum over the two bytes of the descriptor.
  header[6] = (xxHash32(header.subarray(4, 6)) >>> 8) & 0xff
  const parts: Buffer[] = [header]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, Math.min(at + blockBytes, bytes.length))
    const compressed = compressBlock(block)
    const size = Buffer.allocUnsafe(4)
    if (compressed === null) size.writeUInt32LE((block.length | uncompressedBit) >>> 0)
    else size.writeUInt32LE(compressed.length)
    parts.push(size, compressed ?? block)
  }
  parts.push(Buffer.alloc(4)) // end mark
  return Buffer.concat(parts)
}

export function lz4Decompress(bytes: Buffer, maxBytes: number): Buffer {
  const output = new Output(Math.min(maxBytes, Math.max(1024, bytes.length * 4)), maxBytes)
  let at = 0
  // Frames may follow one another.
  while (at < bytes.length) at = readFrame(bytes, at, output)
  return output.bytes()
}

/** Version 1, blocks independent of each other, no checksums: what Java's producer writes. */
const flags = 0x60
const blockSizeCode = 4
const blockBytes = 64 * 1024
const uncompressedBit = 0x80000000
const magic = 0x184d2204

function readFrame(bytes: Buffer, start: number, output: Output): number {
  let at = start
  if (at + 7 > bytes.length || bytes.readUInt32LE(at) !== magic) throw new Error('it is not an LZ4 frame')
  const flag = bytes[at + 4]!
  if (flag >>> 6 !== 1) throw new Error(`LZ4 frame version ${flag >>> 6} is unknown`)
  const hasBlockChecksum = (flag & 0x10) !== 0
  const hasContentSize = (flag & 0x08) !== 0
  const hasContentChecksum = (flag & 0x04) !== 0
  if ((flag & 0x01) !== 0) throw new Error('it needs an LZ4 dictionary')
  at += 7 + (hasContentSize ? 8 : 0)
  for (;;) {
    if (at + 4 > bytes.length) throw new Error('an LZ4 frame is cut short')
    const size = bytes.readUInt32LE(at)
    at += 4
    if (size === 0) break
    const length = (size & 0x7fffffff) >>> 0
    if (at + length > bytes.length) throw new Error('an LZ4 block is cut short')
    if ((size & uncompressedBit) !== 0) output.append(bytes, at, at + length)
    else decompressBlock(bytes, at, at + length, output)
    // The batch has a checksum of its own, over all of it.
    at += length + (hasBlockChecksum ? 4 : 0)
  }
  return at + (hasContentChecksum ? 4 : 0)
}

/** Matches may reach back into the blocks before, so all blocks go into one buffer. */
class Output {
  buffer: Buffer
  length = 0
  readonly #maxBytes: number

  constructor(capacity: number, maxBytes: number) {
    this.buffer = Buffer.allocUnsafe(capacity)
    this.#maxBytes = maxBytes
  }

  reserve(bytes: number): void {
    const needed = this.length + bytes
    if (needed <= this.buffer.length) return
    if (needed > this.#maxBytes) throw new Error(`it has more than ${this.#maxBytes} bytes`)
    const bigger = Buffer.allocUnsafe(Math.min(this.#maxBytes, Math.max(needed, this.buffer.length * 2)))
    this.buffer.copy(bigger, 0, 0, this.length)
    this.buffer = bigger
  }

  append(bytes: Buffer, from: number, to: number): void {
    this.reserve(to - from)
    bytes.copy(this.buffer, this.length, from, to)
    this.length += to - from
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length)
  }
}

function decompressBlock(input: Buffer, start: number, end: number, output: Output): void {
  let at = start
  while (at < end) {
    const token = input[at++]!
    let literals = token >>> 4
    if (literals === 15) {
      for (let byte = 255; byte === 255; literals += byte) {
        if (at >= end) throw new Error('an LZ4 block ends inside a length')
        byte = input[at++]!
      }
    }
    if (at + literals > end) throw new Error('an LZ4 literal is too long')
    if (literals > 0) {
      output.append(input, at, at + literals)
      at += literals
    }
    if (at >= end) return // the last sequence has no match
    if (at + 2 > end) throw new Error('an LZ4 match is cut short')
    const offset = input[at]! | (input[at + 1]! << 8)
    at += 2
    let length = (token & 15) + 4
    if (length === 19) {
      for (let byte = 255; byte === 255; length += byte) {
        if (at >= end) throw new Error('an LZ4 block ends inside a length')
        byte = input[at++]!
      }
    }
    output.reserve(length)
    const { buffer, length: out } = output
    if (offset === 0 || offset > out) throw new Error('an LZ4 match is out of bounds')
    if (offset >= length && length > 16) buffer.copyWithin(out, out - offset, out - offset + length)
    else for (let i = 0; i < length; i++) buffer[out + i] = buffer[out + i - offset]!
    output.length = out + length
  }
}

const hashBits = 13
const hashTable = new Int32Array(1 << hashBits)

/** null when the block does not get smaller. */
function compressBlock(input: Buffer): Buffer | null {
  const length = input.length
  const output = Buffer.allocUnsafe(length + Math.ceil(length / 255) + 16)
  let out = 0
  let anchor = 0
  let at = 0
  let misses = 64
  hashTable.fill(-1)
  // By the rules of the format a match starts 12 bytes before the end at the latest, and 5 are literals.
  const lastMatch = length - 12
  while (at <= lastMatch) {
    const word = read32(input, at)
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)
    const candidate = hashTable[hash]!
    hashTable[hash] = at
    if (candidate < 0 || at - candidate > 0xffff || read32(input, candidate) !== word) {
      at += misses++ >>> 6
      continue
    }
    misses = 64
    let end = at + 4
    for (let from = candidate + 4; end < length - 5 && input[end] === input[from]; end++) from++
    out = writeSequence(output, out, input, { anchor, at, offset: at - candidate, length: end - at })
    at = end
    anchor = end
  }
  out = writeSequence(output, out, input, { anchor, at: length, offset: 0, length: 0 })
  return out < length ? output.subarray(0, out) : null
}

function writeSequence(
  output: Buffer,
  start: number,
  input: Buffer,
  { anchor, at, offset, length }: { anchor: number; at: number; offset: number; length: number },
): number {
  const literals = at - anchor
  let out = start + 1
  output[start] = Math.min(literals, 15) << 4
  if (literals >= 15) out = writeLength(output, out, literals - 15)
  input.copy(output, out, anchor, at)
  out += literals
  if (length === 0) return out
  output[out++] = offset & 0xff
  output[out++] = offset >>> 8
  output[start]! |= Math.min(length - 4, 15)
  return length - 4 >= 15 ? writeLength(output, out, length - 19) : out
}

function writeLength(output: Buffer, start: number, length: number): number {
  let out = start
  let rest = length
  for (; rest >= 255; rest -= 255) output[out++] = 255
  output[out++] = rest
  return out
}

/** xxHash32 of fewer than 16 bytes, seed 0: all that a frame's descriptor needs. */
function xxHash32(bytes: Buffer): number {
  let hash = (0x165667b1 + bytes.length) | 0
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    hash = (hash + Math.imul(bytes.readInt32LE(at), 0xc2b2ae3d)) | 0
    hash = Math.imul((hash << 17) | (hash >>> 15), 0x27d4eb2f)
  }
  for (; at < bytes.length; at++) {
    hash = (hash + Math.imul(bytes[at]!, 0x165667b1)) | 0
    hash = Math.imul((hash << 11) | (hash >>> 21), 0x9e3779b1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae3d)
  return (hash ^ (hash >>> 16)) >>> 0
}

function read32(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}
