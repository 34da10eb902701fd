import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { KafkaBroker } from '../../test/support/kafka-broker.ts'
import { type BrokerProcess, ServerProcess } from '../../test/support/server-process.ts'

/** What kafka-server-start.sh and kafka-run-class.sh give to Java by themselves. */
export const kafkaServerFlags = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
]

export async function apacheKafka(folder: string): Promise<BrokerProcess> {
  mkdirSync(folder, { recursive: true })
  return new KafkaBroker(folder, await freePort(), await freePort(), {}, kafkaServerFlags)
}

/** `tsconnect broker`, built, with its default settings. */
export async function tsconnectBroker(folder: string): Promise<BrokerProcess> {
  mkdirSync(folder, { recursive: true })
  const server = new ServerProcess(join(folder, 'broker.log'))
  const port = await freePort()
  const args = ['bin/tsconnect.js', 'broker', '--listen', `127.0.0.1:${port}`, '--data', join(folder, 'data')]
  return {
    name: 'tsconnect',
    port,
    get pid() {
      return server.pid
    },
    start: () => server.run(process.execPath, args, 'The data is'),
    stop: (signal) => server.stop(signal),
  }
}
