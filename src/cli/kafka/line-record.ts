import type { ProducerRecord, RawHeader } from '../../kafka/client.ts'
import { parseJsonRecord } from './record-json.ts'
import { unescape } from './record-format.ts'
import { UsageError } from './usage-error.ts'

export interface LineOptions {
  readonly topic?: string
  readonly partition?: string
  /** Between key and value. */
  readonly keySeparator?: string
  /** `name=value`, or a name alone: null. */
  readonly header?: readonly string[]
  /** What is empty is null. */
  readonly nulls?: boolean
  readonly json?: boolean
}

export type RecordOfLine = (line: Buffer) => ProducerRecord

/** How lines become records. Throws UsageError where the options do not go together. */
export function recordsOfLines(options: LineOptions): RecordOfLine {
  const { topic, keySeparator, nulls = false, json = false } = options
  const partition = options.partition === undefined ? null : partitionOf(options.partition)
  const headers = headersOf(options.header ?? [])
  if (json) {
    if (keySeparator !== undefined || nulls)
      throw new UsageError('--json has keys and nulls of its own: it does not go together with -K and -Z.')
    return (line) => {
      const { topic: read, headers: own, ...record } = parseJsonRecord(line.toString())
      const to = topic ?? read
      if (to === null) throw new Error('it has no "topic", and there is no -t')
      return {
        ...record,
        topic: to,
        partition,
        headers: headers === null ? own : [...(own ?? []), ...headers],
      }
    }
  }
  if (topic === undefined) throw new UsageError('-t TOPIC is needed: where the records go.')
  const separator = keySeparator === undefined ? null : Buffer.from(unescape(keySeparator))
  if (separator?.length === 0)
    throw new UsageError('-K is empty. It takes what stands between key and value.')
  const filled = (bytes: Buffer) => (nulls && bytes.length === 0 ? null : bytes)
  return (line) => {
    const at = separator === null ? -1 : line.indexOf(separator)
    const key = at < 0 ? null : filled(line.subarray(0, at))
    const value = filled(at < 0 ? line : line.subarray(at + separator!.length))
    return { topic, partition, timestamp: null, key, value, headers }
  }
}

export function partitionOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`-p ${text} is not understood. It takes the number of a partition, from 0.`)
}

function headersOf(given: readonly string[]): readonly RawHeader[] | null {
  if (given.length === 0) return null
  return given.map((text) => {
    const at = text.indexOf('=')
    if (at === 0) throw new UsageError(`-H ${text} has no name. It takes name=value.`)
    return at < 0 ? [text, null] : [text.slice(0, at), Buffer.from(text.slice(at + 1))]
  })
}
