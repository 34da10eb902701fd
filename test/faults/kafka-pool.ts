import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'
import { KafkaBroker } from '../support/kafka-broker.ts'

/** One Kafka that goes from case to case, emptied in between: a new one for each takes most of their time. */
export class KafkaPool {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsconnect-faults-kafka-'))
  #idle: KafkaBroker | null = null
  #made = 0

  /** One that runs and holds nothing. */
  async take(): Promise<KafkaBroker> {
    const idle = this.#idle
    this.#idle = null
    if (idle !== null) return idle
    const folder = mkdtempSync(join(this.folder, `${++this.#made}-`))
    const broker = new KafkaBroker(folder, await freePort(), await freePort())
    await broker.start()
    return broker
  }

  /** It serves again, unless the case has left it in a bad state. */
  async giveBack(broker: KafkaBroker, isSound: boolean): Promise<void> {
    if (isSound && broker.pid > 0 && (await isEmptied(broker))) this.#idle = broker
    else await broker.stop('SIGKILL')
  }

  async close(keep: boolean): Promise<void> {
    await this.#idle?.stop('SIGKILL')
    if (!keep) rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Whether all topics and groups are gone; a member that was killed keeps its group for as long as its session. */
async function isEmptied({ port }: KafkaBroker): Promise<boolean> {
  const settings = { 'bootstrap.servers': `127.0.0.1:${port}`, 'default.api.timeout.ms': '5000' }
  const admin = kafkaClients().admin(settings, silentLogger)
  try {
    for (const name of await admin.listTopics()) if (!name.startsWith('__')) await admin.deleteTopic(name)
    for (const { group } of await admin.listGroups()) await admin.deleteConsumerGroup(group)
    await until(async () => (await admin.listTopics()).every((name) => name.startsWith('__')))
    return true
  } catch {
    // Another one takes its place.
    return false
  } finally {
    await admin.close()
  }
}
