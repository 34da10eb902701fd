import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'

const source = { 'name': 'in', 'connector.class': 'FileStreamSource', 'topic': 'lines' }
const sink = { 'name': 'out', 'connector.class': 'FileStreamSink', 'topics': 'lines' }

async function setUp() {
  const folder = tempFolder()
  const restPort = await freePort()
  const worker = workerFile(folder, { bootstrap: `127.0.0.1:${await freePort()}`, restPort })
  const status = async (name: string) => {
    const answer = await fetch(`http://127.0.0.1:${restPort}/connectors/${name}/status`)
    return (await answer.json()) as { tasks: { state: string; trace?: string }[] }
  }
  return { folder, worker, status }
}

describe('console connectors', () => {
  test('standard input comes out on standard output, and nothing else does', async () => {
    const { folder, worker, status } = await setUp()
    const files = [
      propertiesFile(folder, 'in.properties', source),
      propertiesFile(folder, 'out.properties', sink),
    ]
    const running = WorkerProcess.start(['--embedded-broker', worker, ...files], { stdin: 'pipe' })
    await running.whenReady()
    running.stdin.write('one\nzwölf\n')
    running.stdin.end('last line without end')
    await until(() => running.stdout === 'one\nzwölf\nlast line without end\n', {
      what: 'three lines on stdout',
    })
    // Standard input has ended: the task stays, with nothing to do.
    expect((await status('in')).tasks[0]!.state).toBe('RUNNING')
    expect(await running.stop('SIGINT')).toBe(130)
    expect(running.stdout).toBe('one\nzwölf\nlast line without end\n')
  })

  test('a closed standard output stops the sink; what was not written comes again', async () => {
    const { folder, worker, status } = await setUp()
    const files = [
      propertiesFile(folder, 'in.properties', source),
      propertiesFile(folder, 'out.properties', sink),
    ]
    const first = WorkerProcess.start(['--embedded-broker', worker, ...files], { stdin: 'pipe' })
    await first.whenReady()
    first.stdin.write('seen\n')
    await until(() => first.stdout === 'seen\n', { what: 'the first line' })
    first.stdoutStream.destroy()
    first.stdin.write('unseen\n')
    const { tasks } = await until(async () => {
      const found = await status('out')
      return found.tasks[0]?.state === 'FAILED' && found
    })
    expect(tasks[0]!.trace).toContain('Cannot write to standard output: its reader has closed it.')
    await first.stop()

    const second = WorkerProcess.start(['--embedded-broker', worker, files[1]!])
    await until(() => second.stdout.length > 0, { what: 'the line again' })
    expect(await second.stop()).toBe(143)
    expect(second.stdout).toBe('unseen\n')
  })
})

describe('a full disk', () => {
  test.skipIf(!existsSync('/dev/full'))(
    'fails the sink task; after a restart every record is written',
    async () => {
      const { folder, worker, status } = await setUp()
      const files = [propertiesFile(folder, 'in.properties', source)]
      const full = propertiesFile(folder, 'full.properties', { ...sink, file: '/dev/full' })
      const first = WorkerProcess.start(['--embedded-broker', worker, ...files, full], { stdin: 'pipe' })
      await first.whenReady()
      first.stdin.write('one\ntwo\n')
      const { tasks } = await until(async () => {
        const found = await status('out')
        return found.tasks[0]?.state === 'FAILED' && found
      })
      expect(tasks[0]!.trace).toContain('Cannot write to the file /dev/full: no space is left.')
      await first.stop()

      const output = join(folder, 'out.txt')
      const roomy = propertiesFile(folder, 'roomy.properties', { ...sink, file: output })
      const second = WorkerProcess.start(['--embedded-broker', worker, roomy])
      await until(() => existsSync(output) && readFileSync(output, 'utf8') === 'one\ntwo\n', {
        what: 'both records',
      })
      await second.stop()
    },
  )
})
