import { onTestFinished } from 'vitest'
import type { AckedRun, ClientSettings, ProducerListener } from '../../src/kafka/client.ts'
import { KafkaProducer } from '../../src/kafka/producer.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { FakeBroker } from './fake-broker.ts'

/** A broker for the running test. */
export async function openBroker(): Promise<FakeBroker> {
  const broker = await FakeBroker.open()
  onTestFinished(() => broker.close())
  return broker
}

/** A producer of the running test for the fake broker, and all that it reports. The contexts count from 0. */
export function openProducer(broker: FakeBroker, settings: ClientSettings = {}) {
  const acked: unknown[] = []
  const failures: Error[] = []
  const reports: string[] = []
  const runs: AckedRun[] = []
  const lines: string[] = []
  const listener: ProducerListener = {
    acknowledged: (contexts, run) => {
      acked.push(...contexts)
      reports.push(...contexts.map((context) => `acked ${String(context)}`))
      runs.push(run)
    },
    failed: (contexts, error) => {
      failures.push(error)
      reports.push(...contexts.map((context) => `failed ${String(context)}`))
    },
  }
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  const producer = new KafkaProducer({ 'bootstrap.servers': broker.address, ...settings }, listener, log)
  onTestFinished(() => producer.close(0))
  let sent = 0
  const send = (value: string, partition: number | null = null): boolean => {
    const record = {
      topic: 't',
      partition,
      timestamp: null,
      key: null,
      value: Buffer.from(value),
      headers: null,
    }
    return producer.send(record, sent++)
  }
  return { producer, send, flush: () => producer.flush(), acked, failures, reports, runs, lines }
}
