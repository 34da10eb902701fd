/**
 * What a crowd at the REST port does to the records: a source moves 50,000 lines a second, first alone, then with
 * 1,000 GETs in parallel all the time and 200 connections that send their requests byte by byte. Reports the longest
 * gap between two deliveries, the answers, and the worker's CPU per record. The embedded broker runs in the worker's
 * process and counts as its CPU.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { kafkaClients } from '../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../src/util/logger.ts'
import { freePort } from '../test/support/free-port.ts'
import { cpuSeconds } from '../test/support/process-stats.ts'
import { propertiesText } from '../test/support/properties-text.ts'

const linesPerSecond = 50_000
const phaseMs = 10_000
const parallelGets = 1000
const slowConnections = 200
const paths = ['/', '/connectors', '/connectors/lines/status', '/connectors?expand=status&expand=info']

interface Crowd {
  readonly answers: number
  readonly wrong: number
  readonly slowestMs: number
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-rest-load-'))
  const [brokerPort, restPort] = [await freePort(), await freePort()]
  const input = join(folder, 'in.txt')
  writeFileSync(input, '')
  const file = (name: string, settings: Record<string, string>) => {
    writeFileSync(join(folder, name), propertiesText(settings))
    return join(folder, name)
  }
  const worker = spawn(
    process.execPath,
    [
      'bin/tsconnect-standalone.js',
      '--embedded-broker',
      file('worker.properties', {
        'bootstrap.servers': `127.0.0.1:${brokerPort}`,
        'listeners': `http://127.0.0.1:${restPort}`,
        'key.converter': 'StringConverter',
        'value.converter': 'StringConverter',
        'offset.storage.file.filename': join(folder, 'offsets'),
      }),
      file('source.properties', {
        'name': 'lines',
        'connector.class': 'FileStreamSource',
        'file': input,
        'topic': 'lines',
        'batch.size': '5000',
      }),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  worker.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  try {
    while (!log.includes('Kafka Connect started')) {
      if (worker.exitCode !== null) throw new Error(log)
      await delay(20)
    }
    const deliveries = new Deliveries(brokerPort)
    const line = `${'x'.repeat(99)}\n`
    let written = 0
    const begun = performance.now()
    const feeder = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1000) * linesPerSecond) - written
      if (due > 0) appendFileSync(input, line.repeat(due))
      written += due
    }, 5)
    await delay(3000)
    const measure = async () => {
      const before = { cpu: cpuSeconds(worker.pid!), records: deliveries.count }
      deliveries.longestGapMs = 0
      await delay(phaseMs)
      const records = deliveries.count - before.records
      return {
        records,
        gapMs: deliveries.longestGapMs,
        cpu: ((cpuSeconds(worker.pid!) - before.cpu) / records) * 1e6,
      }
    }
    const alone = await measure()
    const thread = new Worker(new URL(import.meta.url), { workerData: { port: restPort } })
    const told = new Promise<Crowd>((resolve) => thread.once('message', resolve))
    await delay(500)
    const crowded = await measure()
    thread.postMessage('stop')
    const { answers, wrong, slowestMs } = await told
    clearInterval(feeder)
    await thread.terminate()
    await deliveries.close()
    const row = (name: string, { records, gapMs, cpu }: typeof alone) =>
      print(
        `${name.padEnd(14)} ${Math.round(records / (phaseMs / 1000))
          .toLocaleString('en')
          .padStart(
            8,
          )} records/s   longest gap ${gapMs.toFixed(0).padStart(4)} ms   ${cpu.toFixed(2)} CPU s per million records`,
      )
    row('alone', alone)
    row('with a crowd', crowded)
    print(
      `${answers.toLocaleString('en')} answers to ${parallelGets} GETs in parallel beside ${slowConnections} slow connections, ` +
        `${wrong} of them wrong, the slowest after ${slowestMs.toFixed(0)} ms; CPU per record x ${(crowded.cpu / alone.cpu).toFixed(2)}`,
    )
    process.exitCode = wrong === 0 && crowded.gapMs <= 200 ? 0 : 1
  } finally {
    worker.kill('SIGTERM')
    await new Promise((resolve) => worker.once('close', resolve))
    rmSync(folder, { recursive: true, force: true })
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Reads the topic as it grows, and keeps the longest time without a record. */
class Deliveries {
  count = 0
  longestGapMs = 0
  readonly #consumer
  #isClosed = false
  readonly #done: Promise<void>

  constructor(brokerPort: number) {
    const settings = { 'bootstrap.servers': `127.0.0.1:${brokerPort}`, 'group.id': 'bench' }
    this.#consumer = kafkaClients().consumer({ ...settings, 'auto.offset.reset': 'earliest' }, silentLogger)
    this.#done = this.#run()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#consumer.wakeup()
    await this.#done
  }

  async #run(): Promise<void> {
    const nobody = async () => {}
    this.#consumer.subscribe(['lines'], { assigned: nobody, revoked: nobody, lost: nobody })
    let last = performance.now()
    while (!this.#isClosed) {
      const records = await this.#consumer.poll(100)
      if (records.length === 0) continue
      const now = performance.now()
      this.longestGapMs = Math.max(this.longestGapMs, now - last)
      this.count += records.length
      last = now
    }
    await this.#consumer.close(0)
  }
}

/** In a thread of its own, so that it does not hold up what measures. */
async function crowd({ port }: { port: number }): Promise<void> {
  let isStopped = false
  parentPort!.once('message', () => (isStopped = true))
  let answers = 0
  let wrong = 0
  let slowestMs = 0
  const agent = new Agent({ keepAlive: true, maxSockets: parallelGets })
  const one = async (path: string) => {
    const begun = performance.now()
    const isRight = await new Promise<boolean>((resolve) => {
      get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve(response.statusCode === 200 && isJson(text)))
      }).on('error', () => resolve(false))
    })
    answers++
    if (!isRight) wrong++
    slowestMs = Math.max(slowestMs, performance.now() - begun)
  }
  const slow = Array.from({ length: slowConnections }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const request = 'GET /connectors HTTP/1.1\r\nHost: localhost\r\nX-Slow: '
    let sent = 0
    const timer = setInterval(() => socket.write(request[sent++] ?? 'x'), 100)
    return () => {
      clearInterval(timer)
      socket.destroy()
    }
  })
  await Promise.all(
    Array.from({ length: parallelGets }, async (_, i) => {
      while (!isStopped) await one(paths[i % paths.length]!)
    }),
  )
  for (const end of slow) end()
  agent.destroy()
  parentPort!.postMessage({ answers, wrong, slowestMs } satisfies Crowd)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

// At the end: the classes above have to be there.
if (isMainThread) await main()
else await crowd(workerData as { port: number })
