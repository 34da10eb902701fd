import { join } from 'node:path'
import { kafkaServerFlags } from './brokers.ts'

/** A program that moves records, told what to do by the files of Kafka Connect. */
export interface Subject {
  readonly name: string
  /** What stands in its worker file beside what all have. */
  readonly settings: Readonly<Record<string, string>>
  /** The command before the names of the files. */
  readonly command: readonly [string, ...string[]]
}

export const tsconnect: Subject = {
  name: 'tsconnect',
  settings: {},
  command: [process.execPath, 'bin/tsconnect-standalone.js'],
}

/** The same with V8's profiler, which writes into the folder when the worker ends: for devtools, speedscope and others. */
export const profiled = (folder: string): Subject => ({
  ...tsconnect,
  command: [process.execPath, '--cpu-prof', `--cpu-prof-dir=${folder}`, 'bin/tsconnect-standalone.js'],
})

/** What connect-standalone.sh gives to Java: the heap, and kafka-run-class.sh's flags. */
const connectFlags = ['-Xms256M', '-Xmx2G', ...kafkaServerFlags.filter((flag) => !/^-Xm[sx]/.test(flag))]

const kafkaConnectCommand = (): readonly [string, ...string[]] => [
  'java',
  ...connectFlags,
  `-Dlog4j2.configurationFile=${join(process.cwd(), 'test/integration/support/log4j2.xml')}`,
  '-cp',
  join(process.env['TSCONNECT_KAFKA_LIBS'] ?? '', '*'),
  'org.apache.kafka.connect.cli.ConnectStandalone',
]

export const kafkaConnect: Subject = { name: 'Kafka Connect', settings: {}, command: kafkaConnectCommand() }

/** Batches of half a megabyte instead of 16 KB: three lines that make its sources three times as fast. */
export const tunedKafkaConnect: Subject = {
  name: 'Kafka Connect, tuned',
  settings: {
    'producer.batch.size': '524288',
    'producer.linger.ms': '5',
    'producer.buffer.memory': '67108864',
  },
  command: kafkaConnectCommand(),
}
