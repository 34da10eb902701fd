import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import type { ConsumerRecord } from '../../src/kafka/client.ts'
import { silentLogger } from '../../src/util/logger.ts'

const nobody = { assigned: async () => {}, revoked: async () => {}, lost: async () => {} }

/** Reads a topic from its beginning until `isDone` says so of what was read so far. */
export async function readTopic(
  bootstrap: string,
  topic: string,
  take: (record: ConsumerRecord) => void,
  isDone: () => boolean,
  timeoutMs = 60_000,
): Promise<void> {
  const settings = {
    'bootstrap.servers': bootstrap,
    'group.id': `reader-${Math.random().toString(36).slice(2)}`,
    'auto.offset.reset': 'earliest',
  }
  const consumer = kafkaClients().consumer(settings, silentLogger)
  try {
    consumer.subscribe([topic], nobody)
    for (const deadline = performance.now() + timeoutMs; !isDone();) {
      if (performance.now() > deadline)
        throw new Error(`Topic ${topic} did not hold what was expected in time.`)
      for (const record of await consumer.poll(100)) take(record)
    }
  } finally {
    await consumer.close(1000)
  }
}
