/**
 * CRC-32C (Castagnoli, RFC 3720). Record batches carry it over everything from their attributes on.
 * `previous` continues a checksum over several pieces.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, previous = 0): number {
  let crc = ~previous
  let at = start
  if (isLittleEndian && end - start >= 64) {
    // Slicing by sixteen over whole words: twice as fast as byte loads.
    for (; ((bytes.byteOffset + at) & 3) !== 0; at++) crc = step(crc, bytes[at]!)
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, ((end - at) >> 4) * 4)
    for (let i = 0; i < words.length; i += 4) {
      const a = words[i]! ^ crc
      const b = words[i + 1]!
      const c = words[i + 2]!
      const d = words[i + 3]!
      crc =
        tables[3840 + (a & 0xff)]! ^
        tables[3584 + ((a >>> 8) & 0xff)]! ^
        tables[3328 + ((a >>> 16) & 0xff)]! ^
        tables[3072 + (a >>> 24)]! ^
        tables[2816 + (b & 0xff)]! ^
        tables[2560 + ((b >>> 8) & 0xff)]! ^
        tables[2304 + ((b >>> 16) & 0xff)]! ^
        tables[2048 + (b >>> 24)]! ^
        tables[1792 + (c & 0xff)]! ^
        tables[1536 + ((c >>> 8) & 0xff)]! ^
        tables[1280 + ((c >>> 16) & 0xff)]! ^
        tables[1024 + (c >>> 24)]! ^
        tables[768 + (d & 0xff)]! ^
        tables[512 + ((d >>> 8) & 0xff)]! ^
        tables[256 + ((d >>> 16) & 0xff)]! ^
        tables[d >>> 24]!
    }
    at += words.length * 4
  }
  for (; at < end; at++) crc = step(crc, bytes[at]!)
  return ~crc >>> 0
}

const slices = 16
const tables = makeTables()
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function step(crc: number, byte: number): number {
  return (crc >>> 8) ^ tables[(crc ^ byte) & 0xff]!
}

/** `tables[256 * s + b]` is the checksum of the byte b followed by s zero bytes. */
function makeTables(): Int32Array {
  const made = new Int32Array(slices * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    made[byte] = crc
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let slice = 1; slice < slices; slice++) {
      const before = made[(slice - 1) * 256 + byte]!
      made[slice * 256 + byte] = (before >>> 8) ^ made[before & 0xff]!
    }
  }
  return made
}
