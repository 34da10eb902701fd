import { isUtf8 } from 'node:buffer'
import type { ConsumerRecord, ProducerRecord, RawHeader } from '../../kafka/client.ts'
import type { RecordWriter } from './record-format.ts'

/**
 * kcat's JSON (`-J`), one object a line: topic, partition, offset, tstype, ts, headers as a flat list, key, payload.
 * What is no UTF-8 is there once more in Base64: keyBase64, payloadBase64, headersBase64 (all values of them).
 */
export const jsonWriter: RecordWriter = (record, out) => {
  out.push(`${JSON.stringify(recordJson(record))}\n`)
}

const timestampTypes = { CreateTime: 'create', LogAppendTime: 'logappend', NoTimestampType: 'unknown' }

function recordJson(record: ConsumerRecord): object {
  const { topic, partition, offset, timestampType, timestamp, key, value, headers } = record
  return {
    topic,
    partition,
    offset,
    tstype: timestampTypes[timestampType],
    ts: timestamp,
    ...(headers.length > 0 && headersJson(headers)),
    key: textOf(key),
    ...(isBinary(key) && { keyBase64: key?.toString('base64') }),
    payload: textOf(value),
    ...(isBinary(value) && { payloadBase64: value?.toString('base64') }),
  }
}

function headersJson(headers: readonly RawHeader[]): object {
  const flat = (text: (value: Buffer | null) => string | null) =>
    headers.flatMap(([name, value]) => [name, text(value)])
  return {
    headers: flat(textOf),
    ...(headers.some(([, value]) => isBinary(value)) && {
      headersBase64: flat((value) => value?.toString('base64') ?? null),
    }),
  }
}

function textOf(bytes: Buffer | null): string | null {
  return bytes?.toString() ?? null
}

function isBinary(bytes: Buffer | null): boolean {
  return bytes !== null && !isUtf8(bytes)
}

/** What of such a line can be written again; its partition and offset are those of where it was read. */
export type RecordOfJson = Pick<ProducerRecord, 'key' | 'value' | 'headers' | 'timestamp'> & {
  readonly topic: string | null
}

/** Throws an Error that says what is wrong with the line. */
export function parseJsonRecord(line: string): RecordOfJson {
  const parsed: unknown = JSON.parse(line)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Error('it is no JSON object')
  const { topic, ts, tstype, key, keyBase64, payload, payloadBase64, headers, headersBase64 } =
    parsed as Readonly<Record<string, unknown>>
  if (payload === undefined && payloadBase64 === undefined)
    throw new Error('it has no "payload" (null is a value, too)')
  const isTimed = typeof ts === 'number' && ts >= 0 && Number.isSafeInteger(ts) && tstype !== 'unknown'
  return {
    topic: typeof topic === 'string' ? topic : null,
    timestamp: isTimed ? ts : null,
    key: bytesOf('key', key, keyBase64),
    value: bytesOf('payload', payload, payloadBase64),
    headers: headersOf(headers, headersBase64),
  }
}

function bytesOf(name: string, text: unknown, base64: unknown): Buffer | null {
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64')
  if (text === null || text === undefined) return null
  if (typeof text === 'string') return Buffer.from(text)
  // A document that somebody has put in without quoting it.
  if (typeof text === 'object') return Buffer.from(JSON.stringify(text))
  throw new Error(`its "${name}" is neither text nor null`)
}

function headersOf(texts: unknown, base64: unknown): readonly RawHeader[] | null {
  const flat: unknown = base64 ?? texts ?? null
  if (flat === null) return null
  if (!Array.isArray(flat) || flat.length % 2 !== 0)
    throw new Error('its headers are no list of names and values in turn')
  const headers: RawHeader[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const [name, value] = [flat[i] as unknown, flat[i + 1] as unknown]
    const isFine = typeof name === 'string' && (value === null || typeof value === 'string')
    if (!isFine) throw new Error('its headers are no list of names and values in turn')
    headers.push([name, value === null ? null : Buffer.from(value, base64 == null ? 'utf8' : 'base64')])
  }
  return headers
}
