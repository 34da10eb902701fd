import type { Logger } from '../util/logger.ts'
import type { ClientSettings, KafkaClients, ProducerListener } from './client.ts'
import { KafkaProducer } from './producer.ts'

/** The Kafka port over the low level of kafkajs. */
export function kafkaClients(): KafkaClients {
  return {
    producer: (settings: ClientSettings, listener: ProducerListener, log: Logger) =>
      new KafkaProducer(settings, listener, log),
    consumer: () => {
      throw new Error('not yet')
    },
    admin: () => {
      throw new Error('not yet')
    },
  }
}
