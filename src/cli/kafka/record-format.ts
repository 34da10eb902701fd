import type { ConsumerRecord, RawHeader } from '../../kafka/client.ts'
import { UsageError } from './usage-error.ts'

/** Writes a record as bytes: keys and values are not looked into. */
export type RecordWriter = (record: ConsumerRecord, out: (string | Buffer)[]) => void

/** `nullText`: what stands for a key, value or header that is null; one without bytes is empty in any case. */
type Token = (record: ConsumerRecord, nullText: string) => string | Buffer

const tokens: Readonly<Record<string, Token>> = {
  't': ({ topic }) => topic,
  'p': ({ partition }) => String(partition),
  'o': ({ offset }) => String(offset),
  'k': ({ key }, nullText) => key ?? nullText,
  'K': ({ key }) => String(key?.length ?? -1),
  's': ({ value }, nullText) => value ?? nullText,
  'S': ({ value }) => String(value?.length ?? -1),
  'R': ({ value }) => bigEndian(value?.length ?? -1),
  'T': ({ timestamp }) => String(timestamp),
  'h': ({ headers }) => headersText(headers),
  '%': () => '%',
}

/** kcat's format: `%t %p %o %k %s ...`, with `\n`, `\t`, `\r`, `\\` and `\xHH`. Throws UsageError for what is no token. */
export function formatWriter(format: string, { nullText = '' } = {}): RecordWriter {
  const parts: (Token | string)[] = []
  for (const piece of format.match(/%.?|[^%]+/gsu) ?? []) {
    if (!piece.startsWith('%')) {
      parts.push(unescape(piece))
      continue
    }
    const token = Object.hasOwn(tokens, piece.slice(1)) ? tokens[piece.slice(1)] : undefined
    if (token === undefined)
      throw new UsageError(`${piece} is no token of a format. There are %${Object.keys(tokens).join(' %')}.`)
    parts.push(token)
  }
  return (record, out) => {
    for (const part of parts) out.push(typeof part === 'string' ? part : part(record, nullText))
  }
}

/** Of an argument of the command line, where these cannot be typed. Throws UsageError for another escape. */
export function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|[^]|$)/g, (escape, what: string) => {
    if (what.length === 3) return String.fromCharCode(Number.parseInt(what.slice(1), 16))
    const found = { 'n': '\n', 't': '\t', 'r': '\r', '0': '\0', '\\': '\\' }[what]
    if (found === undefined)
      throw new UsageError(`${escape} is not understood. There are \\n \\t \\r \\0 \\\\ and \\xHH.`)
    return found
  })
}

function headersText(headers: readonly RawHeader[]): string | Buffer {
  if (headers.length === 0) return ''
  const parts = headers.flatMap(([name, value], i) => [
    Buffer.from(`${i === 0 ? '' : ','}${name}=`),
    value ?? Buffer.from('NULL'),
  ])
  return Buffer.concat(parts)
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** What the writer makes of these records, in one piece. */
export function bytesOf(records: readonly ConsumerRecord[], write: RecordWriter): Buffer {
  const parts: (string | Buffer)[] = []
  for (const record of records) write(record, parts)
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}
