import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'

async function setUp() {
  const folder = tempFolder()
  const restPort = await freePort()
  const worker = workerFile(folder, { bootstrap: `127.0.0.1:${await freePort()}`, restPort })
  const url = `http://127.0.0.1:${restPort}`
  const get = async (path: string) => (await fetch(url + path)).json() as Promise<unknown>
  return { folder, worker, url, get }
}

describe('a worker with --watch', () => {
  test('moves records as its connector files say, while they are written, broken, mended and removed', async () => {
    const { folder, worker, get } = await setUp()
    const input = join(folder, 'in.txt')
    const output = join(folder, 'out.txt')
    writeFileSync(input, 'first\n')
    const source = (file: string, topic: string) =>
      propertiesFile(folder, file, {
        'name': 'lines',
        'connector.class': 'FileStreamSource',
        'file': input,
        topic,
      })
    source('source.properties', 'before')
    const sink = join(folder, 'sink.json')
    const running = WorkerProcess.start(
      ['--watch', '--embedded-broker', worker, join(folder, 'source.properties'), sink],
      {},
    )
    await running.whenReady()
    expect(await get('/connectors')).toEqual(['lines'])

    writeFileSync(
      sink,
      '{"name":"out","connector.class":"FileStreamSink","topics":"after","file":"' + output + '"}',
    )
    await running.whenOutput(/Created connector out/)
    propertiesFile(folder, 'source.properties', { 'name': 'lines', 'connector.class': 'NoSuchSource' })
    await running.whenOutput(/connector lines goes on .*\n?.*source\.properties:2:1/)
    source('source.properties', 'after')
    await running.whenOutput(/~ topic: before -> after/)
    await running.whenOutput(/Changed connector lines/)
    writeFileSync(input, 'first\nsecond\n')
    await until(() => existsSync(output) && readFileSync(output, 'utf8') === 'second\n')

    rmSync(sink)
    await running.whenOutput(/Deleted connector out/)
    expect(await get('/connectors')).toEqual(['lines'])
    expect(await running.stop('SIGTERM')).toBe(143)
  }, 60_000)
})

describe('a worker asked for JSON', () => {
  test('logs nothing else, and what is asked for while it runs', async () => {
    const { folder, worker, url, get } = await setUp()
    const connector = propertiesFile(folder, 'c.properties', {
      'name': 'lines',
      'connector.class': 'FileStreamSource',
      'file': join(folder, 'missing.txt'),
      'topic': 't',
    })
    const args = ['--log-format', 'json', '--log-level=WARN', '--log-level', 'org.apache.kafka.connect=INFO']
    const running = WorkerProcess.start([...args, '--embedded-broker', worker, connector], {
      env: { TSCONNECT_LOG_LEVEL: 'OFF' },
    })
    await running.whenReady()
    await running.whenOutput(/Couldn't find file/)
    expect(await get('/admin/loggers')).toEqual({
      'org.apache.kafka.connect': { level: 'INFO', last_modified: null },
      'root': { level: 'WARN', last_modified: null },
    })
    const put = await fetch(`${url}/admin/loggers/org.apache.kafka.connect.runtime.rest`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: '{"level":"debug"}',
    })
    expect(await put.json()).toContain('org.apache.kafka.connect.runtime.rest.RestServer')
    await get('/connectors')
    await running.whenOutput(/"level":"DEBUG".*GET \/connectors/)
    await running.stop('SIGTERM')
    const entries = running.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(entries).toContainEqual(
      expect.objectContaining({
        level: 'INFO',
        logger: 'org.apache.kafka.connect.runtime.WorkerSourceTask',
        connector: 'lines',
        task: 0,
        message: 'WorkerSourceTask{id=lines-0} Source task finished initialization and start',
      }),
    )
    expect(entries.filter(({ logger }) => logger === 'tsconnect.broker')).toEqual([])
  })
})
