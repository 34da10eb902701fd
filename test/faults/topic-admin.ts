import { setTimeout as delay } from 'node:timers/promises'
import { type Admin, Kafka, KafkaJSError, logLevel } from 'kafkajs'
import type { Lab } from './lab.ts'

/** What somebody else does to the topics of a running worker, and how long they are. */
export class TopicAdmin {
  readonly #admin: Admin
  /** For questions that `patiently` asks: one that tries by itself would miss what lasts only a moment. */
  readonly #asking: Admin

  static async open(
    lab: Lab,
    brokers: readonly string[] = [`127.0.0.1:${lab.broker.port}`],
  ): Promise<TopicAdmin> {
    const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
    const [admin, asking] = [kafka.admin(), kafka.admin({ retry: { retries: 0 } })]
    for (const client of [admin, asking]) {
      await client.connect()
      lab.onClose(() => client.disconnect())
    }
    return new TopicAdmin(admin, asking)
  }

  private constructor(admin: Admin, asking: Admin) {
    this.#admin = admin
    this.#asking = asking
  }

  async exists(topic: string): Promise<boolean> {
    return (await this.#admin.listTopics()).includes(topic)
  }

  /** False: it is there already. */
  async create(topic: string, partitions: number, replicationFactor = 1): Promise<boolean> {
    const topics = [{ topic, numPartitions: partitions, replicationFactor }]
    // Waiting for leaders fails where the broker asked has not heard of the topic yet.
    return this.#admin.createTopics({ topics, waitForLeaders: false })
  }

  async delete(topic: string): Promise<void> {
    await this.#admin.deleteTopics({ topics: [topic] })
  }

  async addPartitions(topic: string, count: number): Promise<void> {
    await this.#admin.createPartitions({ topicPartitions: [{ topic, count }] })
  }

  /** Deletes all records of the partition before the offset, as retention does. */
  async deleteRecords(topic: string, partition: number, before: number): Promise<void> {
    await this.#admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] })
  }

  /** The end of each partition, in the order of their numbers. */
  async ends(topic: string): Promise<readonly number[]> {
    const offsets = await patiently(() => this.#asking.fetchTopicOffsets(topic))
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high))
  }

  /** How many records there have been in all partitions. */
  async length(topic: string): Promise<number> {
    return (await this.ends(topic)).reduce((sum, end) => sum + end, 0)
  }

  /** Who leads partition 0 (-1: nobody), and how many replicas are up to date. */
  async partition(topic: string): Promise<{ readonly leader: number; readonly inSync: number }> {
    const { topics } = await patiently(() => this.#asking.fetchTopicMetadata({ topics: [topic] }))
    const { leader, isr } = topics[0]!.partitions[0]!
    return { leader, inSync: isr.length }
  }
}

/** A topic that is just being made, and a broker that is just going, are waited for. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + 30_000; ; await delay(5)) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof KafkaJSError) || performance.now() > until) throw error
    }
  }
}
