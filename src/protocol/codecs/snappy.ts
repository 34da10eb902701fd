/**
 * Snappy as Kafka uses it: blocks in the framing of Java's SnappyOutputStream (xerial). Raw blocks without the
 * framing, which some clients write, are read as well.
 */
export function snappyCompress(bytes: Buffer): Buffer {
  const parts: Buffer[] = [xerialHeader]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = compressBlock(bytes.subarray(at, Math.min(at + blockBytes, bytes.length)))
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}

export function snappyDecompress(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length < xerialHeader.length || xerialHeader.compare(bytes, 0, 8, 0, 8) !== 0) {
    return decompressBlock(bytes, maxBytes)
  }
  const parts: Buffer[] = []
  let total = 0
  for (let at = xerialHeader.length; at < bytes.length;) {
    const size = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1
    at += 4
    if (size < 0 || at + size > bytes.length) throw new Error('a snappy block is cut short')
    const part = decompressBlock(bytes.subarray(at, at + size), maxBytes - total)
    parts.push(part)
    total += part.length
    at += size
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

const xerialHeader = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
/** Java's block size; also small enough that every distance fits into two bytes. */
const blockBytes = 32 * 1024

const hashBits = 14
const hashTable = new Uint16Array(1 << hashBits)

function compressBlock(input: Buffer): Buffer {
  const length = input.length
  const output = Buffer.allocUnsafe(32 + length + Math.ceil(length / 6))
  let out = 0
  for (let rest = length; ; rest >>>= 7) {
    if (rest < 0x80) {
      output[out++] = rest
      break
    }
    output[out++] = (rest & 0x7f) | 0x80
  }
  hashTable.fill(0)
  let literalStart = 0
  let at = 1
  let misses = 32
  const lastMatch = length - 15
  while (at < lastMatch) {
    const word = read32(input, at)
    const hash = Math.imul(word, 0x1e35a7bd) >>> (32 - hashBits)
    const candidate = hashTable[hash]!
    hashTable[hash] = at
    if (candidate >= at || read32(input, candidate) !== word) {
      // The longer nothing matches, the faster it is skipped.
      at += misses++ >>> 5
      continue
    }
    misses = 32
    out = writeLiteral(output, out, input, literalStart, at)
    let end = at + 4
    for (let from = candidate + 4; end < length && input[end] === input[from]; end++) from++
    out = writeCopies(output, out, at - candidate, end - at)
    at = end
    literalStart = end
  }
  out = writeLiteral(output, out, input, literalStart, length)
  return output.subarray(0, out)
}

function writeLiteral(output: Buffer, start: number, input: Buffer, from: number, to: number): number {
  const length = to - from
  if (length === 0) return start
  let out = start
  const n = length - 1
  if (n < 60) output[out++] = n << 2
  else if (n < 256) {
    output[out++] = 60 << 2
    output[out++] = n
  } else {
    output[out++] = 61 << 2
    output[out++] = n & 0xff
    output[out++] = n >>> 8
  }
  input.copy(output, out, from, to)
  return out + length
}

function writeCopies(output: Buffer, start: number, offset: number, length: number): number {
  let out = start
  let left = length
  while (left > 0) {
    // A copy with two bytes of offset takes 1 to 64 bytes.
    const n = Math.min(left, 64)
    if (n >= 4 && n <= 11 && offset < 2048) {
      output[out++] = 1 | ((n - 4) << 2) | ((offset >>> 8) << 5)
      output[out++] = offset & 0xff
    } else {
      output[out++] = 2 | ((n - 1) << 2)
      output[out++] = offset & 0xff
      output[out++] = offset >>> 8
    }
    left -= n
  }
  return out
}

function decompressBlock(input: Buffer, maxBytes: number): Buffer {
  let at = 0
  let length = 0
  for (let shift = 0; ; shift += 7) {
    const byte = input[at++]
    if (byte === undefined || shift > 28) throw new Error('a snappy block has no length')
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  if (length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`)
  const output = Buffer.allocUnsafe(length)
  let out = 0
  while (at < input.length) {
    const tag = input[at++]!
    let size = (tag >>> 2) + 1
    if ((tag & 3) === 0) {
      if (size > 60) {
        const bytes = size - 60
        if (at + bytes > input.length) throw new Error('a snappy literal is cut short')
        size = input.readUIntLE(at, bytes) + 1
        at += bytes
      }
      if (at + size > input.length || out + size > length) throw new Error('a snappy literal is too long')
      input.copy(output, out, at, at + size)
      at += size
      out += size
      continue
    }
    let offset: number
    if ((tag & 3) === 1) {
      size = ((tag >>> 2) & 7) + 4
      offset = ((tag >>> 5) << 8) | input[at++]!
    } else if ((tag & 3) === 2) {
      if (at + 2 > input.length) throw new Error('a snappy copy is cut short')
      offset = input.readUInt16LE(at)
      at += 2
    } else {
      if (at + 4 > input.length) throw new Error('a snappy copy is cut short')
      offset = input.readUInt32LE(at)
      at += 4
    }
    if (offset === 0 || offset > out || out + size > length) throw new Error('a snappy copy is out of bounds')
    if (offset >= size) output.copyWithin(out, out - offset, out - offset + size)
    // The source runs into what is being written: a repetition.
    else for (let i = 0; i < size; i++) output[out + i] = output[out + i - offset]!
    out += size
  }
  if (out !== length) throw new Error(`a snappy block of ${out} bytes instead of ${length}`)
  return output
}

function read32(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}
