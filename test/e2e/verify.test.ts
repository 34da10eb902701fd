import { execFile } from 'node:child_process'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { writeNumberedLines } from '../support/numbered-lines.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { launcher, propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `tsconnect verify`, as a user runs it. */
function verify(...args: readonly string[]): Promise<Outcome> {
  const file = join(dirname(launcher), 'tsconnect.js')
  const env = { ...process.env, NO_COLOR: '1' }
  return new Promise((resolve) => {
    execFile(process.execPath, [file, 'verify', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

async function verifyJson(...args: readonly string[]) {
  const { code, stdout } = await verify(...args, '--json')
  return { code, answer: JSON.parse(stdout) as Record<string, unknown> }
}

const lineCount = 20_000

/** A file that went through a topic of three partitions into another file. */
async function moved(settings: Record<string, string> = {}) {
  const folder = tempFolder()
  const input = join(folder, 'in.txt')
  const output = join(folder, 'out.txt')
  await writeNumberedLines(input, lineCount, 60)
  const bootstrap = `127.0.0.1:${await freePort()}`
  const restPort = await freePort()
  const worker = workerFile(folder, { bootstrap, restPort, ...settings })
  const source = {
    'connector.class': 'FileStreamSource',
    'file': input,
    'topic': 'lines',
    'topic.creation.default.partitions': 3,
    'topic.creation.default.replication.factor': 1,
  }
  const sink = { 'connector.class': 'FileStreamSink', 'file': output, 'topics': 'lines' }
  const running = WorkerProcess.start([
    '--embedded-broker',
    worker,
    propertiesFile(folder, 'source.properties', { name: 'in', ...source }),
  ])
  await running.whenReady()
  const request = (path: string, body?: object) =>
    fetch(`http://127.0.0.1:${restPort}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
  const create = async (name: string, config: object = source) =>
    expect((await request('/connectors', { name, config })).status).toBe(201)
  // The sink would make the topic with one partition.
  const isMade = async () => (await (await request('/connectors/in/topics')).text()).includes('"lines"')
  await until(isMade, { what: 'the topic' })
  await create('out', sink)
  const written = (bytes: number) =>
    until(() => statSync(output, { throwIfNoEntry: false })?.size === bytes, {
      what: `${bytes} bytes of output`,
    })
  await written(lineCount * 60)
  return { folder, input, output, bootstrap, worker, running, written, create }
}

describe('tsconnect verify', () => {
  test('proves that file, topic and file agree, and shows where they do not', async () => {
    const { input, output, bootstrap, worker, running, written, create } = await moved()
    const all = ['--source', input, '--topic', 'lines', '--sink', output, '--worker', worker]
    const agreeing = await verify(...all)
    expect(agreeing.stderr).toBe('')
    expect(agreeing.stdout).toContain(`${lineCount} lines in 3 partitions, checksum`)
    expect(agreeing.stdout).toContain('source -> topic: the same lines, in order')
    expect(agreeing.stdout).toContain('topic -> sink: the same lines, in order')
    expect(agreeing.code).toBe(0)

    const lines = readFileSync(output, 'utf8').split('\n')
    const [removed] = lines.splice(100, 1)
    lines.splice(200, 0, lines[199]!)
    writeFileSync(`${output}.damaged`, lines.join('\n'))
    const damaged = await verifyJson(
      '--topic',
      'lines',
      '--bootstrap',
      bootstrap,
      '--sink',
      `${output}.damaged`,
    )
    expect(damaged).toMatchObject({
      code: 1,
      answer: {
        version: 1,
        agree: false,
        topic: { name: 'lines', partitions: 3, lines: lineCount },
        sink: { lines: lineCount },
        comparisons: [{ from: 'topic', to: 'sink', lost: 1, duplicated: 1, misplaced: 0, unexpected: 0 }],
      },
    })
    const { first } = (damaged.answer['comparisons'] as { first: Record<string, unknown> }[])[0]!
    expect(first).toMatchObject({ kind: 'lost', expected: { text: removed } })

    // The same file once more: everything is in the topic twice.
    await create('again')
    await written(lineCount * 60 * 2)
    const twice = await verifyJson('--source', input, '--topic', 'lines', '--bootstrap', bootstrap)
    expect(twice).toMatchObject({
      code: 1,
      answer: { comparisons: [{ lost: 0, duplicated: lineCount, misplaced: 0, unexpected: 0 }] },
    })
    const sunk = await verifyJson('--topic', 'lines', '--sink', output, '--worker', worker)
    expect(sunk).toMatchObject({ code: 0, answer: { agree: true } })

    const absent = await verify('--source', input, '--topic', 'absent', '--worker', worker)
    expect(absent).toMatchObject({ code: 2, stdout: '' })
    expect(absent.stderr).toContain(`There is no topic absent at ${bootstrap}.`)

    await running.stop()
    const unreachable = await verifyJson('--source', input, '--topic', 'lines', '--bootstrap', bootstrap)
    expect(unreachable).toMatchObject({ code: 3, answer: { agree: false } })
    expect(unreachable.answer['error']).toContain('cannot be reached')
  }, 120_000)

  test('reads the topic with the value.converter of the worker file', async () => {
    const { input, output, bootstrap, worker } = await moved({
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    })
    const all = ['--source', input, '--topic', 'lines', '--sink', output]
    expect((await verify(...all, '--worker', worker)).stdout).toContain('They agree.')
    const withoutWorker = await verifyJson('--source', input, '--topic', 'lines', '--bootstrap', bootstrap)
    expect(withoutWorker).toMatchObject({
      code: 1,
      answer: { comparisons: [{ lost: lineCount, unexpected: lineCount }] },
    })
  }, 120_000)

  test('compares two files without any broker', async () => {
    const folder = tempFolder()
    const [input, output] = [join(folder, 'in.txt'), join(folder, 'out.txt')]
    writeFileSync(input, 'one\r\ntwo\rzwölf\nunfinished')
    writeFileSync(output, 'one\ntwo\nzwölf\n')
    const files = ['--source', input, '--sink', output]
    const agreeing = await verify(...files)
    expect(agreeing).toMatchObject({ code: 0, stderr: '' })
    expect(agreeing.stdout).toContain('3 lines, checksum')
    expect(agreeing.stdout).toContain('and 10 bytes without a line end')

    appendFileSync(output, 'zwö')
    expect((await verify(...files)).stdout).toContain('half a line too many')
    writeFileSync(output, 'one\nzwo\nzwölf\n')
    const { code, stdout } = await verify(...files)
    expect(code).toBe(1)
    expect(stdout).toContain('1 lost, 1 unexpected')
    expect(stdout).toContain(`source ${input}:2 (byte 5): two`)
    expect(stdout).toContain(`sink   ${output}:2 (byte 4): zwo`)
  })

  test('tells wrong usage from what it found', async () => {
    const file = join(tempFolder(), 'in.txt')
    writeFileSync(file, 'one\n')
    expect(await verify('--source', file)).toMatchObject({ code: 2, stdout: '' })
    expect(await verify('--nonsense')).toMatchObject({ code: 2 })
    const missing = await verify('--source', file, '--sink', `${file}.missing`)
    expect(missing).toMatchObject({ code: 2 })
    expect(missing.stderr).toContain(`${file}.missing`)
    expect(await verify('--help')).toMatchObject({ code: 0 })
  })
})
