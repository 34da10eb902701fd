import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { launcher, propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'

/** A folder with a good worker file, used with the embedded broker. */
async function setUp(settings: Record<string, string | number> = {}) {
  const folder = tempFolder()
  const bootstrap = `127.0.0.1:${await freePort()}`
  const restPort = await freePort()
  return { folder, bootstrap, restPort, worker: workerFile(folder, { bootstrap, restPort, ...settings }) }
}

async function failure(args: readonly string[]): Promise<{ code: number; output: string; stdout: string }> {
  const worker = WorkerProcess.start(args)
  return { code: await worker.whenExited(), output: worker.output, stdout: worker.stdout }
}

const fileSource = (file: string, name = 'lines') => ({
  name,
  'connector.class': 'FileStreamSource',
  file,
  'topic': 'lines',
})

describe('the command line', () => {
  for (const args of [[], ['--help'], ['worker.properties', '--help']]) {
    test(`prints the usage and exits with 1 for ${JSON.stringify(args)}`, async () => {
      const { code, output, stdout } = await failure(args)
      expect(code).toBe(1)
      expect(output).toContain('Usage: tsconnect-standalone')
      expect(stdout).toBe('')
    })
  }

  test('suggests the option that was meant', async () => {
    const { code, output } = await failure(['--embedded-brokr', 'worker.properties'])
    expect(code).toBe(1)
    expect(output).toContain('--embedded-broker')
  })
})

describe('a worker that cannot start exits with 2 and says why', () => {
  test('the worker file does not exist', async () => {
    const file = join(tempFolder(), 'worker.properties')
    const { code, output } = await failure([file])
    expect(code).toBe(2)
    expect(output).toContain(`Could not read ${file}: there is no such file`)
  })

  test('key.converter is missing', async () => {
    const file = propertiesFile(tempFolder(), 'worker.properties', { 'offset.storage.file.filename': 'x' })
    const { code, output } = await failure([file])
    expect(code).toBe(2)
    expect(output).toContain(
      `Missing required configuration "key.converter" which has no default value. (${file})`,
    )
  })

  test('a number is none', async () => {
    const { worker } = await setUp({ 'offset.flush.interval.ms': 'often' })
    const { code, output } = await failure([worker])
    expect(code).toBe(2)
    expect(output).toContain(
      `Invalid value often for configuration offset.flush.interval.ms: Not a number of type LONG (${worker}:6:1)`,
    )
  })

  test('a converter is unknown', async () => {
    const { worker } = await setUp({ 'key.converter': 'StringConvertor' })
    const { code, output } = await failure([worker])
    expect(code).toBe(2)
    expect(output).toContain('StringConvertor could not be found. Did you mean StringConverter?')
    expect(output).toContain(`(${worker}:3:1)`)
  })

  test('no broker answers in time', async () => {
    const { worker, bootstrap } = await setUp({ 'startup.broker.timeout.ms': 300 })
    const { code, output } = await failure([worker])
    expect(code).toBe(2)
    expect(output).toContain('Failed to connect to and describe Kafka cluster.')
    expect(output).toContain(`No broker answered at ${bootstrap} within 300 ms`)
    expect(output).toContain(`(${worker}:1:1)`)
  })

  test('the REST port is in use', async () => {
    const { folder, bootstrap } = await setUp()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const worker = workerFile(folder, { bootstrap, restPort: port })
    const { code, output } = await failure(['--embedded-broker', worker])
    expect(code).toBe(2)
    expect(output).toContain(`Unable to listen on http://127.0.0.1:${port}: the port is in use`)
    expect(output).toContain(`(${worker}:2:1)`)
  })

  test('the address for the embedded broker is not on this machine', async () => {
    const worker = workerFile(tempFolder(), {
      bootstrap: 'kafka.example.org:9092',
      restPort: await freePort(),
    })
    const { code, output } = await failure(['--embedded-broker', worker])
    expect(code).toBe(2)
    expect(output).toContain('bootstrap.servers is kafka.example.org:9092. Name a loopback address')
  })

  test('a REST extension, which would guard the API, is asked for', async () => {
    const { worker } = await setUp({ 'rest.extension.classes': 'org.acme.BasicAuth' })
    const { code, output } = await failure([worker])
    expect(code).toBe(2)
    expect(output).toContain('Invalid value org.acme.BasicAuth for configuration rest.extension.classes')
    expect(output).toMatch(/worker\.properties:\d+:1/)
  })

  test('another worker uses the offset file', async () => {
    const { folder, bootstrap, worker } = await setUp()
    const first = WorkerProcess.start(['--embedded-broker', worker])
    await first.whenReady()
    const second = propertiesFile(folder, 'second.properties', {
      'bootstrap.servers': bootstrap,
      'listeners': `http://127.0.0.1:${await freePort()}`,
      'key.converter': 'StringConverter',
      'value.converter': 'StringConverter',
      'offset.storage.file.filename': join(folder, 'connect.offsets'),
    })
    const { code, output } = await failure([second])
    expect(code).toBe(2)
    expect(output).toContain(join(folder, 'connect.offsets'))
    expect(output).toContain(String(first.pid))
  })
})

describe('a connector file that cannot be used ends the worker with 3', () => {
  async function connectorFailure(...files: ((folder: string) => string)[]) {
    const { folder, worker } = await setUp()
    const paths = files.map((write) => write(folder))
    return { ...(await failure(['--embedded-broker', worker, ...paths])), paths }
  }

  test('its class is unknown', async () => {
    const { code, output, paths } = await connectorFailure((folder) =>
      propertiesFile(folder, 'c.properties', { 'name': 'c', 'connector.class': 'FileStreamSourse' }),
    )
    expect(code).toBe(3)
    expect(output).toContain('which name matches FileStreamSourse')
    expect(output).toContain('Did you mean FileStreamSource?')
    expect(output).toContain(`(${paths[0]}:2:1)`)
  })

  test('several settings are wrong: all are named with their places', async () => {
    const { code, output, paths } = await connectorFailure((folder) =>
      propertiesFile(folder, 'c.properties', {
        'name': 'c',
        'connector.class': 'FileStreamSource',
        'batch.size': 'many',
      }),
    )
    expect(code).toBe(3)
    expect(output).toContain(
      `Missing required configuration "topic" which has no default value. (${paths[0]})`,
    )
    expect(output).toContain(
      `Invalid value many for configuration batch.size: Not a number of type INT (${paths[0]}:3:1)`,
    )
  })

  test('its name is taken', async () => {
    const { code, output, paths } = await connectorFailure(
      (folder) => propertiesFile(folder, 'a.properties', fileSource('in.txt')),
      (folder) => propertiesFile(folder, 'b.properties', fileSource('in.txt')),
    )
    expect(code).toBe(3)
    expect(output).toContain(`Connector lines already exists. (${paths[1]}:1:1)`)
  })

  test('it is broken JSON', async () => {
    const { code, output } = await connectorFailure((folder) => {
      const path = join(folder, 'c.json')
      writeFileSync(path, '{"name": "c", ')
      return path
    })
    expect(code).toBe(3)
    expect(output).toContain("is missing the mandatory 'name' configuration")
  })
})

describe('a source file', () => {
  const user = powerlessUser()
  if (user === null)
    console.warn('SKIPPED: an unreadable source file, because no user without rights can be had.')

  test.skipIf(user === null)('that may not be read fails the task, not the worker', async () => {
    const { folder, worker, restPort } = await setUp()
    const file = join(folder, 'secret.txt')
    writeFileSync(file, 'x\n')
    chmodSync(file, 0o000)
    const connector = propertiesFile(folder, 'c.properties', fileSource(file))
    if (user!.uid !== undefined) chownSync(folder, user!.uid, user!.uid)
    const running = WorkerProcess.start(['--embedded-broker', worker, connector], user!)
    await running.whenReady()
    const { tasks } = await until(async () => {
      const status = (await (await fetch(`http://127.0.0.1:${restPort}/connectors/lines/status`)).json()) as {
        tasks: { state: string; trace: string }[]
      }
      return status.tasks[0]?.state === 'FAILED' && status
    })
    expect(tasks[0]!.trace).toContain(`Cannot read ${file}: permission denied; its mode is 0000`)
    expect((await fetch(`http://127.0.0.1:${restPort}/health`)).status).toBe(200)
  })

  test('that does not exist yet is waited for', async () => {
    const { folder, worker } = await setUp()
    const file = join(folder, 'later.txt')
    const output = join(folder, 'out.txt')
    const running = WorkerProcess.start([
      '--embedded-broker',
      worker,
      propertiesFile(folder, 'c.properties', fileSource(file)),
      propertiesFile(folder, 's.properties', {
        'name': 'sink',
        'connector.class': 'FileStreamSink',
        'file': output,
        'topics': 'lines',
      }),
    ])
    await running.whenOutput(/Couldn't find file .*later\.txt/)
    writeFileSync(file, 'at last\n')
    await until(() => existsSync(output) && readFileSync(output, 'utf8') === 'at last\n')
    expect(await running.stop('SIGTERM')).toBe(143)
  })
})

/** How to run as a user who may not read everything; null where only root can be had. */
function powerlessUser(): { uid?: number } | null {
  if (process.platform === 'win32' || process.getuid?.() !== 0)
    return process.platform === 'win32' ? null : {}
  const nobody = 65534
  const check = spawnSync(process.execPath, ['-e', `fs.readFileSync(${JSON.stringify(launcher)})`], {
    uid: nobody,
    gid: nobody,
  })
  return check.status === 0 ? { uid: nobody } : null
}
