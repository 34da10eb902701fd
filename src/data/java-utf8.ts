/** `String.getBytes(UTF_8)`: half of a surrogate pair is a question mark. */
export function encodeUtf8(text: string): Buffer {
  return Buffer.from(text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?'))
}

/** `new String(bytes, UTF_8)`: malformed bytes are replacement characters, as many as Java makes of them. */
export function decodeUtf8(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? withoutSurrogates(bytes).toString('utf8') : text
}

/** Of an encoded surrogate Java makes one replacement character, and the Web one per byte. */
function withoutSurrogates(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let done = 0
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    if (!(bytes[at + 1]! >= 0xa0 && bytes[at + 1]! <= 0xbf)) continue
    parts.push(bytes.subarray(done, at), replacement)
    done = at + ((bytes[at + 2]! & 0xc0) === 0x80 ? 3 : 2)
  }
  parts.push(bytes.subarray(done))
  return Buffer.concat(parts)
}

const replacement = Buffer.from('\ufffd')
