import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'

/** A broker in a process of its own, that can be stopped, killed and started again on the same port and data. */
export interface FaultyBroker {
  readonly name: string
  readonly port: number
  readonly pid: number
  start(): Promise<void>
  /** Resolves when the process is gone. */
  stop(signal: NodeJS.Signals): Promise<void>
}

export async function openEmbeddedBroker(folder: string, env: NodeJS.ProcessEnv = {}): Promise<FaultyBroker> {
  return new EmbeddedBroker(folder, await freePort(), env)
}

class BrokerProcess {
  readonly logFile: string
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | null = null
  #gone: Promise<unknown> = Promise.resolve()

  constructor(logFile: string, env: NodeJS.ProcessEnv = {}) {
    this.logFile = logFile
    this.#env = env
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  async run(command: string, args: readonly string[], started: string): Promise<void> {
    writeFileSync(this.logFile, '')
    const out = openSync(this.logFile, 'a')
    const child = spawn(command, args, { stdio: ['ignore', out, out], env: { ...process.env, ...this.#env } })
    this.#child = child
    this.#gone = new Promise((resolve) => child.once('exit', resolve))
    const log = () => readFileSync(this.logFile, 'utf8')
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`The broker ended:\n${log().slice(-2000)}`)
        return log().includes(started)
      },
      { what: `the broker's start`, timeoutMs: 120_000, everyMs: 5 },
    )
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal)
    await this.#gone
    this.#child = null
  }
}

class EmbeddedBroker implements FaultyBroker {
  readonly name = 'embedded broker'
  readonly port: number
  readonly #process: BrokerProcess
  readonly #dataDir: string

  constructor(folder: string, port: number, env: NodeJS.ProcessEnv) {
    this.port = port
    this.#dataDir = join(folder, 'broker')
    this.#process = new BrokerProcess(join(folder, 'broker.log'), env)
  }

  get pid(): number {
    return this.#process.pid
  }

  start(): Promise<void> {
    const main = fileURLToPath(new URL('./faults-broker.mjs', import.meta.url))
    return this.#process.run(process.execPath, [main, String(this.port), this.#dataDir], 'ready')
  }

  stop(signal: NodeJS.Signals): Promise<void> {
    return this.#process.stop(signal)
  }
}

export class KafkaBroker implements FaultyBroker {
  readonly name = 'Apache Kafka'
  readonly port: number
  readonly #process: BrokerProcess
  readonly #properties: string
  readonly #java: readonly string[]
  readonly #data: string

  /** `changes`: settings beyond, or instead of, those of a broker that is alone. */
  constructor(
    folder: string,
    port: number,
    controllerPort: number,
    changes: Readonly<Record<string, string>> = {},
  ) {
    const libs = process.env['TSCONNECT_KAFKA_LIBS']
    if (libs === undefined) throw new Error('There are no jars of Apache Kafka.')
    this.port = port
    this.#data = join(folder, 'kafka')
    this.#process = new BrokerProcess(join(folder, 'kafka.log'))
    this.#properties = join(folder, 'server.properties')
    const log4j = join(process.cwd(), 'test/integration/support/log4j2.xml')
    this.#java = ['-Xmx512m', '-cp', join(libs, '*'), `-Dlog4j2.configurationFile=${log4j}`]
    const settings = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      'listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'PLAINTEXT',
      'log.dirs': this.#data,
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '1',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'transaction.state.log.num.partitions': '1',
      'group.initial.rebalance.delay.ms': '0',
      // A killed member of a group should not have to be waited for.
      'group.min.session.timeout.ms': '500',
      ...changes,
    }
    writeFileSync(
      this.#properties,
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    )
  }

  get pid(): number {
    return this.#process.pid
  }

  async start(): Promise<void> {
    if (!existsSync(this.#data)) {
      const format = [
        'kafka.tools.StorageTool',
        'format',
        '-t',
        'AAAAAAAAQACAAAAAAAAAAQ',
        '-c',
        this.#properties,
      ]
      spawnSync('java', [...this.#java, ...format], { stdio: 'ignore' })
    }
    await this.#process.run('java', [...this.#java, 'kafka.Kafka', this.#properties], 'Kafka Server started')
  }

  stop(signal: NodeJS.Signals): Promise<void> {
    return this.#process.stop(signal)
  }
}
