import { performance } from 'node:perf_hooks'
import { RecordBatchBuilder } from '../protocol/record-batch.ts'
import type { BatchOptions } from '../protocol/record-batch.ts'
import type { AckedRun } from './client.ts'
import type { ProducerIdentity } from './producer-ids.ts'

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

/** What became of a batch: it is reported when all before it in its partition are. */
export type BatchOutcome = { readonly run: AckedRun } | { readonly error: Error }

/** Records on their way to one partition together. */
export class ProducerBatch {
  readonly builder: RecordBatchBuilder
  readonly contexts: unknown[] = []
  readonly generation: Generation
  readonly createdAt: number
  /** No more records may be added: it is full, was sent before, or waits for a flush. */
  isSealed = false
  isInFlight = false
  attempts = 0
  /** Idempotence: the number of its first record, given when it is first sent; -1 before. */
  sequence = -1
  /** An attempt ended without telling whether the records were written. */
  isInDoubt = false
  outcome: BatchOutcome | null = null
  #body: {
    readonly bytes: Buffer
    readonly identity: ProducerIdentity | null
    readonly sequence: number
  } | null = null
  /** What it counts for in `buffer.memory`. */
  bufferedBytes = 0

  constructor(buffer: Buffer | undefined, generation: Generation, createdAt = performance.now()) {
    this.builder = new RecordBatchBuilder(buffer)
    this.generation = generation
    this.createdAt = createdAt
  }

  /** Its bytes, not compressed; made once for an identity and a number. */
  close(identity: ProducerIdentity | null, sequence: number, isTransactional: boolean): Buffer {
    if (this.#body === null || this.#body.identity !== identity || this.#body.sequence !== sequence) {
      const bytes = this.builder.close(batchOptions(identity, sequence, isTransactional))
      this.#body = { bytes, identity, sequence }
    }
    return this.#body.bytes
  }
}

export function batchOptions(
  identity: ProducerIdentity | null,
  sequence: number,
  isTransactional: boolean,
): BatchOptions {
  if (identity === null) return {}
  return {
    producerId: identity.id,
    producerEpoch: identity.epoch,
    baseSequence: sequence,
    transactional: isTransactional,
  }
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
