import { performance } from 'node:perf_hooks'
import type { BrokerConnection } from './connection.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerIdentity } from './producer-ids.ts'

/** For so long after an acknowledgement the broker surely remembers the producer (its default is a day). */
const rememberedMs = 60_000

/**
 * The batches of one partition in the order of sending. With idempotence several may be under way: the broker
 * refuses one that overtakes its predecessor. After a failure nothing is sent before all answers are in; then
 * the first goes alone.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly batches: ProducerBatch[] = []
  inFlight = 0
  /** Where those in flight went: the next leader gets nothing before they are back. */
  connection: BrokerConnection | null = null
  retryTimer: NodeJS.Timeout | null = null
  /** Learnt from the broker: smaller than the setting once it called a batch too large. */
  fillBytes: number
  warnedAt = -Infinity
  /** Who we are for this partition; null without idempotence, and before an id is known. */
  identity: ProducerIdentity | null = null
  #isRecovering = false
  #sequence = 0
  /** A batch was given up: perhaps written (doubtful), certainly not (broken). The broker then misses numbers. */
  #gap: 'none' | 'doubtful' | 'broken' = 'none'
  #acknowledgedAt = -Infinity

  constructor(topic: string, partition: number, fillBytes: number) {
    this.topic = topic
    this.partition = partition
    this.fillBytes = fillBytes
  }

  get bytesInFlight(): number {
    let bytes = 0
    for (const batch of this.batches) if (batch.isInFlight) bytes += batch.builder.length
    return bytes
  }

  get hasUnsent(): boolean {
    return this.batches.some((batch) => !batch.isInFlight && batch.outcome === null)
  }

  /** Some batch has its number already, and no outcome. */
  get hasOutstanding(): boolean {
    for (const { outcome, sequence } of this.batches) if (outcome === null) return sequence >= 0
    return false
  }

  /** The numbers cannot go on as they are: the batches need others, under another identity. */
  get needsRestart(): boolean {
    return this.#gap === 'broken' || (this.#gap === 'doubtful' && !this.hasOutstanding)
  }

  /** The batch whose turn it is; null when none may go now. */
  next(mostInFlight: number): ProducerBatch | null {
    if (this.retryTimer !== null || this.inFlight >= mostInFlight) return null
    // A broker that has no memory of us takes any number for the first: only an acknowledged one is a start.
    const goesAlone = this.#isRecovering || performance.now() - this.#acknowledgedAt > rememberedMs
    if (this.inFlight > 0 && goesAlone) return null
    for (let i = 0; i < this.batches.length && i < mostInFlight; i++) {
      const batch = this.batches[i]!
      if (batch.isInFlight || batch.outcome !== null) continue
      // Perhaps the broker waits for numbers that never come: those that it may have seen tell.
      return batch.sequence < 0 && this.#gap === 'doubtful' && this.hasOutstanding ? null : batch
    }
    return null
  }

  isFirstOutstanding(batch: ProducerBatch): boolean {
    return this.batches.find(({ outcome }) => outcome === null) === batch
  }

  /** The number that the batch will have if all before it are written as they are; -1 without idempotence. */
  expectedSequence(batch: ProducerBatch): number {
    if (this.identity === null) return -1
    let sequence = this.#sequence
    for (const before of this.batches) {
      if (before === batch) break
      if (before.sequence < 0 && before.outcome === null) {
        sequence = addSequence(sequence, before.contexts.length)
      }
    }
    return sequence
  }

  started(batch: ProducerBatch, connection: BrokerConnection): void {
    if (this.inFlight++ === 0) this.#isRecovering = false
    this.connection = connection
    batch.isInFlight = true
    batch.isSealed = true
    batch.attempts++
    if (this.identity === null || batch.sequence >= 0) return
    batch.sequence = this.#sequence
    this.#sequence = addSequence(this.#sequence, batch.contexts.length)
  }

  /** Its answer is in, or will not come. */
  returned(batch: ProducerBatch): void {
    batch.isInFlight = false
    this.inFlight--
  }

  acknowledged(): void {
    this.#acknowledgedAt = performance.now()
  }

  /** What is in flight behind a batch that has to be sent again will be refused, too. */
  recover(): void {
    this.#isRecovering = true
    this.#acknowledgedAt = -Infinity
  }

  /** The batch was given up. */
  skipped(batch: ProducerBatch): void {
    if (batch.sequence < 0) return
    this.recover()
    if (!batch.isInDoubt) this.#gap = 'broken'
    else if (this.#gap === 'none') this.#gap = 'doubtful'
  }

  /** The broker has lost count, or waits for what will not come. */
  lostCount(): void {
    this.recover()
    this.#gap = 'broken'
  }

  /** Numbers from 0 for all that is not acknowledged. Only while nothing is in flight. */
  restart(identity: ProducerIdentity | null): void {
    this.identity = identity
    this.#sequence = 0
    this.#gap = 'none'
    this.#acknowledgedAt = -Infinity
    for (const batch of this.batches) batch.sequence = -1
  }

  /** Two halves take the batch's place, with its numbers. */
  replace(batch: ProducerBatch, halves: readonly [ProducerBatch, ProducerBatch]): void {
    this.recover()
    this.batches.splice(this.batches.indexOf(batch), 1, ...halves)
    if (batch.sequence < 0) return
    halves[0].sequence = batch.sequence
    halves[1].sequence = addSequence(batch.sequence, halves[0].contexts.length)
  }
}

/** Numbers go to 2^31 - 1 and start again at 0. */
function addSequence(sequence: number, count: number): number {
  return (sequence + count) & 0x7fffffff
}
