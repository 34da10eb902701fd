import type { Admin, CommittedOffset, ListedGroup, NewTopic } from '../../src/kafka/client.ts'

/** An admin client in memory: topics that exist, and what the test makes it answer. */
export class FakeAdmin implements Admin {
  readonly #topics: Set<string>
  readonly described: (readonly string[])[] = []
  readonly created: NewTopic[] = []
  describeError: Error | null = null
  createError: Error | null = null
  /** Somebody else creates the topic between the question and the attempt. */
  existsMeanwhile = false
  isClosed = false

  constructor(topics: readonly string[] = []) {
    this.#topics = new Set(topics)
  }

  async describeCluster(): Promise<{ clusterId: string; brokers: readonly string[] }> {
    return { clusterId: 'fake', brokers: [] }
  }

  async listTopics(): Promise<readonly string[]> {
    return [...this.#topics]
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.described.push(names)
    if (this.describeError !== null) throw this.describeError
    return new Map(names.filter((name) => this.#topics.has(name)).map((name) => [name, 1]))
  }

  async createTopic(topic: NewTopic): Promise<boolean> {
    if (this.createError !== null) throw this.createError
    if (this.existsMeanwhile) return false
    this.created.push(topic)
    this.#topics.add(topic.name)
    return true
  }

  async deleteTopic(name: string): Promise<boolean> {
    return this.#topics.delete(name)
  }

  async describeTopicConfigs(): Promise<ReadonlyMap<string, string | null>> {
    return new Map()
  }

  async listGroups(): Promise<readonly ListedGroup[]> {
    return []
  }

  async listConsumerGroupOffsets(): Promise<readonly CommittedOffset[]> {
    return []
  }

  async alterConsumerGroupOffsets(): Promise<void> {}

  async deleteConsumerGroupOffsets(): Promise<void> {}

  async deleteConsumerGroup(): Promise<void> {}

  async close(): Promise<void> {
    this.isClosed = true
  }
}
