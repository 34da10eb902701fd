import type { OffsetMap, SourceRecord } from '../api/record.ts'
import { type Deferred, deferred } from '../util/deferred.ts'
import { partitionText } from './offsets/partition-text.ts'

/** Records in a row on their way to Kafka, mostly one; the producer hands them back as the context of each. */
export class Submitted {
  readonly queue: PartitionQueue
  /** Behind the last of them. */
  offset: OffsetMap | null
  /** Kept only where the task wants to hear of it. */
  readonly record: SourceRecord | null
  /** How many are not acknowledged yet. */
  unacked = 1

  constructor(queue: PartitionQueue, offset: OffsetMap | null, record: SourceRecord | null) {
    this.queue = queue
    this.offset = offset
    this.record = record
  }
}

/**
 * Which offsets may be committed: per source partition those up to the first record that is not acknowledged
 * (Connect's SubmittedRecords). One slow partition does not hold up the others.
 */
export class SubmittedRecords {
  readonly #queues = new Map<string, PartitionQueue>()
  #latest: PartitionQueue | null = null
  #unacked = 0

  #whenEmpty: Deferred<void> | null = null

  /** How many records are on their way, or were given up by the producer. */
  get unacked(): number {
    return this.#unacked
  }

  submit(partition: OffsetMap | null, offset: OffsetMap | null, record: SourceRecord | null): Submitted {
    const submitted = new Submitted(this.#queueOf(partition), offset, record)
    submitted.queue.push(submitted)
    this.#unacked++
    return submitted
  }

  /** What was submitted last stands for so many records, the last of them before `offset`. */
  extend(submitted: Submitted, count: number, offset: OffsetMap | null): void {
    submitted.offset = offset
    submitted.unacked += count - 1
    this.#unacked += count - 1
  }

  /** Resolves when everything submitted so far is acknowledged. */
  async whenAcknowledged(): Promise<void> {
    if (this.#unacked === 0) return
    this.#whenEmpty ??= deferred()
    await this.#whenEmpty.promise
  }

  /** Marks them and returns, for each partition that got further, the offset that may be committed now. */
  acknowledge(records: readonly Submitted[]): Map<OffsetMap | null, OffsetMap | null> {
    const touched = new Set<PartitionQueue>()
    let latest: PartitionQueue | null = null
    for (const record of records) {
      if (record.unacked === 0) continue
      this.#unacked--
      if (--record.unacked === 0 && record.queue !== latest) touched.add((latest = record.queue))
    }
    if (this.#unacked === 0) this.#whenEmpty?.resolve()
    const committable = new Map<OffsetMap | null, OffsetMap | null>()
    for (const queue of touched) {
      const last = queue.popAcked()
      if (last !== null) committable.set(queue.partition, last.offset)
    }
    return committable
  }

  #queueOf(partition: OffsetMap | null): PartitionQueue {
    // Tasks hand in the same object again and again; only a new one is compared by content.
    if (this.#latest !== null && this.#latest.partition === partition) return this.#latest
    const key = partitionText(partition)
    let queue = this.#queues.get(key)
    if (queue === undefined) {
      queue = new PartitionQueue(partition)
      this.#queues.set(key, queue)
    }
    this.#latest = queue
    return queue
  }
}

/** First in, first out; the head moves over what is acknowledged. */
export class PartitionQueue {
  readonly partition: OffsetMap | null
  #records: Submitted[] = []
  #head = 0

  constructor(partition: OffsetMap | null) {
    this.partition = partition
  }

  push(record: Submitted): void {
    this.#records.push(record)
  }

  /** The last of the acknowledged records at the head, which leave the queue. */
  popAcked(): Submitted | null {
    let last: Submitted | null = null
    for (; this.#head < this.#records.length; this.#head++) {
      const record = this.#records[this.#head]!
      if (record.unacked > 0) break
      last = record
    }
    if (this.#head > 1024 && this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    } else if (this.#head === this.#records.length) {
      this.#records = []
      this.#head = 0
    }
    return last
  }
}
