import { ApiError, ErrorCode } from '../error-codes.ts'

/** One batch of an idempotent producer, as it was stored. */
export interface ProducedBatch {
  firstSequence: number
  lastSequence: number
  baseOffset: number
  /** The broker's time in a topic of LogAppendTime, else -1: what the first answer said. */
  logAppendTime: number
}

interface ProducerEntry {
  epoch: number
  /** The newest is the last. */
  batches: ProducedBatch[]
  usedAt: number
}

/** As it stands in a checkpoint: id, epoch, time of last use, batches as arrays. */
export type SavedProducer = [number, number, number, [number, number, number, number][]]

const rememberedBatches = 5
const mostProducers = 20_000
const highestSequence = 0x7fffffff

/**
 * What one partition remembers of its idempotent producers: the last five batches of each, by which a batch
 * that was sent twice is told from a new one, and one that overtook its predecessor is refused.
 */
export class ProducerState {
  readonly #producers = new Map<number, ProducerEntry>()

  get size(): number {
    return this.#producers.size
  }

  /** The earlier copy of this batch, or null where it is the one that has to come next; anything else throws. */
  check(
    producerId: number,
    epoch: number,
    firstSequence: number,
    lastSequence: number,
  ): ProducedBatch | null {
    const entry = this.#producers.get(producerId)
    // All that is known of a producer may have been removed with its records: then any sequence is a start.
    if (entry === undefined) return null
    if (epoch < entry.epoch) {
      throw new ApiError(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `Producer ${producerId} sent epoch ${epoch} after epoch ${entry.epoch}.`,
      )
    }
    if (epoch > entry.epoch) {
      if (firstSequence === 0) return null
      throw outOfOrder(producerId, firstSequence, 0)
    }
    const earlier = entry.batches.find(
      (batch) => batch.firstSequence === firstSequence && batch.lastSequence === lastSequence,
    )
    if (earlier !== undefined) return earlier
    const last = entry.batches.at(-1)
    const expected = last === undefined ? 0 : addSequence(last.lastSequence, 1)
    if (firstSequence !== expected) throw outOfOrder(producerId, firstSequence, expected)
    return null
  }

  /** Called when the batch is stored; also for every batch found at start. */
  add(producerId: number, epoch: number, batch: ProducedBatch, now: number): void {
    const entry = this.#producers.get(producerId)
    if (entry === undefined || entry.epoch !== epoch) {
      this.#producers.delete(producerId)
      this.#producers.set(producerId, { epoch, batches: [batch], usedAt: now })
      if (this.#producers.size > mostProducers) this.#forgetLongestUnused()
      return
    }
    entry.usedAt = now
    entry.batches.push(batch)
    if (entry.batches.length > rememberedBatches) entry.batches.shift()
  }

  /** A transaction of the producer has ended. A higher epoch shuts out whoever still has a lower one. */
  ended(producerId: number, epoch: number, now: number): void {
    const entry = this.#producers.get(producerId)
    if (entry !== undefined && entry.epoch >= epoch) entry.usedAt = now
    else this.#producers.set(producerId, { epoch, batches: [], usedAt: now })
  }

  expire(before: number): void {
    for (const [id, entry] of this.#producers) if (entry.usedAt < before) this.#producers.delete(id)
  }

  save(): SavedProducer[] {
    return [...this.#producers].map(([id, { epoch, usedAt, batches }]) => [
      id,
      epoch,
      usedAt,
      batches.map((b) => [b.firstSequence, b.lastSequence, b.baseOffset, b.logAppendTime]),
    ])
  }

  load(saved: readonly SavedProducer[]): void {
    this.#producers.clear()
    for (const [id, epoch, usedAt, batches] of saved) {
      this.#producers.set(id, {
        epoch,
        usedAt,
        batches: batches.map(([firstSequence, lastSequence, baseOffset, logAppendTime]) => ({
          firstSequence,
          lastSequence,
          baseOffset,
          logAppendTime,
        })),
      })
    }
  }

  #forgetLongestUnused(): void {
    let oldest: number | null = null
    let oldestUse = Infinity
    for (const [id, { usedAt }] of this.#producers) {
      if (usedAt < oldestUse) {
        oldest = id
        oldestUse = usedAt
      }
    }
    if (oldest !== null) this.#producers.delete(oldest)
  }
}

/** Sequences go from 0 to 2^31 - 1 and start again. */
export function addSequence(sequence: number, increment: number): number {
  const sum = sequence + increment
  return sum > highestSequence ? sum - highestSequence - 1 : sum
}

function outOfOrder(producerId: number, found: number, expected: number): ApiError {
  return new ApiError(
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    `Producer ${producerId} sent sequence ${found}, expected was ${expected}.`,
  )
}
