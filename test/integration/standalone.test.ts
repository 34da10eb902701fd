import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  createReadStream,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { memoryMb } from '../support/process-stats.ts'
import { freePort, isFree } from '../support/free-port.ts'
import { committedPosition } from '../support/committed-position.ts'
import { judge, killAtProgress } from '../support/kill-run.ts'
import { lineNumber, writeNumberedLines } from '../support/numbered-lines.ts'
import { readTopic } from '../support/read-topic.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'
import { hasKcat, JavaProcess, kafkaBootstrap, uniqueName } from './support/services.ts'

const source = (name: string, file: string, topic: string) => ({
  name,
  'connector.class': 'FileStreamSource',
  file,
  topic,
})
const sink = (name: string, file: string, topics: string) => ({
  name,
  'connector.class': 'FileStreamSink',
  file,
  topics,
})

const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

describe.skipIf(kafkaBootstrap === null)('against Apache Kafka', () => {
  const bootstrap = kafkaBootstrap!

  test("Kafka's sample files move three lines; kcat and the Java consumer read the topic", async () => {
    const folder = tempFolder()
    const topic = uniqueName('connect-test')
    // The samples as they are, but for the topic and the addresses, which other tests use too.
    const example = (name: string, change: (text: string) => string) => {
      const text = readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8')
      writeFileSync(join(folder, name), change(text))
      return name
    }
    const restPort = await freePort()
    const files = [
      example(
        'connect-standalone.properties',
        (text) =>
          `${text.replace('localhost:9092', bootstrap).replace('/tmp/connect.offsets', join(folder, 'connect.offsets'))}\nlisteners=http://localhost:${restPort}\n`,
      ),
      example('connect-file-source.properties', (text) =>
        text.replace('topic=connect-test', `topic=${topic}`),
      ),
      example('connect-file-sink.properties', (text) =>
        text.replace('topics=connect-test', `topics=${topic}`).replace('local-file-sink', uniqueName('sink')),
      ),
    ]
    writeFileSync(join(folder, 'test.txt'), '')
    const worker = WorkerProcess.start(files, { cwd: folder })
    await worker.whenReady()
    appendFileSync(join(folder, 'test.txt'), 'first\n')
    const output = join(folder, 'test.sink.txt')
    await until(() => read(output) === 'first\n', { what: 'the first line', timeoutMs: 30_000 })
    appendFileSync(join(folder, 'test.txt'), 'zwei\n三\nfour\n')
    await until(() => read(output) === 'first\nzwei\n三\nfour\n', {
      what: 'three more lines',
      timeoutMs: 3000,
    })
    await worker.stop()

    const envelope = (line: string) => `{"schema":{"type":"string","optional":false},"payload":"${line}"}`
    const expected = ['first', 'zwei', '三', 'four'].map(envelope)
    if (hasKcat) {
      const kcat = spawnSync('kcat', ['-C', '-b', bootstrap, '-t', topic, '-e', '-q'], { encoding: 'utf8' })
      expect(kcat.stdout.trim().split('\n')).toEqual(expected)
    }
    const java = new JavaProcess([
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', bootstrap, '--topic', topic, '--from-beginning', '--max-messages', '4'],
    ])
    await java.whenExited()
    for (const line of expected) expect(java.output).toContain(line)
  })

  test('a million lines go through a topic byte for byte, in less than 250 MB', async () => {
    const folder = tempFolder()
    const input = join(folder, 'in.txt')
    const output = join(folder, 'out.txt')
    const topic = uniqueName('million')
    await writeNumberedLines(input, 1_000_000)
    const worker = WorkerProcess.start([
      workerFile(folder, { bootstrap, restPort: await freePort() }),
      propertiesFile(folder, 'source.properties', source('million-source', input, topic)),
      propertiesFile(folder, 'sink.properties', sink(uniqueName('million-sink'), output, topic)),
    ])
    const size = statSync(input).size
    await until(() => existsSync(output) && statSync(output).size >= size, {
      what: 'all lines',
      timeoutMs: 120_000,
    })
    const peak = process.platform === 'linux' ? memoryMb(worker.pid, 'peak') : 0
    await worker.stop()
    expect(await sha256(output)).toBe(await sha256(input))
    expect(peak).toBeLessThan(250)
  })

  test('kill -9 twenty times: nothing lost, order kept, few records repeated', async () => {
    const folder = tempFolder()
    const input = join(folder, 'in.txt')
    const topic = uniqueName('kill')
    const [count, bytes, kills] = [1_000_000, 100, 20]
    await writeNumberedLines(input, count, bytes)
    const offsets = join(folder, 'connect.offsets')
    const args = [
      workerFile(folder, { bootstrap, restPort: await freePort() }),
      propertiesFile(folder, 'source.properties', source('kill-source', input, topic)),
    ]
    const progress = () => committedPosition(offsets) / (count * bytes)
    await killAtProgress({ args, progress, kills })
    await until(() => progress() >= 1, { what: 'the end of the file', timeoutMs: 60_000 })
    const numbers: number[] = []
    await readTopic(
      bootstrap,
      topic,
      ({ value }) => numbers.push(lineNumber(value)),
      () => numbers.at(-1) === count - 1,
    )
    const { lost, steps } = judge(numbers, count)
    expect(lost).toBe(0)
    expect(steps.length).toBeLessThanOrEqual(kills)
    // Two produce batches: at most 512 KiB each, a record takes at least its 99 bytes.
    expect(Math.max(0, ...steps)).toBeLessThanOrEqual(2 * Math.floor((512 * 1024) / 99))
  })

  test('a sink shares its group with a Java worker', async () => {
    const folder = tempFolder()
    const javaFolder = tempFolder()
    const topic = uniqueName('shared')
    const name = uniqueName('shared-sink')
    const admin = kafkaClients().admin({ 'bootstrap.servers': bootstrap }, silentLogger)
    await admin.createTopic({ name: topic, partitions: 2, replicationFactor: 1, configs: {} })
    await admin.close()
    const ours = join(folder, 'out.txt')
    const theirs = join(javaFolder, 'out.txt')
    const java = new JavaProcess([
      'org.apache.kafka.connect.cli.ConnectStandalone',
      workerFile(javaFolder, {
        bootstrap,
        'restPort': await freePort(),
        'plugin.discovery': 'service_load',
        'offset.flush.interval.ms': 500,
      }),
      propertiesFile(javaFolder, 'sink.properties', { ...sink(name, theirs, topic), 'tasks.max': 1 }),
    ])
    await until(() => /Adding newly assigned partitions: \S/.test(java.output), {
      what: 'the Java worker to get partitions',
      timeoutMs: 60_000,
    })
    const worker = WorkerProcess.start([
      workerFile(folder, { bootstrap, 'restPort': await freePort(), 'offset.flush.interval.ms': 500 }),
      propertiesFile(folder, 'sink.properties', sink(name, ours, topic)),
    ])
    await worker.whenOutput(
      new RegExp(`Joined group connect-${name}.* with partitions \\[${topic}-\\d\\]`),
      60_000,
    )

    const sent: string[] = []
    const producer = kafkaClients().producer(
      { 'bootstrap.servers': bootstrap },
      { acknowledged() {}, failed() {} },
      silentLogger,
    )
    const send = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const value = `line ${i}`
        sent.push(value)
        producer.send(
          { topic, partition: i % 2, timestamp: null, key: null, value: Buffer.from(value), headers: null },
          null,
        )
      }
    }
    send(0, 100)
    await producer.flush()
    await until(() => read(ours) !== '', { what: 'records in our sink', timeoutMs: 30_000 })
    await until(() => read(ours).trim().split('\n').length === 50, { what: 'our half', timeoutMs: 30_000 })
    expect(await worker.stop()).toBe(143)
    send(100, 200)
    await producer.flush()
    await producer.close(1000)
    await until(() => read(theirs).trim().split('\n').length === 150, {
      what: 'their half and all that came after we left',
      timeoutMs: 60_000,
    })
    await java.stop()
    const all = [...read(ours).trim().split('\n'), ...read(theirs).trim().split('\n')]
    expect(new Set(all)).toEqual(new Set(sent))
    expect(all).toHaveLength(sent.length)
  })
})

describe('with the embedded broker', () => {
  test("Kafka's sample files run unchanged", async ({ skip }) => {
    if (!(await isFree(9092)) || !(await isFree(8083))) {
      console.warn('SKIPPED: the sample files unchanged, because port 9092 or 8083 is in use.')
      skip()
    }
    const folder = tempFolder()
    for (const name of ['standalone', 'file-source', 'file-sink']) {
      const file = `connect-${name}.properties`
      copyFileSync(new URL(`../../examples/${file}`, import.meta.url), join(folder, file))
    }
    if (existsSync('/tmp/connect.offsets')) {
      console.warn('SKIPPED: the sample files unchanged, because /tmp/connect.offsets exists.')
      skip()
    }
    writeFileSync(join(folder, 'test.txt'), '')
    const files = ['standalone', 'file-source', 'file-sink'].map((name) => `connect-${name}.properties`)
    const worker = WorkerProcess.start([`--embedded-broker=${join(folder, 'data')}`, ...files], {
      cwd: folder,
    })
    await worker.whenReady()
    await worker.whenOutput(/with partitions \[connect-test-0\]/)
    appendFileSync(join(folder, 'test.txt'), 'one\ntwo\nthree\n')
    const output = join(folder, 'test.sink.txt')
    await until(() => read(output) === 'one\ntwo\nthree\n', { what: 'three lines', timeoutMs: 3000 })
    await worker.stop()
    for (const file of ['/tmp/connect.offsets', '/tmp/connect.offsets.1']) rmSync(file, { force: true })
  })
})

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
