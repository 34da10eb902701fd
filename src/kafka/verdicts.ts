import { performance } from 'node:perf_hooks'
import { KafkaError } from '../errors.ts'
import type { ProduceResult } from './apis/produce.ts'
import type { Cluster } from './cluster.ts'
import { brokerError, errorName, isRetriableCode } from './error-codes.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerIdentity } from './producer-ids.ts'
import type { ProducerSettings } from './producer-settings.ts'
import { splitBatch } from './split-batch.ts'

export interface VerdictsDeps {
  readonly settings: ProducerSettings
  readonly cluster: Cluster
  /** A pause is over: batches may go again. */
  retry(): void
  /** The broker knows a later epoch of this producer. */
  outdated(identity: ProducerIdentity): void
}

/** What an answer, or its absence, means for a batch and for those behind it. */
export class Verdicts {
  readonly #deps: VerdictsDeps
  readonly #settings: ProducerSettings
  readonly #cluster: Cluster

  constructor(deps: VerdictsDeps) {
    this.#deps = deps
    this.#settings = deps.settings
    this.#cluster = deps.cluster
  }

  unanswered(queue: PartitionQueue, batch: ProducerBatch, failure: Error | null): void {
    const error =
      failure ??
      new KafkaError(`The broker did not answer for ${queue.topic}-${queue.partition}.`, { retriable: true })
    batch.isInDoubt = true
    this.#retryOrGiveUp(queue, batch, error, error instanceof KafkaError && error.retriable)
  }

  answered(queue: PartitionQueue, batch: ProducerBatch, result: ProduceResult): void {
    const { topic, partition, error, baseOffset, logAppendTime } = result
    if (error !== 0 && errorName(error) !== 'DUPLICATE_SEQUENCE_NUMBER') {
      this.#refused(queue, batch, result)
      return
    }
    queue.acknowledged()
    batch.outcome = { run: { topic, partition, baseOffset, logAppendTime } }
  }

  #refused(queue: PartitionQueue, batch: ProducerBatch, { error: code, errorMessage }: ProduceResult): void {
    const name = errorName(code)
    const error = brokerError(code, `Sending records to ${queue.topic}-${queue.partition}`)
    if (errorMessage !== null) error.message += ` ${errorMessage}`
    if (writtenPerhaps.has(name)) batch.isInDoubt = true
    if (name === 'MESSAGE_TOO_LARGE' && batch.contexts.length > 1) {
      // The limit of this topic is lower than what we took for granted; learn it.
      queue.fillBytes = Math.max(1024, Math.min(queue.fillBytes, Math.floor(batch.builder.length / 2)))
      queue.replace(batch, splitBatch(batch))
    } else if (miscounts.has(name) && queue.identity !== null) this.#miscounted(queue, batch, error)
    else {
      if (isRetriableCode(code)) this.#cluster.requestUpdate()
      this.#retryOrGiveUp(queue, batch, error, isRetriableCode(code))
    }
  }

  /** The number of the batch is not the one that the broker expects. */
  #miscounted(queue: PartitionQueue, batch: ProducerBatch, error: KafkaError): void {
    if (queue.needsRestart || !queue.isFirstOutstanding(batch)) {
      // One before it was refused: that is why. It did nothing wrong itself.
      batch.attempts--
      queue.recover()
    } else if (this.#settings.transactionalId !== null) this.#giveUp(queue, batch, error)
    else {
      queue.lostCount()
      if (error.code === 'INVALID_PRODUCER_EPOCH') this.#deps.outdated(queue.identity!)
      this.#retryOrGiveUp(queue, batch, error, true)
    }
  }

  #retryOrGiveUp(queue: PartitionQueue, batch: ProducerBatch, error: Error, isRetriable: boolean): void {
    const elapsed = performance.now() - batch.createdAt
    if (!isRetriable || batch.attempts > this.#settings.retries) {
      this.#giveUp(queue, batch, error)
      return
    }
    if (elapsed >= this.#settings.deliveryTimeoutMs) {
      this.#giveUp(queue, batch, expiredError(queue, batch, elapsed, error))
      return
    }
    this.#warn(queue, batch, error)
    queue.recover()
    if (queue.retryTimer !== null) return
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings.connection
    const backoff = Math.min(retryBackoffMs * 2 ** Math.min(batch.attempts - 1, 20), retryBackoffMaxMs)
    queue.retryTimer = setTimeout(
      () => {
        queue.retryTimer = null
        this.#deps.retry()
      },
      backoff * (0.8 + Math.random() * 0.4),
    )
  }

  /** Its numbers are missing now; those behind it may need others. */
  #giveUp(queue: PartitionQueue, batch: ProducerBatch, error: Error): void {
    batch.outcome = { error }
    queue.skipped(batch)
  }

  /** Gives up what has waited for too long. */
  expire(queue: PartitionQueue): void {
    const now = performance.now()
    for (const batch of queue.batches) {
      const elapsed = now - batch.createdAt
      if (batch.outcome !== null) continue
      if (elapsed < this.#settings.deliveryTimeoutMs) break
      this.#giveUp(queue, batch, expiredError(queue, batch, elapsed, this.#cluster.fatalError))
    }
  }

  #warn(queue: PartitionQueue, { attempts, contexts }: ProducerBatch, error: Error): void {
    const now = performance.now()
    if (now - queue.warnedAt < 10_000) return
    queue.warnedAt = now
    const what = `${contexts.length} record(s) for ${queue.topic}-${queue.partition}`
    this.#cluster.log.warn(
      `${what} were not accepted in attempt ${attempts}, they are sent again. ${error.message}`,
    )
  }
}

const miscounts: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
])

/** Refusals by a leader that has written the records, and does not know whether they stay. */
const writtenPerhaps: ReadonlySet<string> = new Set(['REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'])

function expiredError(
  queue: PartitionQueue,
  batch: ProducerBatch,
  elapsedMs: number,
  cause: unknown,
): KafkaError {
  const what = `Expiring ${batch.contexts.length} record(s) for ${queue.topic}-${queue.partition}`
  return new KafkaError(`${what}:${Math.round(elapsedMs)} ms has passed since batch creation`, {
    code: 'REQUEST_TIMED_OUT',
    retriable: true,
    cause: cause ?? undefined,
  })
}
