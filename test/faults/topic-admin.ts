import { type Admin, Kafka, KafkaJSError, logLevel } from 'kafkajs'
import { until } from '../support/until.ts'
import type { Lab } from './lab.ts'

/** What somebody else does to the topics of a running worker, and how long they are. */
export class TopicAdmin {
  readonly #admin: Admin

  static async open(
    lab: Lab,
    brokers: readonly string[] = [`127.0.0.1:${lab.broker.port}`],
  ): Promise<TopicAdmin> {
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    lab.onClose(() => admin.disconnect())
    return new TopicAdmin(admin)
  }

  private constructor(admin: Admin) {
    this.#admin = admin
  }

  async exists(topic: string): Promise<boolean> {
    return (await this.#admin.listTopics()).includes(topic)
  }

  /** False: it is there already. */
  async create(topic: string, partitions: number, replicationFactor = 1): Promise<boolean> {
    return this.#admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor }] })
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
    const offsets = await patiently(() => this.#admin.fetchTopicOffsets(topic))
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high))
  }

  /** How many records there have been in all partitions. */
  async length(topic: string): Promise<number> {
    return (await this.ends(topic)).reduce((sum, end) => sum + end, 0)
  }

  /** Who leads partition 0 (-1: nobody), and how many replicas are up to date. */
  async partition(topic: string): Promise<{ readonly leader: number; readonly inSync: number }> {
    const { topics } = await patiently(() => this.#admin.fetchTopicMetadata({ topics: [topic] }))
    const { leader, isr } = topics[0]!.partitions[0]!
    return { leader, inSync: isr.length }
  }
}

/** A topic that is just being made, and a broker that is just going, are waited for. */
function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const answer = async () => {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof KafkaJSError && error.retriable) return null
      throw error
    }
  }
  return until(answer, { what: 'an answer about a topic', timeoutMs: 30_000 })
}
