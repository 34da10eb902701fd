import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { Program } from './program.ts'

/** A program that moves lines and knows nothing of Kafka Connect. */
export interface Peer {
  readonly name: string
  /** Undefined: it only goes the other way. */
  source?(bench: Bench, file: string, topic: string): Program
  sink?(bench: Bench, topic: string, count: number, file: string): Program
}

/** librdkafka without state: it remembers nothing of what it has sent or read. */
export const kcat: Peer = {
  name: 'kcat, no state',
  source: ({ bootstrap, path }, file, topic) =>
    new Program(['kcat', '-b', bootstrap, '-P', '-t', topic, '-l', file], path('log'), {
      endsByItself: true,
    }),
  sink: ({ bootstrap, path }, topic, count, file) =>
    new Program(
      ['kcat', '-b', bootstrap, '-C', '-t', topic, '-o', 'beginning', '-c', String(count), '-q'],
      path('log'),
      { endsByItself: true, output: file },
    ),
}

/** Debian's packages, unpacked and not installed: the two exclude each other. */
const root = () => process.env['TSCONNECT_SHIPPERS'] ?? ''
const libraries = 'usr/lib/x86_64-linux-gnu'

export const rsyslog: Peer = {
  name: 'rsyslog',
  source(bench, file, topic) {
    const own = join(root(), 'rsyslog')
    const modules = join(own, libraries, 'rsyslog')
    const config = bench.text(
      'rsyslog.conf',
      `global(workDirectory="${bench.path('.')}")
module(load="${modules}/imfile")
module(load="${modules}/omkafka")
template(name="line" type="string" string="%msg%")
ruleset(name="ship") { action(type="omkafka" broker=["${bench.bootstrap}"] topic="${topic}" template="line") }
input(type="imfile" File="${file}" Tag="line" ruleset="ship")
`,
    )
    const args = ['-n', '-f', config, '-i', bench.path('pid'), '-M', modules]
    const env = { LD_LIBRARY_PATH: join(own, libraries) }
    return new Program([join(own, 'usr/sbin/rsyslogd'), ...args], bench.path('log'), { env })
  },
}

export const syslogNg: Peer = {
  name: 'syslog-ng',
  source(bench, file, topic) {
    const own = join(root(), 'syslog-ng')
    const config = bench.text(
      'syslog-ng.conf',
      `@version: 3.38
options { log-msg-size(65536); };
source from { file("${file}" flags(no-parse) follow-freq(0.1) read-old-records(yes) log-fetch-limit(1000) log-iw-size(10000)); };
destination to { kafka-c(topic("${topic}") bootstrap-servers("${bench.bootstrap}") message("$MESSAGE")); };
log { source(from); destination(to); flags(flow-control); };
`,
    )
    const state = ['-R', bench.path('persist'), '-p', bench.path('pid'), '-c', bench.path('control')]
    const modules = join(own, 'usr/lib/syslog-ng')
    const args = ['-F', '-f', config, ...state, '--no-caps', `--module-path=${join(modules, '3.38')}`]
    const env = {
      LD_LIBRARY_PATH: [modules, join(own, libraries), join(own, 'lib/x86_64-linux-gnu')].join(':'),
    }
    return new Program([join(own, 'usr/sbin/syslog-ng'), ...args], bench.path('log'), { env })
  },
}
