/**
 * The text of JSON bytes, in the encoding that they show by a mark or by their zero bytes: UTF-8, UTF-16 or UTF-32.
 * Malformed bytes become a NUL, which no JSON text may contain, and end it: they fail where a value is still expected
 * and do no harm behind it.
 */
export function decodeJson(bytes: Buffer): string {
  if (bytes.length >= 4) {
    const quad = bytes.readUInt32BE(0)
    if (quad === 0x0000feff) return utf32(bytes, 4, false)
    if (quad === 0xfffe0000) return utf32(bytes, 4, true)
    if (quad >>> 16 === 0xfeff) return utf16(bytes, 2, false)
    if (quad >>> 16 === 0xfffe) return utf16(bytes, 2, true)
    if (quad >>> 8 === 0xefbbbf) return utf8(bytes, 3)
    if (quad >>> 8 === 0) return utf32(bytes, 0, false)
    if ((quad & 0x00ffffff) === 0) return utf32(bytes, 0, true)
  }
  if (bytes.length >= 2) {
    if (bytes[0] === 0) return utf16(bytes, 0, false)
    if (bytes[1] === 0) return utf16(bytes, 0, true)
  }
  return utf8(bytes, 0)
}

function utf8(bytes: Buffer, start: number): string {
  const text = bytes.toString('utf8', start)
  return text.includes('\ufffd') ? lenientUtf8(bytes, start) : text
}

/** As Jackson decodes: surrogates and overlong sequences are characters, everything else malformed is not. */
function lenientUtf8(bytes: Buffer, start: number): string {
  const codes: number[] = []
  let text = ''
  for (let at = start; at < bytes.length;) {
    const byte = bytes[at++]!
    const more =
      byte < 0x80
        ? 0
        : (byte & 0xe0) === 0xc0
          ? 1
          : (byte & 0xf0) === 0xe0
            ? 2
            : (byte & 0xf8) === 0xf0
              ? 3
              : -1
    let code = more <= 0 ? byte : byte & (0x3f >> more)
    let isBroken = more < 0
    for (let i = 0; i < more; i++) {
      const next = bytes[at++]
      isBroken ||= next === undefined || (next & 0xc0) !== 0x80
      code = (code << 6) | ((next ?? 0) & 0x3f)
    }
    if (isBroken) return `${text}${String.fromCharCode(...codes)}\0`
    if (more < 3) codes.push(code)
    else codes.push(0xd800 | ((code - 0x10000) >> 10), 0xdc00 | (code & 0x3ff))
    if (codes.length > 4096) {
      text += String.fromCharCode(...codes)
      codes.length = 0
    }
  }
  return text + String.fromCharCode(...codes)
}

function utf16(bytes: Buffer, start: number, isLittle: boolean): string {
  const even = Buffer.from(bytes.subarray(start, bytes.length - ((bytes.length - start) % 2)))
  return (isLittle ? even : even.swap16()).toString('utf16le')
}

function utf32(bytes: Buffer, start: number, isLittle: boolean): string {
  let text = ''
  for (let at = start; at + 4 <= bytes.length; at += 4) {
    const code = isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
    if (code > 0x10ffff) return `${text}\0`
    text += String.fromCodePoint(code)
  }
  return text
}
