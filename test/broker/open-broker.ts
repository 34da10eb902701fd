import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Broker, type BrokerOptions } from '../../src/broker/broker.ts'
import { createLogger, LogOutput, type Logger } from '../../src/util/logger.ts'
import { RawClient } from './raw-client.ts'

/** A broker on a free port that is gone after the test; in memory unless a folder is named. */
export async function openBroker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const { log } = capturedLog()
  const broker = await Broker.open({ host: '127.0.0.1', port: 0, dataDir: null, log, ...options })
  onTestFinished(() => broker.close())
  return broker
}

export async function connectTo(broker: { port: number }): Promise<RawClient> {
  const client = await RawClient.connect(broker.port)
  onTestFinished(() => client.close())
  return client
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'broker-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A logger whose lines can be looked at. */
export function capturedLog(): { log: Logger; lines: string[] } {
  const lines: string[] = []
  return { log: createLogger(new LogOutput((line) => lines.push(line)), 'broker'), lines }
}
