import type { ProducerListener } from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import type { Lab } from './lab.ts'

/** What the group of a sink has committed of one partition; 0: nothing yet. */
export async function groupOffset(lab: Lab, connector: string, topic = 't', partition = 0): Promise<number> {
  return (await groupOffsets(lab, connector, topic)).get(partition) ?? 0
}

/** What the group of a sink has committed, by partition. */
export async function groupOffsets(lab: Lab, connector: string, topic = 't'): Promise<Map<number, number>> {
  const admin = kafkaClients().admin({ 'bootstrap.servers': `127.0.0.1:${lab.broker.port}` }, silentLogger)
  try {
    const offsets = await admin.listConsumerGroupOffsets(`connect-${connector}`)
    const ours = offsets.filter((found) => found.topic === topic)
    return new Map(ours.map(({ partition, offset }) => [partition, offset]))
  } finally {
    await admin.close()
  }
}

/** Writes these values, in order, to partition 0 of the topics. Rejects when one is not acknowledged. */
export async function produce(lab: Lab, topics: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const failures: Error[] = []
  const listener: ProducerListener = {
    acknowledged: () => {},
    failed: (_, error) => failures.push(error),
  }
  const settings = { 'bootstrap.servers': `127.0.0.1:${lab.broker.port}` }
  const producer = kafkaClients().producer(settings, listener, silentLogger)
  try {
    for (const [topic, values] of topics) {
      for (const text of values) {
        const value = Buffer.from(text)
        const hasRoom = producer.send(
          { topic, partition: 0, timestamp: null, key: null, value, headers: null },
          null,
        )
        if (!hasRoom) await producer.ready()
      }
    }
    await producer.flush()
  } finally {
    await producer.close(5000)
  }
  if (failures.length > 0) throw failures[0]!
}
