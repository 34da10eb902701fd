import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, TopicReader } from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { freePort } from '../../test/support/free-port.ts'
import { propertiesText } from '../../test/support/properties-text.ts'
import type { BrokerProcess } from '../../test/support/server-process.ts'
import { writeLines } from './input.ts'
import { Program } from './program.ts'
import type { Subject } from './subjects.ts'

type Settings = Readonly<Record<string, string>>

export interface Input {
  readonly lineBytes: number
  readonly count: number
}

/** A broker and a folder, for run after run; what a run makes is gone after it, inputs are kept. */
export class Bench {
  readonly #folder: string
  readonly #broker: BrokerProcess
  readonly #admin: Admin
  readonly #reader: TopicReader
  readonly #inputs = new Map<string, Promise<string>>()
  readonly #filled = new Map<string, Promise<string>>()
  readonly #ends: (() => Promise<unknown> | void)[] = []
  #runs = 0

  static async open(brokerIn: (folder: string) => Promise<BrokerProcess>): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), 'tsconnect-bench-'))
    const broker = await brokerIn(join(folder, 'broker'))
    await broker.start()
    return new Bench(folder, broker)
  }

  private constructor(folder: string, broker: BrokerProcess) {
    this.#folder = folder
    this.#broker = broker
    const settings = { 'bootstrap.servers': `127.0.0.1:${broker.port}` }
    this.#admin = kafkaClients().admin(settings, silentLogger)
    this.#reader = kafkaClients().topicReader(settings, silentLogger)
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.#broker.port}`
  }

  async close(): Promise<void> {
    await this.endRun()
    await this.#admin.close()
    await this.#reader.close()
    await this.#broker.stop('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** A path in the folder of this run. */
  readonly path = (name: string): string => {
    const folder = join(this.#folder, `run-${this.#runs}`)
    mkdirSync(folder, { recursive: true })
    return join(folder, name)
  }

  atEnd(end: () => Promise<unknown> | void): void {
    this.#ends.push(end)
  }

  /** Ends the programs and removes the files and topics of the run. */
  async endRun(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
    rmSync(join(this.#folder, `run-${this.#runs}`), { recursive: true, force: true })
    this.#runs++
  }

  /** A file of lines, made once. */
  input({ lineBytes, count }: Input): Promise<string> {
    return once(this.#inputs, `${lineBytes}-${count}`, () => writeLines(this.#folder, lineBytes, count))
  }

  /** A topic of the run's own. */
  async topic(partitions = 1): Promise<string> {
    const name = `run-${this.#runs}`
    await this.#createTopic(name, partitions)
    this.atEnd(() => this.#admin.deleteTopic(name))
    return name
  }

  /** A topic with the lines of a file, each put into `envelope` at its %s; made once. */
  filledTopic(input: Input, { partitions = 1, compression = 'none', envelope = '%s' } = {}): Promise<string> {
    const key = `${input.lineBytes}-${input.count}-${partitions}-${compression}-${envelope}`
    return once(this.#filled, key, async () => {
      const name = `filled-${this.#filled.size}`
      await this.#createTopic(name, partitions)
      const file = await this.#enveloped(await this.input(input), envelope)
      const args = ['-b', this.bootstrap, '-P', '-t', name, '-l', file, '-z', compression]
      const { status } = spawnSync('kcat', args, { stdio: ['ignore', 'inherit', 'inherit'] })
      if (status !== 0) throw new Error(`kcat ${args.join(' ')} ended with ${status}.`)
      return name
    })
  }

  /** How many records the topic holds. */
  async count(topic: string): Promise<number> {
    const extent = await this.#reader.extent(topic)
    return extent.reduce((sum, { start, end }) => sum + end - start, 0)
  }

  text(name: string, text: string): string {
    writeFileSync(this.path(name), text)
    return this.path(name)
  }

  file(name: string, settings: Settings): string {
    return this.text(name, propertiesText(settings))
  }

  /** The program ends with the run. */
  run(program: Program): Program {
    this.atEnd(() => program.stop())
    return program
  }

  /** Starts the subject with connectors of these settings; `worker` goes into its worker file. */
  async start(
    subject: Subject,
    worker: Settings,
    connectors: readonly Settings[],
  ): Promise<{ program: Program; rest: string }> {
    const rest = `http://127.0.0.1:${await freePort()}`
    const workerFile = this.file('worker.properties', {
      'bootstrap.servers': this.bootstrap,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.storage.file.filename': this.path('connect.offsets'),
      'offset.flush.interval.ms': '1000',
      'listeners': rest,
      ...subject.settings,
      ...worker,
    })
    const files = connectors.map((settings, at) => this.file(`connector-${at}.properties`, settings))
    const program = this.run(new Program([...subject.command, workerFile, ...files], this.path('log')))
    return { program, rest }
  }

  async #createTopic(name: string, partitions: number): Promise<void> {
    await this.#admin.createTopic({ name, partitions, replicationFactor: 1, configs: {} })
    // The broker tells of it before it lets everybody write there.
    while ((await this.#admin.describeTopics([name])).get(name) !== partitions) await delay(20)
  }

  async #enveloped(file: string, envelope: string): Promise<string> {
    if (envelope === '%s') return file
    const [before, after] = envelope.split('%s') as [string, string]
    const out = this.path('enveloped.txt')
    const script = `s/^/${before.replaceAll('/', '\\/')}/;s/$/${after.replaceAll('/', '\\/')}/`
    const { status } = spawnSync('sh', ['-c', 'sed "$1" "$2" > "$3"', 'sh', script, file, out])
    if (status !== 0) throw new Error(`sed ${script} ${file} ended with ${status}.`)
    return out
  }
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = made.get(key) ?? make()
  made.set(key, found)
  return found
}
