import { crc32c } from '../../protocol/crc32c.ts'

/**
 * The journal is lines of JSON. Each begins with the member `crc`, the CRC-32C of everything behind it:
 *
 *     {"crc":"5ab1c3d0","format":"tsconnect-offsets","version":1,"worker":"<uuid>","generation":1,"entries":0}
 *     {"crc":"0f27d9aa","seq":1,"at":1700000000000,"set":[["[\"files\",{\"filename\":\"a\"}]","{\"position\":28}"]]}
 *
 * A batch is one line, so that a torn write loses all of it or nothing. `seq` counts without gaps within a file, so
 * that lines missing from the middle are noticed. `entries` is the number of lines a compaction wrote behind the
 * header: a file that ends before them was cut.
 */
export interface JournalHeader {
  readonly version: number
  /** Random name of the worker that started the journal; compaction keeps it. */
  readonly worker: string
  readonly generation: number
  readonly entries: number
}

export type OffsetChange = readonly [key: string, value: string | null]

export interface JournalLine {
  readonly seq: number
  /** When the batch was written, in ms since the epoch. */
  readonly at: number
  readonly set: readonly OffsetChange[]
}

export interface DecodedJournal {
  readonly header: JournalHeader | null
  readonly lines: readonly JournalLine[]
  /** What is wrong, in words and in the order of the file; the torn tail is not among it. */
  readonly damage: readonly string[]
  /** Bytes up to and including the last line that ended; the rest was torn off in writing. */
  readonly intactLength: number
  /** Whether bytes behind `intactLength` are lost (not merely a missing line end). */
  readonly isTorn: boolean
}

export const journalVersion = 1
const formatName = 'tsconnect-offsets'
const linePrefix = '{"crc":"'
const bodyStart = linePrefix.length + 8 + 2
const newline = 0x0a

export function encodeHeader(header: JournalHeader): Buffer {
  const { version, worker, generation, entries } = header
  return encodeLine({ format: formatName, version, worker, generation, entries })
}

export function encodeBatch({ seq, at, set }: JournalLine): Buffer {
  return encodeLine({ seq, at, set })
}

function encodeLine(content: object): Buffer {
  const line = Buffer.from(`${linePrefix}00000000",${JSON.stringify(content).slice(1)}\n`)
  line.write(checksum(line, bodyStart, line.length - 1), linePrefix.length, 'latin1')
  return line
}

/** Never throws: whatever is in the bytes, the intact lines come out and the rest is described. */
export function decodeJournal(bytes: Buffer): DecodedJournal {
  const state = new Decoder()
  let start = 0
  let number = 1
  for (; start < bytes.length; number++) {
    const end = bytes.indexOf(newline, start)
    if (end < 0) break
    state.line(bytes.subarray(start, end), `line ${number}`)
    start = end + 1
  }
  // A last line without its end counts when it is whole; otherwise the write that made it was cut short.
  const isTorn = start < bytes.length && !state.tail(bytes.subarray(start))
  state.finish()
  return { ...state.result(), intactLength: start, isTorn }
}

class Decoder {
  #header: JournalHeader | null = null
  readonly #lines: JournalLine[] = []
  readonly #damage: string[] = []
  #lastSeq = 0
  /** Damaged lines since the last intact one, which explain gaps in the count. */
  #damagedLines = 0

  line(bytes: Buffer, name: string): void {
    if (this.#accept(bytes)) return
    const kept = this.#acceptPieces(bytes)
    this.#damagedLines++
    const what = bytes.every((byte) => byte === 0) ? 'is filled with zeros' : 'does not match its checksum'
    this.#damage.push(`${name} ${what}${kept > 0 ? ` (${kept} intact within)` : ''}`)
  }

  /** What stands behind the last line end. False: nothing in it is whole. */
  tail(bytes: Buffer): boolean {
    if (this.#accept(bytes)) return true
    const kept = this.#acceptPieces(bytes)
    if (kept > 0) this.#damage.push('the last line does not end where it should')
    return kept > 0
  }

  finish(): void {
    if (this.#header === null) {
      this.#damage.push('the header is missing')
    } else if (this.#lastSeq < this.#header.entries) {
      this.#damage.push(`${this.#header.entries - this.#lastSeq} missing at the end`)
    }
  }

  result() {
    return { header: this.#header, lines: this.#lines, damage: this.#damage }
  }

  /** Looks within a damaged line for whole ones: the damage may have hit the line end between two, or zeros come first. */
  #acceptPieces(bytes: Buffer): number {
    let kept = 0
    let start = bytes.indexOf(linePrefix)
    while (start >= 0) {
      const next = bytes.indexOf(linePrefix, start + 1)
      const end = next < 0 ? bytes.length : next
      const candidates = [end - 1, end]
      if (candidates.some((at) => this.#accept(bytes.subarray(start, at)))) kept++
      start = next
    }
    return kept
  }

  #accept(bytes: Buffer): boolean {
    const content = verifiedContent(bytes)
    if (content === null) return false
    if (isHeader(content)) {
      this.#header ??= content
      return true
    }
    if (!isBatch(content)) return false
    const missing = content.seq - this.#lastSeq - 1 - this.#damagedLines
    if (missing > 0) this.#damage.push(`${missing} missing before the one with seq ${content.seq}`)
    this.#damagedLines = 0
    this.#lastSeq = content.seq
    this.#lines.push(content)
    return true
  }
}

function verifiedContent(line: Buffer): object | null {
  if (line.length <= bodyStart || line.toString('latin1', 0, linePrefix.length) !== linePrefix) return null
  if (
    line.toString('latin1', linePrefix.length, linePrefix.length + 8) !==
    checksum(line, bodyStart, line.length)
  ) {
    return null
  }
  try {
    return JSON.parse(line.toString('utf8')) as object
  } catch {
    return null
  }
}

function checksum(bytes: Buffer, start: number, end: number): string {
  return crc32c(bytes, start, end).toString(16).padStart(8, '0')
}

function isHeader(content: object): content is JournalHeader {
  return 'format' in content && content.format === formatName && 'version' in content
}

function isBatch(content: object): content is JournalLine {
  return 'seq' in content && typeof content.seq === 'number' && 'set' in content && Array.isArray(content.set)
}
