import { readGroup } from '../kafka/group-reading.ts'
import type { CommandIo } from '../kafka/io.ts'
import { partitionOf } from '../kafka/line-record.ts'
import { parseStart, type StartOption } from '../kafka/offset-option.ts'
import { readAlone, type Reading } from '../kafka/reading.ts'
import { bytesOf, formatWriter, type RecordWriter, unescape } from '../kafka/record-format.ts'
import { jsonWriter } from '../kafka/record-json.ts'
import { checkTopic, type ClientOptions, inSession, type Session } from '../kafka/session.ts'
import { UsageError } from '../kafka/usage-error.ts'

export interface ConsumeOptions extends ClientOptions {
  readonly topic: string
  readonly offset?: string
  readonly count?: string
  readonly exit?: boolean
  readonly partition?: string
  readonly format?: string
  readonly json?: boolean
  readonly keySeparator?: string
  readonly nulls?: boolean
  readonly group?: string
  readonly isolationLevel?: string
}

/** Prints the records of a topic. Returns the exit code, after a signal that of the signal. */
export async function consume(options: ConsumeOptions, io: CommandIo): Promise<number> {
  return inSession('consume', options, io, () => {
    const { topic, group, isolationLevel, exit = false } = options
    const partition = options.partition === undefined ? null : partitionOf(options.partition)
    const start = options.offset === undefined ? null : parseStart(options.offset)
    if (group !== undefined) checkForGroup(partition, start)
    const ending = new AbortController()
    const take = printer(options, io, () => ending.abort())
    const reading: Reading = { topic, start, stopsAtEnd: exit, take, ending: ending.signal }
    return async (session) => {
      io.stop.stopping.addEventListener('abort', () => ending.abort())
      await checkTopic(session, topic, partition)
      const isolated = isolationLevel === undefined ? {} : { 'isolation.level': isolationLevel }
      const chosen: Session = { ...session, consumer: { ...session.consumer, ...isolated } }
      if (group === undefined) await readAlone(reading, partition, chosen)
      else await readGroup(reading, group, chosen)
      return io.stop.code() ?? 0
    }
  })
}

function checkForGroup(partition: number | null, start: StartOption | null): void {
  if (partition !== null)
    throw new UsageError('-p does not go together with --group: the group gives out the partitions.')
  if (start === null || typeof start === 'string') return
  throw new UsageError(
    'With --group, -o takes beginning or end, for where nothing is committed. tsconnect groups reset sets offsets.',
  )
}

function printer(options: ConsumeOptions, io: CommandIo, enough: () => void): Reading['take'] {
  const write = recordWriter(options)
  let left = countOf(options.count)
  return async (records) => {
    const wanted = records.length > left ? records.slice(0, left) : records
    left -= wanted.length
    await io.stdout.write(bytesOf(wanted, write))
    if (left === 0) enough()
    return wanted
  }
}

function recordWriter({ format, json = false, keySeparator, nulls = false }: ConsumeOptions): RecordWriter {
  if ([format, keySeparator, json || undefined].filter((each) => each !== undefined).length > 1)
    throw new UsageError('-f, -K and --json do not go together: each says how a record is printed.')
  if (json) return jsonWriter
  const nullText = nulls ? 'NULL' : ''
  if (keySeparator === undefined) return formatWriter(format ?? '%s\\n', { nullText })
  const separator = Buffer.from(unescape(keySeparator))
  const [key, value] = [formatWriter('%k', { nullText }), formatWriter('%s\\n', { nullText })]
  return (record, out) => {
    key(record, out)
    out.push(separator)
    value(record, out)
  }
}

function countOf(text: string | undefined): number {
  if (text === undefined) return Infinity
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError(`-c ${text} is not understood. It takes a number from 1.`)
}
