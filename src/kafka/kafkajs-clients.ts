import { KafkaAdmin } from './admin.ts'
import type { KafkaClients } from './client.ts'
import { KafkaConsumer } from './consumer.ts'
import { KafkaProducer } from './producer.ts'
import { KafkaTopicReader } from './topic-reader.ts'

/** The Kafka port over the low level of kafkajs. */
export function kafkaClients(): KafkaClients {
  return {
    producer: (settings, listener, log) =>
      new KafkaProducer(settings, listener, log.named('org.apache.kafka.clients.producer.KafkaProducer')),
    consumer: (settings, log) =>
      new KafkaConsumer(settings, log.named('org.apache.kafka.clients.consumer.KafkaConsumer')),
    topicReader: (settings, log) =>
      new KafkaTopicReader(settings, log.named('org.apache.kafka.clients.consumer.KafkaConsumer')),
    admin: (settings, log) =>
      new KafkaAdmin(settings, log.named('org.apache.kafka.clients.admin.KafkaAdminClient')),
  }
}
