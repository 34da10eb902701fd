/**
 * The inside of a JSON string as Kafka Connect's parser library writes it: short escapes where there are any, \\u with
 * upper-case digits for other control characters and for each half of a character beyond U+FFFF.
 */

/** So many bytes may become of one. */
export const mostJsonBytes = 6

/** Whether these bytes, well-formed UTF-8, stand for themselves. May say no of text that is not ASCII. */
export function isPlainJsonText(bytes: DataView, start: number, end: number): boolean {
  let at = start
  // Four bytes at once: some byte is below 0x20, a quote, a backslash or above 0x7f where its high bit is set. A borrow
  // from a lower byte may set a bit too many, never one too few.
  for (const last = end - 3; at < last; at += 4) {
    const word = bytes.getInt32(at)
    const quote = word ^ 0x22222222
    const backslash = word ^ 0x5c5c5c5c
    const special =
      (word - 0x20202020) | word | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash)
    if ((special & 0x80808080) !== 0) return false
  }
  for (; at < end; at++) if (isPlain[bytes.getUint8(at)] === 0) return false
  return true
}

/** Writes the text of `source[start, end)` at `at`, which has room for it; returns where it ends. */
export function writeJsonText(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  for (let from = start; from < end; from++) {
    const byte = source[from]!
    if (byte < 0xf0) {
      const escape = escapes[byte]
      if (escape === undefined) target[at++] = byte
      else for (let i = 0; i < escape.length; i++) target[at++] = escape.charCodeAt(i)
      continue
    }
    const code =
      ((byte & 7) << 18) |
      ((source[from + 1]! & 0x3f) << 12) |
      ((source[from + 2]! & 0x3f) << 6) |
      (source[from + 3]! & 0x3f)
    const text = String.fromCodePoint(code)
    for (const half of unicodeEscape(text.charCodeAt(0)) + unicodeEscape(text.charCodeAt(1))) {
      target[at++] = half.charCodeAt(0)
    }
    from += 3
  }
  return at
}

const shortEscapes: Readonly<Record<number, string>> = {
  0x08: '\\b',
  0x09: '\\t',
  0x0a: '\\n',
  0x0c: '\\f',
  0x0d: '\\r',
  0x22: '\\"',
  0x5c: '\\\\',
}

const escapes: readonly (string | undefined)[] = Array.from(
  { length: 256 },
  (_, byte) => shortEscapes[byte] ?? (byte < 0x20 ? unicodeEscape(byte) : undefined),
)

const isPlain = Uint8Array.from(escapes, (escape, byte) => (escape === undefined && byte < 0x80 ? 1 : 0))

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
}
