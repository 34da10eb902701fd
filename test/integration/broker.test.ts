import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { allApis } from '../../src/broker/apis/all-apis.ts'
import { Broker } from '../../src/broker/broker.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { batchOf, offsetsIn } from '../broker/batches.ts'
import { connectTo } from '../broker/open-broker.ts'
import { createTopic, fetch, produce } from '../broker/requests.ts'

const run = promisify(execFile)
const limits = { timeout: 60_000, maxBuffer: 64_000_000 }
const jars = process.env['TSCONNECT_KAFKA_LIBS']
const hasJava = jars !== undefined && existsSync(jars)
const hasKcat = canRun('kcat', '-V')
if (!hasKcat)
  process.stderr.write('SKIPPED: the checks with kcat, which is not in the PATH (apt-get install kcat).\n')
if (!hasJava)
  process.stderr.write(
    'SKIPPED: the checks with Java clients. Set TSCONNECT_KAFKA_LIBS to a folder of their jars.\n',
  )

let folder: string
let broker: Broker
let address: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'broker-clients-'))
  broker = await Broker.open({ host: '127.0.0.1', port: 0, dataDir: join(folder, 'data'), log: silentLogger })
  address = `127.0.0.1:${broker.port}`
})

afterAll(async () => {
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

const lines = (count: number) => [...Array(count).keys()].map((at) => `line ${at}\n`).join('')

describe.skipIf(!hasKcat)('kcat', () => {
  const kcat = async (...args: string[]) => (await run('kcat', ['-b', address, ...args], limits)).stdout
  const send = async (topic: string, text: string, ...args: string[]) => {
    const file = join(folder, 'lines.txt')
    writeFileSync(file, text)
    await kcat('-P', '-t', topic, '-l', file, ...args)
  }

  test('lists the broker and its topics', async () => {
    await send('listed', lines(1))
    const { brokers, topics } = JSON.parse(await kcat('-L', '-J')) as {
      brokers: { name: string }[]
      topics: { topic: string }[]
    }
    expect(brokers).toEqual([{ id: 1, name: address }])
    expect(topics.map(({ topic }) => topic)).toContain('listed')
  })

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    for (const idempotent of ['false', 'true']) {
      test(`reads back what it wrote with ${codec}, idempotent ${idempotent}`, async () => {
        const topic = `${codec}-${idempotent}`
        await send(topic, lines(5000), '-z', codec, '-X', `enable.idempotence=${idempotent}`)
        expect(await kcat('-C', '-t', topic, '-e', '-q')).toBe(lines(5000))
      })
    }
  }

  test('reads in a group and goes on where it stopped', async () => {
    await send('grouped', lines(10))
    const read = () =>
      kcat('-G', 'kcat-group', '-q', '-c', '10', '-X', 'auto.offset.reset=earliest', 'grouped')
    expect(await read()).toBe(lines(10))
    await send('grouped', lines(20).slice(lines(10).length))
    expect(await read()).toBe(lines(20).slice(lines(10).length))
  })

  test('finds offsets by time', async () => {
    await send('timed', lines(3))
    expect(await kcat('-Q', '-t', 'timed:0:-1')).toContain('offset 3')
    expect(await kcat('-Q', '-t', 'timed:0:1')).toContain('offset 0')
  })
})

describe.skipIf(!hasJava)('the Java clients', () => {
  const java = async (tool: string, args: string[], input = '') => {
    const running = run(
      'java',
      ['-cp', join(jars!, '*'), `org.apache.kafka.tools.${tool}`, '--bootstrap-server', address, ...args],
      limits,
    )
    running.child.stdin!.end(input)
    return (await running).stdout
  }
  const groups = (...args: string[]) => java('consumer.group.ConsumerGroupCommand', args)

  test('make and describe topics', async () => {
    await java('TopicCommand', [
      '--create',
      '--topic',
      'made',
      '--partitions',
      '3',
      '--config',
      'retention.ms=9000',
    ])
    const described = await java('TopicCommand', ['--describe', '--topic', 'made'])
    expect(described).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=9000/)
    await java('TopicCommand', ['--alter', '--topic', 'made', '--partitions', '4'])
    await java('TopicCommand', ['--delete', '--topic', 'made'])
    expect(await java('TopicCommand', ['--list'])).not.toContain('made')
  })

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    test(`write idempotently and read with ${codec}`, async () => {
      const topic = `java-${codec}`
      await java('ConsoleProducer', ['--topic', topic, '--compression-codec', codec], lines(1000))
      const read = await java('consumer.ConsoleConsumer', [
        '--topic',
        topic,
        '--from-beginning',
        '--max-messages',
        '1000',
      ])
      expect(read).toBe(lines(1000))
    })
  }

  test('keep, show, move and delete the offsets of a group', async () => {
    await java('ConsoleProducer', ['--topic', 'java-group'], lines(10))
    const consume = (...args: string[]) =>
      java('consumer.ConsoleConsumer', [
        '--topic',
        'java-group',
        '--group',
        'java-group',
        '--from-beginning',
        ...args,
      ])
    expect(await consume('--max-messages', '10')).toBe(lines(10))
    expect(await groups('--describe', '--group', 'java-group')).toMatch(
      /java-group\s+java-group\s+0\s+10\s+10\s+0/,
    )
    await groups(
      '--reset-offsets',
      '--group',
      'java-group',
      '--topic',
      'java-group',
      '--shift-by',
      '-3',
      '--execute',
    )
    expect(await consume('--max-messages', '3')).toBe(lines(10).slice(lines(7).length))
    expect(await groups('--list', '--state')).toMatch(/java-group\s+Empty/)
    expect(await groups('--delete-offsets', '--group', 'java-group', '--topic', 'java-group')).toContain(
      'Successful',
    )
    expect(await groups('--delete', '--group', 'java-group')).toContain('was successful')
  })

  test('change the settings of a topic', async () => {
    await java('TopicCommand', ['--create', '--topic', 'set'])
    const configs = async (...args: string[]) =>
      (
        await run(
          'java',
          [
            '-cp',
            join(jars!, '*'),
            'kafka.admin.ConfigCommand',
            '--bootstrap-server',
            address,
            '--entity-type',
            'topics',
            '--entity-name',
            'set',
            ...args,
          ],
          limits,
        )
      ).stdout
    await configs('--alter', '--add-config', 'retention.ms=1234,max.message.bytes=999')
    await configs('--alter', '--delete-config', 'retention.ms')
    const described = await configs('--describe')
    expect(described).toContain('max.message.bytes=999')
    expect(described).not.toContain('retention.ms=1234')
  })

  test('read every version of every answer to its last byte', async () => {
    const program = fileURLToPath(new URL('../broker/java/AllVersions.java', import.meta.url))
    // Old Produce versions are listed and refused: Java has no classes for them any more.
    const ranges = [...allApis.values()].map(
      (api) => `${api.key}:${api.key === 0 ? 3 : api.minVersion}:${api.maxVersion}`,
    )
    const args = ['-cp', join(jars!, '*'), program, String(broker.port), ...ranges]
    const outcomes = (await run('java', args, limits)).stdout.trim().split('\n')
    expect(outcomes.filter((outcome) => !outcome.startsWith('ok '))).toEqual([])
    expect(outcomes.length).toBeGreaterThan(130)
  })

  test('run a Kafka Connect worker with a source and a sink', async () => {
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const text = lines(3000)
    file('in.txt', text)
    const converter = 'org.apache.kafka.connect.storage.StringConverter'
    const worker = file(
      'worker.properties',
      `bootstrap.servers=${address}\nkey.converter=${converter}\nvalue.converter=${converter}\n` +
        `offset.storage.file.filename=${join(folder, 'offsets')}\noffset.flush.interval.ms=500\nlisteners=http://127.0.0.1:0\n`,
    )
    const files = 'connector.class=org.apache.kafka.connect.file.FileStream'
    const source = file(
      'source.properties',
      `name=in\n${files}SourceConnector\nfile=${join(folder, 'in.txt')}\ntopic=lines\n`,
    )
    const sink = file(
      'sink.properties',
      `name=out\n${files}SinkConnector\nfile=${join(folder, 'out.txt')}\ntopics=lines\n`,
    )
    const connect = spawn(
      'java',
      ['-cp', join(jars!, '*'), 'org.apache.kafka.connect.cli.ConnectStandalone', worker, source, sink],
      {
        stdio: 'ignore',
      },
    )
    onTestFinished(() => end(connect))
    await expect
      .poll(() => readIfThere(join(folder, 'out.txt')), { timeout: 60_000, interval: 100 })
      .toBe(text)
    await expect
      .poll(() => groups('--describe', '--group', 'connect-out'), { timeout: 30_000 })
      .toMatch(/3000\s+3000\s+0/)
  })
})

describe('a broker that is killed under load', () => {
  test('loses nothing that it acknowledged, with every answer waiting for the disk', async () => {
    const dataDir = join(folder, 'killed')
    const script = await brokerScript()
    const total: string[] = []
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => end(child))
      const [ready] = (await once(child.stdout, 'data')) as [Buffer]
      const client = await connectTo({ port: Number(ready.toString()) })
      await createTopic(client, { topic: 't' })
      const before = await readAll(client)
      expect(before.length).toBeGreaterThanOrEqual(total.length)
      expect(before.slice(0, total.length)).toEqual(total)
      total.splice(0, total.length, ...before)
      for (let at = 0; ; at++) {
        const value = `${round}-${at}-${'x'.repeat(at % 500)}`
        if (at === 100 + round * 37) setTimeout(() => child.kill('SIGKILL'), round)
        try {
          const { error } = await produce(client, { topic: 't', records: batchOf({ values: [value] }) })
          if (error === 0) total.push(value)
        } catch {
          break
        }
      }
    }
  })
})

async function readAll(client: Awaited<ReturnType<typeof connectTo>>): Promise<string[]> {
  const values: string[] = []
  for (;;) {
    const [answer] = await fetch(client, { topic: 't', offset: values.length })
    if (answer!.records.length === 0) return values
    let at = 0
    for (const [base] of offsetsIn(answer!.records)) {
      expect(base).toBe(values.length)
      const size = 12 + answer!.records.readInt32BE(at + 8)
      values.push(/\d-\d+-x*/.exec(answer!.records.toString('latin1', at + 61, at + size))![0])
      at += size
    }
  }
}

/** The broker as a program of its own, which can be killed. */
async function brokerScript(): Promise<string> {
  const path = join(folder, 'broker.mjs')
  const source = fileURLToPath(new URL('../../src/', import.meta.url))
  await build({
    stdin: {
      contents: `
        import { Broker } from './broker/broker.ts'
        import { silentLogger } from './util/logger.ts'
        const options = { host: '127.0.0.1', port: 0, dataDir: process.argv[2], log: silentLogger, flush: 'always' }
        process.stdout.write(String((await Broker.open(options)).port))`,
      resolveDir: source,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: path,
  })
  return path
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

function canRun(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
