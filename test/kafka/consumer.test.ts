import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { openBroker } from '../broker/open-broker.ts'
import { until } from '../support/until.ts'

test('a commit for a topic that was deleted is refused at once: a rebalance waits for it', async () => {
  const broker = await openBroker()
  const bootstrap = `127.0.0.1:${broker.port}`
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  await admin.createTopics({ topics: [{ topic: 'gone', numPartitions: 1 }] })

  const consumer = kafkaClients().consumer(
    { 'bootstrap.servers': bootstrap, 'group.id': 'g', 'allow.auto.create.topics': 'false' },
    silentLogger,
  )
  onTestFinished(() => consumer.close(1000))
  const nobody = async () => {}
  consumer.subscribe(['gone'], { assigned: nobody, revoked: nobody, lost: nobody })
  await until(async () => {
    await consumer.poll(10)
    return consumer.assignment().length > 0
  })
  const offset = { topic: 'gone', partition: 0, offset: 0 }
  await consumer.commit([offset])
  await admin.deleteTopics({ topics: ['gone'] })
  await expect(consumer.commit([offset])).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
})
