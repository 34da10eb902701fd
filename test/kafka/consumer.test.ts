import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { leaveGroupApi } from '../../src/kafka/apis/groups.ts'
import { KafkaConsumer } from '../../src/kafka/consumer.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { batchOf } from '../broker/batches.ts'
import { connectTo, openBroker } from '../broker/open-broker.ts'
import { createTopic, produce } from '../broker/requests.ts'
import { until } from '../support/until.ts'

test('a member that was thrown out of its group loses its partitions, joins again and goes on', async () => {
  const broker = await openBroker({ groupInitialRebalanceDelayMs: 0 })
  const client = await connectTo(broker)
  await createTopic(client, { topic: 't' })
  await produce(client, { topic: 't', records: batchOf({ values: ['a'] }) })
  const consumer = new KafkaConsumer(
    {
      'bootstrap.servers': `127.0.0.1:${broker.port}`,
      'group.id': 'g',
      'group.instance.id': 'one',
      'auto.offset.reset': 'earliest',
      'heartbeat.interval.ms': '20',
    },
    silentLogger,
  )
  onTestFinished(() => consumer.close(1000))
  const events: string[] = []
  const note = (event: string) => async () => void events.push(event)
  consumer.subscribe(['t'], { assigned: note('assigned'), revoked: note('revoked'), lost: note('lost') })
  const next = async () => {
    for (;;) for (const { value } of await consumer.poll(50)) return value!.toString()
  }
  expect(await next()).toBe('a')

  const administrator = { group: 'g', generation: -1, memberId: '', instanceId: 'one' }
  const answer = await client.call({
    key: leaveGroupApi.key,
    version: 3,
    write: (writer) => leaveGroupApi.encode(writer, administrator, 3),
  })
  answer.int32()
  expect(answer.int16()).toBe(0)
  // Nothing is committed: it begins again.
  expect(await next()).toBe('a')
  expect(events).toEqual(['assigned', 'lost', 'assigned'])
})

test('a commit for a topic that was deleted is refused at once: a rebalance waits for it', async () => {
  const broker = await openBroker()
  const bootstrap = `127.0.0.1:${broker.port}`
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  await admin.createTopics({ topics: [{ topic: 'gone', numPartitions: 1 }] })

  const consumer = new KafkaConsumer(
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
