import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { committedPosition } from '../support/committed-position.ts'
import { freePort } from '../support/free-port.ts'
import { judge, killAtProgress } from '../support/kill-run.ts'
import { lineNumber, writeNumberedLines } from '../support/numbered-lines.ts'
import { readTopic } from '../support/read-topic.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'

const lineCount = 300_000
const lineBytes = 100
const totalBytes = lineCount * lineBytes
const kills = 25

async function setUp() {
  const folder = tempFolder()
  const input = join(folder, 'in.txt')
  const output = join(folder, 'out.txt')
  const offsets = join(folder, 'connect.offsets')
  await writeNumberedLines(input, lineCount, lineBytes)
  const bootstrap = `127.0.0.1:${await freePort()}`
  const worker = workerFile(folder, {
    bootstrap,
    'restPort': await freePort(),
    'offset.flush.interval.ms': 50,
  })
  const source = propertiesFile(folder, 'source.properties', {
    'name': 'lines',
    'connector.class': 'FileStreamSource',
    'file': input,
    'topic': 'lines',
  })
  const sink = propertiesFile(folder, 'sink.properties', {
    'name': 'out',
    'connector.class': 'FileStreamSink',
    'file': output,
    'topics': 'lines',
    'exactly.once.sink': 'true',
    // Small batches: more places for a kill to hit. A static member has its place back at once.
    'consumer.override.max.poll.records': 20,
    'consumer.override.group.instance.id': 'out',
  })
  const read = () => committedPosition(offsets) / totalBytes
  const written = () => (statSync(output, { throwIfNoEntry: false })?.size ?? 0) / totalBytes
  return { bootstrap, input, output, args: ['--embedded-broker', worker], source, sink, read, written }
}

const sha = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

test(`kill -9 of the sink ${kills} times: its file is the source's file, byte by byte`, async () => {
  const { input, output, args, source, sink, read, written } = await setUp()
  const filling = WorkerProcess.start([...args, source])
  await until(() => read() >= 1, { what: 'the topic to be filled', timeoutMs: 60_000 })
  await filling.stop()

  const last = await killAtProgress({ args: [...args, sink], progress: written, kills })
  await until(() => written() >= 1, { what: 'the end of the topic', timeoutMs: 60_000 })
  expect(await last.stop()).toBe(143)
  expect(statSync(output).size).toBe(totalBytes)
  expect(sha(readFileSync(output))).toBe(sha(readFileSync(input)))
}, 180_000)

test(`kill -9 of source and sink ${kills} times: the sink's file is the topic, line by line`, async () => {
  const { bootstrap, output, args, source, sink, written } = await setUp()
  await killAtProgress({ args: [...args, source, sink], progress: written, kills })

  const values: string[] = []
  await readTopic(
    bootstrap,
    'lines',
    ({ value }) => values.push(value!.toString()),
    () => values.at(-1)?.startsWith(String(lineCount - 1).padStart(9, '0')) === true,
  )
  const topic = `${values.join('\n')}\n`
  await until(() => written() * totalBytes >= topic.length, {
    what: 'the end of the topic',
    timeoutMs: 60_000,
  })
  expect(sha(readFileSync(output))).toBe(sha(topic))
  expect(
    judge(
      values.map((value) => lineNumber(Buffer.from(value))),
      lineCount,
    ).lost,
  ).toBe(0)
}, 180_000)
