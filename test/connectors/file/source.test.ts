import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileStreamSource } from '../../../src/connectors/file/source.ts'
import {
  ConnectError,
  Schema,
  type OffsetMap,
  type SourceRecord,
  type SourceTask,
} from '../../../src/index.ts'
import { sourceContext } from '../../support/source-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const running = new AbortController().signal

async function open(file: string, offset: OffsetMap | null = null, batchSize = 2000): Promise<SourceTask> {
  const settings = fileStreamSource.config.parse({ file, 'topic': 't', 'batch.size': String(batchSize) })
  const task = await fileStreamSource.startTask(settings, sourceContext(offset))
  onTestFinished(async () => task.stop?.())
  return task
}

/** Polls until so many records have come. */
async function records(task: SourceTask, count: number): Promise<SourceRecord[]> {
  const found: SourceRecord[] = []
  while (found.length < count) found.push(...((await task.poll(running)) ?? []))
  return found
}

const valuesOf = (found: Iterable<SourceRecord>) => Array.from(found, ({ value }) => value.value)
const positionsOf = (found: readonly SourceRecord[]) =>
  found.map(({ sourceOffset }) => sourceOffset?.['position'])

describe('FileStreamSource', () => {
  test('makes a record of every line, as Kafka Connect does', async () => {
    const file = join(tempFolder(), 'in.txt')
    writeFileSync(file, 'first\nsecond\n')
    const [first] = await records(await open(file), 2)
    expect(first).toMatchObject({
      topic: 't',
      partition: null,
      key: { schema: null, value: null },
      value: { schema: Schema.STRING, value: 'first' },
      sourcePartition: { filename: file },
      sourceOffset: { position: 6 },
    })
    expect(first!.timestamp).toBeGreaterThan(Date.now() - 60_000)
  })

  test('waits for the end of a line and goes on behind it', async () => {
    const file = join(tempFolder(), 'in.txt')
    writeFileSync(file, 'partial line')
    const task = await open(file)
    const stopping = new AbortController()
    const empty = task.poll(stopping.signal)
    stopping.abort()
    expect(await empty).toBeNull()
    appendFileSync(file, ' finished\n')
    const [line] = await records(task, 1)
    appendFileSync(file, 'line1\rline2\r\nline3\nline4\n\r')
    const rest = await records(task, 4)
    appendFileSync(file, 'subsequent text')
    const last = await records(task, 1)
    expect([...valuesOf([line!, ...rest]), ...valuesOf(last)]).toEqual([
      'partial line finished',
      'line1',
      'line2',
      'line3',
      'line4',
      '',
    ])
    expect(positionsOf([line!, ...rest, ...last])).toEqual([22, 28, 35, 41, 47, 48])
  })

  test('resumes at any line of multibyte text without losing or repeating one', async () => {
    const file = join(tempFolder(), 'in.txt')
    const lines = ['zwölf', '日本語 🚀', '', 'ascii', 'naïve café']
    writeFileSync(file, lines.map((line) => `${line}\r\n`).join(''))
    const all = await records(await open(file), lines.length)
    for (const [i, record] of all.entries()) {
      if (i + 1 === lines.length) break
      const rest = await records(await open(file, record.sourceOffset), lines.length - i - 1)
      expect(valuesOf(rest)).toEqual(lines.slice(i + 1))
    }
  })

  test('returns at most batch.size records, and the rest without new data', async () => {
    const file = join(tempFolder(), 'in.txt')
    writeFileSync(file, 'a\nb\nc\nd\ne\n')
    const task = await open(file, null, 2)
    expect(valuesOf((await task.poll(running))!)).toEqual(['a', 'b'])
    expect(valuesOf((await task.poll(running))!)).toEqual(['c', 'd'])
    expect(valuesOf((await task.poll(running))!)).toEqual(['e'])
  })

  test('waits for a file that does not exist yet', async () => {
    const file = join(tempFolder(), 'later.txt')
    const task = await open(file)
    const stopping = new AbortController()
    const empty = task.poll(stopping.signal)
    stopping.abort()
    expect(await empty).toBeNull()
    writeFileSync(file, 'here\n')
    expect(valuesOf(await records(task, 1))).toEqual(['here'])
  })

  test('fails for a folder, saying what it found', async () => {
    const folder = join(tempFolder(), 'folder')
    mkdirSync(folder)
    await expect((await open(folder)).poll(running)).rejects.toThrow(
      `Cannot read ${folder}: it is a directory`,
    )
  })

  test('refuses an offset that is no position', async () => {
    const file = join(tempFolder(), 'in.txt')
    writeFileSync(file, 'x\n')
    await expect((await open(file, { position: 'start' })).poll(running)).rejects.toThrow(
      'Offset position is the incorrect type',
    )
  })

  test('requires a topic', () => {
    expect(() => fileStreamSource.config.parse({})).toThrow(
      'Missing required configuration "topic" which has no default value.',
    )
    expect(() => fileStreamSource.config.parse({ topic: ' ' })).toThrow(
      'Invalid value  for configuration topic: String must be non-empty',
    )
  })

  const file = { file: 'in.txt' }
  const partition = { filename: 'in.txt' }
  for (const { what, props, change, message } of [
    { what: 'a position', props: file, change: { partition, offset: { position: 10 } }, message: null },
    {
      what: 'a reset of any partition',
      props: file,
      change: { partition: null, offset: null },
      message: null,
    },
    {
      what: 'stdin',
      props: {},
      change: { partition, offset: { position: 1 } },
      message: "'file' configuration is unspecified",
    },
    {
      what: 'no position',
      props: file,
      change: { partition, offset: {} },
      message: "contain the key 'position'",
    },
    {
      what: 'text',
      props: file,
      change: { partition, offset: { position: '1' } },
      message: 'expected to be a Long',
    },
    {
      what: 'a fraction',
      props: file,
      change: { partition, offset: { position: 1.5 } },
      message: 'expected to be a Long',
    },
    {
      what: 'below zero',
      props: file,
      change: { partition, offset: { position: -1 } },
      message: 'non-negative',
    },
    {
      what: 'no partition',
      props: file,
      change: { partition: null, offset: { position: 1 } },
      message: 'cannot be null',
    },
    {
      what: 'no filename',
      props: file,
      change: { partition: {}, offset: { position: 1 } },
      message: "key 'filename'",
    },
  ]) {
    test(`${message === null ? 'accepts' : 'refuses'} an offset change with ${what}`, () => {
      const alter = () => fileStreamSource.alterOffsets!(props, [change])
      if (message === null) expect(alter()).toBe(true)
      else expect(alter).toThrow(message)
      if (message !== null) expect(alter).toThrow(ConnectError)
    })
  }
})
