import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { Lab } from './lab.ts'

/** What somebody else does to the topics of a running worker, and how long they are. */
export class TopicAdmin {
  readonly #admin: Admin

  static async open(lab: Lab, brokers = [`127.0.0.1:${lab.broker.port}`]): Promise<TopicAdmin> {
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    lab.onClose(() => admin.disconnect())
    return new TopicAdmin(admin)
  }

  private constructor(admin: Admin) {
    this.#admin = admin
  }

  async create(topic: string, partitions: number, replicationFactor = 1): Promise<void> {
    await this.#admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor }] })
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

  /** How many records there have been in all partitions. */
  async length(topic: string): Promise<number> {
    const offsets = await this.#admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { high }) => sum + Number(high), 0)
  }

  async partitions(topic: string): Promise<readonly { partition: number; leader: number; inSync: number }[]> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]!.partitions.map(({ partitionId, leader, isr }) => ({
      partition: partitionId,
      leader,
      inSync: isr.length,
    }))
  }
}
