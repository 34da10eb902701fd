import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import chalk from 'chalk'
import { propertiesReader } from 'properties-reader'
import { distFile } from '../dist-file.ts'

const lines = [
  'hello from tsconnect',
  'every line of a file becomes a record',
  'a transform wraps it into a field',
  'and another adds where it came from',
  'naïve café and 日本語 travel unharmed',
  'the sink writes what it reads from the topic',
]
const timeoutMs = 20_000

/** Shows records moving: file -> transforms -> embedded broker -> file. Returns the exit code. */
export async function quickstart(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-quickstart-'))
  const started = performance.now()
  const worker = await startWorker(folder)
  try {
    say(chalk.bold('tsconnect quickstart'))
    say(`A file source, two transforms, an embedded broker and a file sink, in one process.\n`)
    say(`  ${chalk.dim('read from ')} ${join(folder, 'input.txt')}`)
    say(`  ${chalk.dim('written to')} ${join(folder, 'output.txt')}\n`)
    const output = await moveLines(folder, worker)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    say(`\n${chalk.green(`${output.length} records moved in ${seconds} s`)}, the worker's start included.`)
    showNext()
    return 0
  } catch (error) {
    say(chalk.red((error as Error).message))
    say(worker.log())
    return 1
  } finally {
    await worker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface QuickstartWorker {
  readonly hasEnded: () => boolean
  readonly log: () => string
  stop(): Promise<void>
}

async function startWorker(folder: string): Promise<QuickstartWorker> {
  writeFileSync(join(folder, 'input.txt'), '')
  const files = await writeConfigs(folder)
  const launcher = fileURLToPath(distFile('../bin/tsconnect-standalone.js'))
  const child = spawn(process.execPath, [launcher, '--embedded-broker', ...files], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const leave = () => child.kill('SIGKILL')
  process.once('exit', leave)
  return {
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    log: () => log,
    stop: () => stopped(child),
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await Promise.race([ended, delay(5000, undefined, { ref: false })])
  child.kill('SIGKILL')
}

/** Appends lines one by one and shows each as it comes out at the other end. */
async function moveLines(folder: string, worker: QuickstartWorker): Promise<readonly string[]> {
  let shown: readonly string[] = []
  const showUntil = async (count: number) => {
    for (const deadline = performance.now() + timeoutMs; shown.length < count; await delay(10)) {
      if (worker.hasEnded()) throw new Error('The worker ended before the records arrived. It said:')
      if (performance.now() > deadline)
        throw new Error('The records did not arrive in time. The worker said:')
      const arrived = outputLines(folder)
      for (const line of arrived.slice(shown.length))
        say(`  ${chalk.yellow(lines[shown.length])}\n    ${chalk.dim('->')} ${chalk.cyan(line)}`)
      shown = arrived
    }
  }
  for (const [i, line] of lines.entries()) {
    appendFileSync(join(folder, 'input.txt'), `${line}\n`)
    await showUntil(i + 1)
    await delay(150)
  }
  return shown
}

function outputLines(folder: string): readonly string[] {
  const file = join(folder, 'output.txt')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}

function showNext(): void {
  say(`
What to try next:
  ${chalk.bold('printf "one\\ntwo\\n" > test.txt')}
  ${chalk.bold('node bin/tsconnect-standalone.js --embedded-broker examples/connect-standalone.properties \\')}
  ${chalk.bold('  examples/connect-file-source.properties examples/connect-file-sink.properties')}
  ${chalk.dim('# elsewhere:')} echo three >> test.txt; cat test.sink.txt; curl localhost:8083/connectors?expand=status

Leave out --embedded-broker to use the Kafka that bootstrap.servers names.`)
}

/** Plain files, such as a user would write. */
async function writeConfigs(folder: string): Promise<readonly string[]> {
  const string = 'org.apache.kafka.connect.storage.StringConverter'
  return Promise.all([
    write(folder, 'worker.properties', {
      'bootstrap.servers': `127.0.0.1:${await freePort()}`,
      'listeners': `http://127.0.0.1:${await freePort()}`,
      'key.converter': string,
      'value.converter': string,
      'offset.storage.file.filename': join(folder, 'connect.offsets'),
    }),
    write(folder, 'source.properties', {
      'name': 'quickstart-source',
      'connector.class': 'FileStreamSource',
      'file': join(folder, 'input.txt'),
      'topic': 'quickstart',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      'transforms': 'wrap,origin',
      'transforms.wrap.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
      'transforms.wrap.field': 'line',
      'transforms.origin.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
      'transforms.origin.static.field': 'origin',
      'transforms.origin.static.value': 'quickstart',
    }),
    write(folder, 'sink.properties', {
      'name': 'quickstart-sink',
      'connector.class': 'FileStreamSink',
      'file': join(folder, 'output.txt'),
      'topics': 'quickstart',
    }),
  ])
}

async function write(
  folder: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const file = join(folder, name)
  const properties = propertiesReader({ saveSections: false })
  // Backslashes of Windows paths are escapes in a properties file.
  for (const [key, value] of Object.entries(settings)) properties.set(key, value.replaceAll('\\', '\\\\'))
  await properties.save(file)
  return file
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
