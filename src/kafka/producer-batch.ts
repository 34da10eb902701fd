import { performance } from 'node:perf_hooks'
import { RecordBatchBuilder } from '../protocol/record-batch.ts'

/** What is still to be reported of the records sent between two flushes. */
export class Generation {
  unreported = 0
  /** A flush waits for them: nothing of it may linger. */
  isFlushing = false
  #whenDone: (() => void)[] = []

  reported(count: number): void {
    this.unreported -= count
    if (this.unreported > 0) return
    const waiting = this.#whenDone
    this.#whenDone = []
    for (const resolve of waiting) resolve()
  }

  done(): Promise<void> {
    return this.unreported === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenDone.push(resolve))
  }
}

/** Records on their way to one partition together. */
export class ProducerBatch {
  readonly builder: RecordBatchBuilder
  readonly contexts: unknown[] = []
  readonly generation: Generation
  readonly createdAt: number
  /** No more records may be added: it is full, was sent before, or waits for a flush. */
  isSealed = false
  attempts = 0
  /** Its bytes, where they were finished ahead of its turn. */
  body: Buffer | null = null
  /** What it counts for in `buffer.memory`. */
  bufferedBytes = 0
  /** Known from the start to fail (too large): reported when its turn comes, to keep the order. */
  error: Error | null = null

  constructor(buffer: Buffer | undefined, generation: Generation, createdAt = performance.now()) {
    this.builder = new RecordBatchBuilder(buffer)
    this.generation = generation
    this.createdAt = createdAt
  }
}

/** The batches of one partition in the order of sending; only the first is ever under way. */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly batches: ProducerBatch[] = []
  isInFlight = false
  retryTimer: NodeJS.Timeout | null = null
  /** Learnt from the broker: smaller than the setting once it called a batch too large. */
  fillBytes: number
  /** Idempotence: who we are for this partition, and the sequence number of the first batch. */
  producer: ProducerIdentity | null = null
  sequence = 0
  warnedAt = -Infinity

  constructor(topic: string, partition: number, fillBytes: number) {
    this.topic = topic
    this.partition = partition
    this.fillBytes = fillBytes
  }
}

export interface ProducerIdentity {
  readonly id: number
  readonly epoch: number
}

/** Memory of finished batches, kept for the next ones while the producer is busy. */
export class BufferPool {
  readonly #free: Buffer[] = []

  take(): Buffer | undefined {
    return this.#free.pop()
  }

  giveBack(buffer: Buffer): void {
    if (this.#free.length < 64 && buffer.length <= 2 * 1024 * 1024) this.#free.push(buffer)
  }

  /** Nothing is under way: what a burst needed is given back to the system. */
  trim(): void {
    if (this.#free.length > 2) this.#free.length = 2
  }
}
