import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { propertiesText } from './properties-text.ts'
import { type BrokerProcess, ServerProcess } from './server-process.ts'

/** One KRaft node of Apache Kafka from the jars in TSCONNECT_KAFKA_LIBS. */
export class KafkaBroker implements BrokerProcess {
  readonly name = 'Apache Kafka'
  readonly port: number
  readonly #process: ServerProcess
  readonly #properties: string
  readonly #java: readonly string[]
  readonly #data: string

  /** `changes`: settings beyond, or instead of, those of a broker that is alone; `jvm`: options of Java. */
  constructor(
    folder: string,
    port: number,
    controllerPort: number,
    changes: Readonly<Record<string, string>> = {},
    jvm: readonly string[] = ['-Xmx512m'],
  ) {
    const libs = process.env['TSCONNECT_KAFKA_LIBS']
    if (libs === undefined) throw new Error('There are no jars of Apache Kafka.')
    this.port = port
    this.#data = join(folder, 'kafka')
    this.#process = new ServerProcess(join(folder, 'kafka.log'))
    this.#properties = join(folder, 'server.properties')
    const log4j = join(process.cwd(), 'test/integration/support/log4j2.xml')
    this.#java = [...jvm, '-cp', join(libs, '*'), `-Dlog4j2.configurationFile=${log4j}`]
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
    writeFileSync(this.#properties, propertiesText(settings))
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
