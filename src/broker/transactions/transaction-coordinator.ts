import type { Logger } from '../../util/logger.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { GroupCoordinator, OffsetToCommit } from '../groups/group-coordinator.ts'
import type { JournalEntry } from '../journal-entries.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { ProducerIds } from '../producer-ids.ts'
import type { TopicStore } from '../topics/topic-store.ts'
import { Transaction } from './transaction.ts'

export interface TransactionCoordinatorDeps {
  readonly topics: TopicStore
  readonly groups: GroupCoordinator
  readonly producerIds: ProducerIds
  readonly journal: (entry: JournalEntry) => void
  /** Resolves when what was journaled is as durable as the flush policy promises. */
  readonly sync: () => Promise<void>
  /** Whether markers have to be on the disk before an end is acknowledged. */
  readonly syncsMarkers: boolean
  readonly now: () => number
  readonly log: Logger
}

/** Who asks: the id of the transactions, and the producer as it was told to call itself. */
export interface TransactionalProducer {
  readonly transactionalId: string
  readonly producerId: number
  readonly epoch: number
}

export interface GivenIdentity {
  readonly producerId: number
  readonly epoch: number
}

const longestTimeoutMs = 900_000
const highestEpoch = 32_766
const expirationMs = 604_800_000
const retryMs = 1000

/**
 * The transactions of all producers (Kafka's TransactionCoordinator). Each step is journaled before it is taken: an
 * end that was decided is carried out after a crash, what was open goes on, and its time counts anew.
 */
export class TransactionCoordinator {
  readonly #deps: TransactionCoordinatorDeps
  readonly #transactions = new Map<string, Transaction>()
  readonly #timers = new Map<Transaction, NodeJS.Timeout>()
  #isClosed = false

  constructor(deps: TransactionCoordinatorDeps) {
    this.#deps = deps
  }

  /**
   * Makes the caller the only producer of the id: what an earlier one has open is aborted, and whatever it sends from
   * now on is refused. `previous`: what the caller was told before, where it asks again. Throws ApiError.
   */
  async init(id: string, timeoutMs: number, previous: GivenIdentity | null): Promise<GivenIdentity> {
    if (id === '') throw new ApiError(ErrorCode.INVALID_REQUEST, 'A transactional id is not empty.')
    if (timeoutMs <= 0 || timeoutMs > longestTimeoutMs) {
      throw new ApiError(
        ErrorCode.INVALID_TRANSACTION_TIMEOUT,
        `The transaction timeout ${timeoutMs} ms is not between 1 and ${longestTimeoutMs} ms.`,
      )
    }
    const known = this.#transactions.get(id)
    if (known === undefined) return this.#create(id, timeoutMs)
    this.#refuseWhileEnding(known)
    const isRepeated = previous !== null && previous.epoch === known.lastEpoch
    if (
      previous !== null &&
      (previous.producerId !== known.producerId || !(isRepeated || previous.epoch === known.epoch))
    ) {
      throw fenced(id)
    }
    if (known.state === 'ongoing') await this.#abortWithNewEpoch(known, `its producer ${id} has come again`)
    else if (!isRepeated) this.#bump(known)
    this.#change(known, { timeoutMs })
    await this.#deps.sync()
    return { producerId: known.producerId, epoch: known.epoch }
  }

  /** Every partition is there. Throws ApiError. */
  async addPartitions(
    producer: TransactionalProducer,
    partitions: readonly (readonly [topic: string, partition: number])[],
  ): Promise<void> {
    const transaction = this.#ofProducer(producer)
    this.#refuseWhileEnding(transaction)
    if (transaction.state === 'ongoing' && partitions.every(([topic, at]) => transaction.has(topic, at)))
      return
    this.#begin(transaction)
    for (const [topic, partition] of partitions) transaction.addPartition(topic, partition)
    this.#save(transaction)
    await this.#deps.sync()
  }

  /** Offsets of the group may come. Throws ApiError. */
  async addGroup(producer: TransactionalProducer, group: string): Promise<void> {
    const transaction = this.#ofProducer(producer)
    this.#refuseWhileEnding(transaction)
    if (transaction.state === 'ongoing' && transaction.hasGroup(group)) return
    this.#begin(transaction)
    transaction.addGroup(group)
    this.#save(transaction)
    await this.#deps.sync()
  }

  /** They count when the transaction is committed. Throws ApiError. */
  async addOffsets(
    producer: TransactionalProducer,
    group: string,
    offsets: readonly OffsetToCommit[],
  ): Promise<void> {
    const transaction = this.#ofProducer(producer)
    this.#refuseWhileEnding(transaction)
    if (transaction.state !== 'ongoing' || !transaction.hasGroup(group)) {
      throw wrongState(transaction, `Offsets of group ${group} were not announced.`)
    }
    transaction.addOffsets(group, offsets)
    this.#save(transaction)
    await this.#deps.sync()
  }

  /** Asked again for the end that it had, it says so again. Throws ApiError. */
  async end(producer: TransactionalProducer, isCommit: boolean): Promise<void> {
    const transaction = this.#ofProducer(producer)
    const { state } = transaction
    if (state === (isCommit ? 'committed' : 'aborted')) return
    if (state === (isCommit ? 'committing' : 'aborting')) this.#refuseWhileEnding(transaction)
    if (state !== 'ongoing') {
      throw wrongState(transaction, `It cannot be ${isCommit ? 'committed' : 'aborted'}: it is ${state}.`)
    }
    await this.#end(transaction, isCommit)
  }

  /** Why this batch of a transaction may not be written; null: it may. */
  refusalOfBatch(
    transactionalId: string | null,
    { producerId, epoch }: GivenIdentity,
    topic: string,
    partition: number,
  ): ApiError | null {
    const transaction = transactionalId === null ? undefined : this.#transactions.get(transactionalId)
    if (transaction === undefined || transaction.producerId !== producerId) {
      return new ApiError(
        ErrorCode.INVALID_PRODUCER_ID_MAPPING,
        `Producer ${producerId} is not that of the transactions ${transactionalId ?? 'of nobody'}.`,
      )
    }
    if (transaction.epoch !== epoch) return fenced(transaction.id, ErrorCode.INVALID_PRODUCER_EPOCH)
    if (transaction.state === 'ongoing' && transaction.has(topic, partition)) return null
    return wrongState(transaction, `The partition ${topic}-${partition} is not in an open transaction.`)
  }

  /** Whether an open transaction may yet change the offset. */
  isUnstable(group: string, topic: string, partition: number): boolean {
    for (const transaction of this.#transactions.values()) {
      if (transaction.hasOffset(group, topic, partition)) return true
    }
    return false
  }

  /** A log was opened: what nobody knows of any more, after a power cut, would keep its readers waiting for ever. */
  logOpened(topic: string, partition: number, log: PartitionLog): void {
    for (const producerId of log.openProducers) {
      const owner = [...this.#transactions.values()].find((known) => known.producerId === producerId)
      if (owner !== undefined && (owner.state === 'ongoing' || owner.isEnding) && owner.has(topic, partition))
        continue
      this.#deps.log.warn(
        `A transaction of producer ${producerId} is open in ${topic}-${partition}, and nobody is left to end it: it is aborted.`,
      )
      log.endTransaction({ producerId, epoch: owner?.epoch ?? highestEpoch }, false)
    }
  }

  /** Forgets ids that were not used for long. */
  expire(): void {
    const before = this.#deps.now() - expirationMs
    for (const transaction of this.#transactions.values()) {
      if (transaction.usedAt >= before || transaction.state === 'ongoing' || transaction.isEnding) continue
      this.#deps.journal({ type: 'transaction-deleted', id: transaction.id })
      this.#transactions.delete(transaction.id)
    }
  }

  restore(entry: JournalEntry): void {
    if (entry.type === 'transaction') {
      this.#transactions.set(entry.transaction.id, Transaction.restore(entry.transaction))
    } else if (entry.type === 'transaction-deleted') this.#transactions.delete(entry.id)
  }

  snapshot(): JournalEntry[] {
    return [...this.#transactions.values()].map((transaction) => ({
      type: 'transaction',
      transaction: transaction.save(),
    }))
  }

  /** Everything is restored: carries on with what an earlier process has begun. */
  start(): void {
    for (const transaction of this.#transactions.values()) {
      if (transaction.state === 'ongoing') this.#watch(transaction)
      else if (transaction.isEnding)
        void this.#carryOut(transaction).catch(() => this.#carryOutLater(transaction))
    }
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  async #create(id: string, timeoutMs: number): Promise<GivenIdentity> {
    const { producerIds, now, sync } = this.#deps
    const created = new Transaction({ id, producerId: producerIds.next(), timeoutMs, usedAt: now() })
    this.#save(created)
    this.#transactions.set(id, created)
    await sync()
    return { producerId: created.producerId, epoch: created.epoch }
  }

  #begin(transaction: Transaction): void {
    if (transaction.state === 'ongoing') return
    transaction.state = 'ongoing'
    this.#watch(transaction)
  }

  #watch(transaction: Transaction): void {
    this.#stopWatching(transaction)
    const timer = setTimeout(() => this.#timeUp(transaction), transaction.timeoutMs)
    this.#timers.set(transaction, timer.unref())
  }

  #stopWatching(transaction: Transaction): void {
    clearTimeout(this.#timers.get(transaction))
    this.#timers.delete(transaction)
  }

  #timeUp(transaction: Transaction): void {
    if (transaction.state !== 'ongoing') return
    this.#abortWithNewEpoch(transaction, `it was open for ${transaction.timeoutMs} ms`).catch(
      (error: unknown) => {
        this.#deps.log.error(
          `The transaction ${transaction.id} could not be aborted; it is tried again.`,
          error,
        )
        if (!this.#isClosed && transaction.state === 'ongoing') {
          const timer = setTimeout(() => this.#timeUp(transaction), retryMs)
          this.#timers.set(transaction, timer.unref())
        }
      },
    )
  }

  /** The producer that had it open is shut out. */
  async #abortWithNewEpoch(transaction: Transaction, reason: string): Promise<void> {
    this.#deps.log.info(`The open transaction ${transaction.id} is aborted: ${reason}.`)
    const { producerId, epoch, lastEpoch } = transaction
    transaction.lastEpoch = -1
    transaction.epoch = Math.min(epoch + 1, highestEpoch)
    try {
      await this.#end(transaction, false)
    } catch (error) {
      if (transaction.state === 'ongoing') Object.assign(transaction, { producerId, epoch, lastEpoch })
      throw error
    }
    if (transaction.epoch >= highestEpoch) this.#bump(transaction)
  }

  #bump(transaction: Transaction): void {
    if (transaction.epoch >= highestEpoch) {
      transaction.producerId = this.#deps.producerIds.next()
      transaction.epoch = 0
      transaction.lastEpoch = -1
      return
    }
    transaction.lastEpoch = transaction.epoch
    transaction.epoch++
  }

  async #end(transaction: Transaction, isCommit: boolean): Promise<void> {
    try {
      this.#change(transaction, { state: isCommit ? 'committing' : 'aborting' })
    } catch (error) {
      transaction.state = 'ongoing'
      throw error
    }
    this.#stopWatching(transaction)
    try {
      await this.#deps.sync()
      await this.#carryOut(transaction)
    } catch (error) {
      this.#carryOutLater(transaction)
      throw error
    }
  }

  /** Writes the markers and takes over the offsets of an end that is decided. */
  async #carryOut(transaction: Transaction): Promise<void> {
    const isCommit = transaction.state === 'committing'
    const { topics, groups, syncsMarkers, log } = this.#deps
    const logs: PartitionLog[] = []
    for (const [topic, partition] of transaction.partitions) {
      const partitionLog = topics.get(topic)?.partition(partition) ?? null
      if (partitionLog === null)
        log.warn(`${topic}-${partition} is gone: its part of ${transaction.id} is, too.`)
      else {
        partitionLog.endTransaction(transaction, isCommit)
        logs.push(partitionLog)
      }
      transaction.removePartition(topic, partition)
    }
    if (isCommit) for (const [group, offsets] of transaction.offsets) groups.commit(group, offsets)
    if (syncsMarkers) await Promise.all(logs.map((partitionLog) => partitionLog.flush()))
    transaction.clear()
    this.#change(transaction, { state: isCommit ? 'committed' : 'aborted' })
  }

  #carryOutLater(transaction: Transaction): void {
    if (this.#isClosed || !transaction.isEnding) return
    const timer = setTimeout(() => {
      this.#carryOut(transaction).catch((error: unknown) => {
        this.#deps.log.error(
          `The end of the transaction ${transaction.id} could not be written; tried again.`,
          error,
        )
        this.#carryOutLater(transaction)
      })
    }, retryMs)
    this.#timers.set(transaction, timer.unref())
  }

  /** Nothing of it stays where it cannot be journaled. */
  #change(transaction: Transaction, change: Partial<Pick<Transaction, 'state' | 'timeoutMs'>>): void {
    const before = { state: transaction.state, timeoutMs: transaction.timeoutMs }
    Object.assign(transaction, change)
    try {
      this.#save(transaction)
    } catch (error) {
      Object.assign(transaction, before)
      throw error
    }
  }

  #save(transaction: Transaction): void {
    transaction.usedAt = this.#deps.now()
    this.#deps.journal({ type: 'transaction', transaction: transaction.save() })
  }

  #ofProducer({ transactionalId, producerId, epoch }: TransactionalProducer): Transaction {
    const transaction = this.#transactions.get(transactionalId)
    if (transaction === undefined || transaction.producerId !== producerId) {
      throw new ApiError(
        ErrorCode.INVALID_PRODUCER_ID_MAPPING,
        `Producer ${producerId} is not that of the transactions ${transactionalId}.`,
      )
    }
    if (transaction.epoch !== epoch) throw fenced(transactionalId)
    return transaction
  }

  #refuseWhileEnding(transaction: Transaction): void {
    if (!transaction.isEnding) return
    throw new ApiError(
      ErrorCode.CONCURRENT_TRANSACTIONS,
      `The last transaction of ${transaction.id} is still being ended.`,
    )
  }
}

function fenced(id: string, code: ErrorCode = ErrorCode.PRODUCER_FENCED): ApiError {
  return new ApiError(code, `There is a newer producer of the transactions ${id}.`)
}

function wrongState(transaction: Transaction, what: string): ApiError {
  return new ApiError(ErrorCode.INVALID_TXN_STATE, `The transaction ${transaction.id}: ${what}`)
}
