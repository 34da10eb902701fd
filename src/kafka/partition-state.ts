import type { TopicPartition } from './client.ts'
import type { OffsetReset } from './consumer-settings.ts'

/** What the consumer knows about a partition that is assigned to it. */
export class PartitionState implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** The offset of the next record that `poll` returns; -1 while it is not known. */
  position = -1
  /** Where to start instead of the committed offset, after that was out of range. */
  reset: OffsetReset | null = null
  /** The offset of the next fetch: ahead of the position by what is buffered. */
  fetchOffset = -1
  bufferedBytes = 0
  isPaused = false
  isFetching = false
  /** Changes with every seek: what was fetched before is void. */
  epoch = 0
  /** When it may be fetched again after an error. */
  retryAt = 0
  /** The replica to fetch from, -1: the leader. */
  replica = -1

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic
    this.partition = partition
  }

  seek(offset: number): void {
    this.position = offset
    this.fetchOffset = offset
    this.bufferedBytes = 0
    this.reset = null
    this.epoch++
  }

  /** The position has to be looked up again. */
  forgetPosition(reset: OffsetReset | null): void {
    this.seek(-1)
    this.reset = reset
  }
}

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
