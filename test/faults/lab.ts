import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConsumerRecord } from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { CuttingProxy } from '../kafka/cutting-proxy.ts'
import { freePort } from '../support/free-port.ts'
import { committedPosition } from '../support/committed-position.ts'
import { propertiesText } from '../support/properties-text.ts'
import type { BrokerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { openEmbeddedBroker } from './brokers.ts'
import type { KafkaPool } from './kafka-pool.ts'
import { appendRecords, Oracle, recordBytes, type Verdict } from './numbered-records.ts'
import { seeded } from './random.ts'
import { FaultyWorker } from './worker.ts'

export interface CaseOptions {
  readonly broker: 'embedded' | 'kafka'
  /** How often the fault happens; null: the case's short form. */
  readonly rounds: number | null
  readonly seed: number
  readonly folder: string
  readonly kafkas: KafkaPool
}

/** What a case found; the bounds that it has to hold are the case's own. */
export interface CaseResult extends Verdict {
  readonly rounds: number
  /** The longest time from the end of a fault until records flowed again; null: not asked for. */
  readonly recoveryMs: number | null
  readonly peakMb: number
  /** What is wrong, in words; empty: the case holds. */
  readonly problems: readonly string[]
  readonly notes?: string
}

export interface FaultCase {
  readonly name: string
  /** Its numbers in reference/faults.md. */
  readonly numbers: string
  readonly about: string
  /** The only broker that it can happen to; left out: both. */
  readonly only?: CaseOptions['broker']
  /** Why the short form is not among the integration tests; left out: it is. */
  readonly byHand?: string
  run(lab: Lab, options: CaseOptions): Promise<CaseResult>
}

type Settings = Record<string, string>

/** A broker, a worker and a folder, with what every case does with them. */
export class Lab {
  readonly folder: string
  readonly random: () => number
  readonly #options: CaseOptions
  readonly #ends: (() => Promise<unknown>)[] = []
  #isSound = false
  broker!: BrokerProcess

  constructor(options: CaseOptions) {
    this.#options = options
    this.folder = options.folder
    this.random = seeded(options.seed)
  }

  /** Ends every process that was started, whatever state it is in; a Kafka goes on to the next case if all was well. */
  async close(isSound: boolean): Promise<void> {
    this.#isSound = isSound
    for (const end of this.#ends.reverse()) await end()
  }

  onClose(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  async startBroker(env: NodeJS.ProcessEnv = {}): Promise<BrokerProcess> {
    const { broker, folder, kafkas } = this.#options
    if (broker === 'kafka') {
      const kafka = await kafkas.take()
      this.onClose(() => kafkas.giveBack(kafka, this.#isSound))
      this.broker = kafka
    } else {
      this.broker = await openEmbeddedBroker(folder, env)
      this.onClose(() => this.broker.stop('SIGKILL'))
      await this.broker.start()
    }
    return this.broker
  }

  /** Stands before the broker from now on, for those who are sent there. */
  async startProxy(): Promise<CuttingProxy> {
    const proxy = await CuttingProxy.open({ host: '127.0.0.1', port: this.broker.port })
    this.onClose(() => proxy.close())
    return proxy
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  file(name: string, settings: Settings): string {
    writeFileSync(this.path(name), propertiesText(settings))
    return this.path(name)
  }

  async workerFile(settings: Settings = {}, name = 'worker.properties'): Promise<string> {
    return this.file(name, {
      'bootstrap.servers': `127.0.0.1:${this.broker.port}`,
      'listeners': `http://127.0.0.1:${await freePort()}`,
      'key.converter': 'StringConverter',
      'value.converter': 'StringConverter',
      'offset.storage.file.filename': this.path('connect.offsets'),
      ...settings,
    })
  }

  sourceFile(settings: Settings = {}, name = 'source.properties'): string {
    return this.file(name, {
      'name': 'in',
      'connector.class': 'FileStreamSource',
      'file': this.path('in.txt'),
      'topic': 't',
      ...settings,
    })
  }

  sinkFile(settings: Settings = {}, name = 'sink.properties'): string {
    return this.file(name, {
      'name': 'out',
      'connector.class': 'FileStreamSink',
      'file': this.path('out.txt'),
      'topics': 't',
      ...settings,
    })
  }

  worker(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    command?: readonly [string, ...string[]],
  ): FaultyWorker {
    const worker = new FaultyWorker(this.folder, args, env, command)
    this.onClose(() => worker.stop('SIGKILL'))
    return worker
  }

  /** A worker that has the plugins of the bench beside its own. */
  pluginWorker(args: readonly string[]): FaultyWorker {
    const main = fileURLToPath(new URL('./faults-worker.mjs', import.meta.url))
    return this.worker(args, {}, [process.execPath, main])
  }

  write(from: number, to: number): void {
    appendRecords(this.path('in.txt'), from, to)
  }

  /** How many records of the input the offset file says are safe. */
  committed(): number {
    return committedPosition(this.path('connect.offsets')) / recordBytes
  }

  /** How many records the sink's file holds. */
  sunk(): number {
    return existsSync(this.path('out.txt')) ? statSync(this.path('out.txt')).size / recordBytes : 0
  }

  /** The number of the last record that stands as a whole at the end of the sink's file. */
  lastSunk(): number {
    const fd = openSync(this.path('out.txt'), 'r')
    try {
      const tail = Buffer.alloc(10 * recordBytes)
      const from = Math.max(0, fstatSync(fd).size - tail.length)
      const lines = tail.toString('latin1', 0, readSync(fd, tail, 0, tail.length, from)).split('\n')
      return Number(
        lines
          .slice(0, -1)
          .findLast((line) => line.length === recordBytes - 1)
          ?.slice(0, 10) ?? -1,
      )
    } finally {
      closeSync(fd)
    }
  }

  /** The numbers at which a sink of one partition has gone back to what it had delivered before. */
  stepsBack(): number[] {
    const numbers = readFileSync(this.path('out.txt'), 'latin1').split('\n').slice(0, -1)
    return numbers.map((line) => Number(line.slice(0, 10))).filter((n, i, all) => i > 0 && n <= all[i - 1]!)
  }

  /** Waits until the count is reached, as long as the worker lives. */
  async reached(count: () => number, goal: number, worker: FaultyWorker, timeoutMs = 120_000): Promise<void> {
    await until(() => worker.checkAlive() && count() >= goal, {
      what: () => `${goal} records, ${count()} now; the worker says\n${worker.log.slice(-1500)}`,
      everyMs: 1,
      timeoutMs,
    })
  }

  /** Reads the topic to its end and judges it. */
  async judgeTopic(topic: string, count: number, settings: Settings = {}): Promise<Verdict> {
    const oracle = new Oracle(count)
    await this.readTopic(topic, (text, partition) => oracle.take(text, partition), settings)
    return oracle.verdict()
  }

  async readTopic(
    topic: string | readonly string[],
    take: (text: string, partition: number, record: ConsumerRecord) => void,
    settings: Settings = {},
  ): Promise<void> {
    const server = { 'bootstrap.servers': `127.0.0.1:${this.broker.port}` }
    const reader = kafkaClients().topicReader({ ...server, ...settings }, silentLogger)
    try {
      for (const name of [topic].flat()) {
        await reader.readToEnd(name, (record) =>
          take(record.value?.toString() ?? '', record.partition, record),
        )
      }
    } finally {
      await reader.close()
    }
  }

  judgeFile(count: number): Verdict {
    return this.readFiles(count, [this.path('out.txt')]).verdict()
  }

  readFiles(count: number, files: readonly string[]): Oracle {
    const oracle = new Oracle(count)
    for (const file of files.filter((name) => existsSync(name))) {
      for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) oracle.take(line)
    }
    return oracle
  }

  /** Waits until every one of the records stands in the files: their size alone may come from repetitions. */
  async untilAllSunk(count: number, worker: FaultyWorker, files = [this.path('out.txt')]): Promise<void> {
    const size = () =>
      files.reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0) / recordBytes
    await until(() => worker.checkAlive() && size() >= count && this.readFiles(count, files).seen >= count, {
      what: () => `all of ${count} records, ${size()} lines now; the worker says\n${worker.log.slice(-1500)}`,
      everyMs: 250,
      timeoutMs: 90_000,
    })
  }
}

/** What a topic and its sink's file have lost and have twice; order and damage are the topic's. */
export function together(topic: Verdict, file: Verdict): Verdict {
  return { ...topic, lost: topic.lost + file.lost, duplicated: topic.duplicated + file.duplicated }
}

/** A sink may begin again only where its group had committed when it lost its place: once for each such offset. */
export function stepProblems(steps: readonly number[], committed: readonly number[]): string[] {
  const left = [...committed]
  const problems: string[] = []
  for (const step of steps) {
    if (left.includes(step)) left.splice(left.indexOf(step), 1)
    else problems.push(`file: the sink went back to ${step}; committed was ${committed.join(', ')}`)
  }
  return problems
}

/** The bounds that hold for every case, and the case's own for repetitions. */
export function problemsOf(
  { lost, reordered, damaged, duplicated }: Verdict,
  mostDuplicated: number,
): string[] {
  return [
    ...(lost > 0 ? [`${lost} records were lost`] : []),
    ...(reordered > 0 ? [`${reordered} records came out of order`] : []),
    ...(damaged > 0 ? [`${damaged} records were damaged`] : []),
    ...(duplicated > mostDuplicated ? [`${duplicated} records came twice, ${mostDuplicated} may`] : []),
  ]
}
