import type { SourceRecord } from '../api/record.ts'
import type { TextRun } from '../api/text-run.ts'
import type { ProducerRecord, ProducerRun, RawHeader } from '../kafka/client.ts'

/** A text that nothing else looks like, and one with all that a converter may write in another way. */
const plain = 'tsconnect:Yb7qXw2LkVd0:text'
const special = `${plain}"\\/\b\t\n\f\r\u0001\u001f\u007f<é\u2028日本🚀`
const specialJson = `${plain}\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001F\u007f<é\u2028日本\\uD83D\\uDE80`

/**
 * How the records of a run are written, learnt from two of them: what transforms and converters make of a text is the
 * same for all where these are uniform. `convert` gives null where a record is dropped or takes its time, or throws;
 * then, and where the text is not found just once in the value, there is no such form, and the result is null.
 */
export function producerRun(
  run: TextRun,
  convert: (record: SourceRecord) => ProducerRecord | null,
): ProducerRun | null {
  const offset = run.sourceOffset(0)
  const first = convert(run.recordOf(plain, offset))
  const second = convert(run.recordOf(special, offset))
  if (first?.value == null || second?.value == null || !isSameButForValue(first, second)) return null
  const at = first.value.indexOf(plain)
  if (at < 0) return null
  const before = first.value.subarray(0, at)
  const after = first.value.subarray(at + plain.length)
  if (before.includes(plain) || after.includes(plain)) return null
  const form = formOf(second.value, before, after)
  if (form === null) return null
  const { topic, partition, timestamp, key, headers } = first
  return { topic, partition, timestamp, key, headers, before, after, texts: run.texts, form }
}

function formOf(value: Buffer, before: Buffer, after: Buffer): ProducerRun['form'] | null {
  const isWritten = (text: string) => Buffer.concat([before, Buffer.from(text), after]).equals(value)
  if (isWritten(special)) return 'plain'
  return isWritten(specialJson) ? 'json' : null
}

function isSameButForValue(a: ProducerRecord, b: ProducerRecord): boolean {
  if (a.topic !== b.topic || a.partition !== b.partition || a.timestamp !== b.timestamp) return false
  if (!isSame(a.key, b.key)) return false
  if (a.headers === null || b.headers === null) return a.headers === b.headers
  const others = b.headers
  return (
    a.headers.length === others.length && a.headers.every((header, i) => isSameHeader(header, others[i]!))
  )
}

function isSameHeader(a: RawHeader, b: RawHeader): boolean {
  return a[0] === b[0] && isSame(a[1], b[1])
}

function isSame(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b)
}
