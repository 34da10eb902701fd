export interface CommittedOffset {
  offset: number
  leaderEpoch: number
  metadata: string | null
  committedAt: number
}

/** The offsets of one group by topic and partition. */
export class GroupOffsets {
  readonly #topics = new Map<string, Map<number, CommittedOffset>>()

  get isEmpty(): boolean {
    return this.#topics.size === 0
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#topics.get(topic)?.get(partition)
  }

  set(topic: string, partition: number, offset: CommittedOffset): void {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map()))
    partitions.set(partition, offset)
  }

  delete(topic: string, partition: number): boolean {
    const partitions = this.#topics.get(topic)
    const isDeleted = partitions?.delete(partition) ?? false
    if (partitions?.size === 0) this.#topics.delete(topic)
    return isDeleted
  }

  partitionsOf(topic: string): number[] {
    return [...(this.#topics.get(topic)?.keys() ?? [])]
  }

  *entries(): Generator<[string, number, CommittedOffset]> {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, offset] of partitions) yield [topic, partition, offset]
    }
  }

  topics(): string[] {
    return [...this.#topics.keys()]
  }
}
