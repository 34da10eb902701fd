import { performance } from 'node:perf_hooks'
import { KafkaError, toError } from '../errors.ts'
import type { Api } from './api.ts'
import { addPartitionsToTxnApi, endTxnApi, initProducerIdApi } from './apis/transactions.ts'
import type { Cluster } from './cluster.ts'
import { Coordinator } from './coordinator.ts'
import { brokerError } from './error-codes.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { IdentitySource, ProducerIdentity } from './producer-ids.ts'
import type { ProducerSettings } from './producer-settings.ts'
import { retrying } from './retrying.ts'

export interface TransactionsDeps {
  readonly settings: ProducerSettings
  readonly cluster: Cluster
  /** More partitions may be sent to. */
  drain(): void
  /** Fails all that is not under way; true where the broker may know of some of it. */
  discard(error: Error): boolean
  /** Resolves when all records have been reported. */
  flush(): Promise<void>
}

type State = 'new' | 'ready' | 'open' | 'failed' | 'committing' | 'aborting'

/**
 * The transactions of one producer, as their coordinator sees them: who we are, the partitions written to, the
 * end. A record that is lost fails its transaction, which can then only be aborted; being replaced by another
 * producer of the same id ends them all.
 */
export class Transactions implements IdentitySource {
  readonly #deps: TransactionsDeps
  readonly #id: string
  readonly #coordinator: Coordinator
  readonly #added = new Set<PartitionQueue>()
  readonly #wanted = new Set<PartitionQueue>()
  #state: State = 'new'
  #current: ProducerIdentity | null = null
  #adding: Promise<void> | null = null
  /** Why the open transaction cannot be committed. */
  #failure: Error | null = null
  /** Why there will be no other transaction. */
  #fatal: KafkaError | null = null
  /** The coordinator may have partitions that we do not know of. */
  #isAddedUnknown = false
  /** Numbers were lost: the next transaction starts them afresh. */
  #needsEpoch = false
  /** Why all that was not under way was failed. */
  #discarded: Error | null = null
  #isClosed = false

  constructor(id: string, deps: TransactionsDeps) {
    this.#id = id
    this.#deps = deps
    this.#coordinator = new Coordinator(deps.cluster, id, 'transaction')
  }

  get current(): ProducerIdentity | null {
    return this.#current
  }

  get isOpen(): boolean {
    return this.#state !== 'new' && this.#state !== 'ready' && this.#fatal === null
  }

  /** Why a record cannot be sent now; null: it can. */
  get refusal(): Error | null {
    if (this.#state === 'open' && this.#fatal === null) return null
    return this.#fatal ?? this.#failedError() ?? this.#misuse('Sending a record', 'no transaction is open')
  }

  /** Identities come from the coordinator alone. */
  ask(): void {}

  after(): null {
    return null
  }

  forget(): void {}

  async init(): Promise<void> {
    this.#expect('initTransactions', 'new')
    await this.#askIdentity()
    this.#state = 'ready'
  }

  begin(): void {
    this.#expect('beginTransaction', 'ready')
    this.#state = 'open'
  }

  async commit(): Promise<void> {
    if (this.#state === 'failed' && this.#fatal === null) throw this.#failedError()!
    this.#expect('commitTransaction', 'open', 'committing')
    this.#state = 'committing'
    await this.#deps.flush()
    if (this.#fatal !== null) throw this.#fatal
    if (this.#failure !== null) throw this.#failedError()!
    if (this.#added.size > 0) await this.#end(true)
    this.#finish()
  }

  async abort(): Promise<void> {
    this.#expect('abortTransaction', 'open', 'failed', 'aborting')
    this.#state = 'aborting'
    this.#discard(abortedError())
    await this.#deps.flush()
    await this.#adding
    if (this.#fatal !== null) throw this.#fatal
    if (this.#added.size > 0 || this.#isAddedUnknown) await this.#end(false)
    if (this.#needsEpoch) await this.#askIdentity()
    this.#finish()
  }

  /** Whether the partition may be written to. Sees to it that it may be soon. */
  covers(queue: PartitionQueue): boolean {
    if (this.#added.has(queue)) return true
    if (this.#state === 'open' || this.#state === 'committing') {
      this.#wanted.add(queue)
      this.#adding ??= this.#add().finally(() => {
        this.#adding = null
        if (this.#wanted.size > 0) this.#deps.drain()
      })
    }
    return false
  }

  /** Answers are in. What would have to be sent again goes nowhere any more where the transaction is lost. */
  settle(): void {
    const isLost = this.#fatal !== null || this.#state === 'failed' || this.#state === 'aborting'
    if (isLost && this.#discarded !== null) this.#discard(this.#discarded)
  }

  /** A record of the transaction is lost. */
  recordsFailed(error: Error): void {
    // What we give up ourselves tells us nothing.
    if (error === this.#discarded) return
    if (isFencing(error)) this.#fail(this.#endAll(error))
    else this.#fail(error)
  }

  close(): void {
    this.#isClosed = true
  }

  async #add(): Promise<void> {
    // Whatever goes out in this turn of the event loop is added together.
    await Promise.resolve()
    while (this.#wanted.size > 0 && (this.#state === 'open' || this.#state === 'committing')) {
      const partitions = [...this.#wanted]
      try {
        const request = { transactionalId: this.#id, ...this.#current!, partitions }
        await this.#call('Adding partitions to', addPartitionsToTxnApi, request, () => this.#isEnding())
      } catch (thrown) {
        const error = toError(thrown)
        this.#isAddedUnknown = true
        this.#fail(isFatal(error) ? this.#endAll(error) : error)
        return
      }
      for (const queue of partitions) {
        this.#wanted.delete(queue)
        this.#added.add(queue)
      }
      this.#deps.drain()
    }
  }

  async #end(isCommit: boolean): Promise<void> {
    const request = { transactionalId: this.#id, ...this.#current!, isCommit }
    try {
      await this.#call(isCommit ? 'Committing' : 'Aborting', endTxnApi, request)
    } catch (thrown) {
      const error = toError(thrown)
      if (error instanceof KafkaError && error.retriable) throw error
      // The coordinator never heard of this transaction: there is nothing to abort.
      if (!isCommit && this.#added.size === 0 && codeOf(error) === 'INVALID_TXN_STATE') return
      throw this.#endAll(error)
    }
    this.#added.clear()
    this.#isAddedUnknown = false
  }

  async #askIdentity(): Promise<void> {
    const { transactionTimeoutMs: timeoutMs } = this.#deps.settings
    const request = { transactionalId: this.#id, timeoutMs, previous: this.#current }
    try {
      const { id, epoch } = await this.#call('Getting a producer id for', initProducerIdApi, request)
      this.#current = { id, epoch }
    } catch (thrown) {
      const error = toError(thrown)
      if (error instanceof KafkaError && error.retriable) throw error
      throw this.#endAll(error)
    }
  }

  /** Asks the coordinator, again and again for at most `max.block.ms`. */
  #call<Request, Answer extends { readonly error: number }>(
    doing: string,
    api: Api<Request, Answer>,
    request: Request,
    isUnwanted: () => boolean = () => false,
  ): Promise<Answer> {
    const { maxBlockMs, connection } = this.#deps.settings
    return retrying(
      async () => {
        const answer = await this.#coordinator.request(api, request)
        this.#coordinator.heed(answer.error)
        if (answer.error === 0) return answer
        throw brokerError(answer.error, `${doing} the transaction ${this.#id}`)
      },
      {
        // While the markers of the last transaction are written, which is a matter of milliseconds, there is no next.
        backoff: { ...connection, retryBackoffMs: Math.min(2, connection.retryBackoffMs) },
        until: performance.now() + maxBlockMs,
        isClosed: () => this.#isClosed || isUnwanted(),
      },
    )
  }

  #fail(error: Error): void {
    this.#needsEpoch = true
    if (this.#state === 'open' || this.#state === 'committing') {
      this.#state = 'failed'
      this.#failure = error
      this.#discard(this.#failedError()!)
    }
  }

  /** Nothing can be done with this producer any more. */
  #endAll(cause: Error): KafkaError {
    const isFenced = isFencing(cause)
    const why = isFenced
      ? 'Another producer with this transactional.id has taken over, or transaction.timeout.ms has run out.'
      : 'This producer can only be closed.'
    this.#fatal ??= new KafkaError(`${cause.message} ${why}`, {
      code: isFenced ? 'PRODUCER_FENCED' : codeOf(cause),
      cause,
    })
    this.#discard(this.#fatal)
    return this.#fatal
  }

  #discard(error: Error): void {
    this.#discarded = error
    if (this.#deps.discard(error)) this.#needsEpoch = true
  }

  #finish(): void {
    this.#state = 'ready'
    this.#added.clear()
    this.#wanted.clear()
    this.#failure = null
    this.#discarded = null
    this.#isAddedUnknown = false
    this.#needsEpoch = false
  }

  #isEnding(): boolean {
    return this.#state === 'aborting' || this.#fatal !== null
  }

  #failedError(): KafkaError | null {
    const failure = this.#failure
    if (failure === null) return null
    return new KafkaError(
      `The transaction ${this.#id} has failed and can only be aborted. ${failure.message}`,
      {
        code: codeOf(failure),
        retriable: failure instanceof KafkaError && failure.retriable,
        cause: failure,
      },
    )
  }

  #expect(call: string, ...states: readonly State[]): void {
    if (this.#fatal !== null) throw this.#fatal
    if (!states.includes(this.#state)) throw this.#misuse(call, `its transactions are ${this.#state}`)
  }

  #misuse(call: string, state: string): KafkaError {
    return new KafkaError(`${call} makes no sense while the producer ${this.#id} has this state: ${state}.`)
  }
}

function abortedError(): KafkaError {
  return new KafkaError('The transaction was aborted before the record was sent.')
}

function codeOf(error: Error): string | null {
  return error instanceof KafkaError ? error.code : null
}

function isFencing(error: Error): boolean {
  const code = codeOf(error)
  return code === 'PRODUCER_FENCED' || code === 'INVALID_PRODUCER_EPOCH'
}

/** Answers to which no abort helps. */
function isFatal(error: Error): boolean {
  return (
    isFencing(error) ||
    [
      'INVALID_PRODUCER_ID_MAPPING',
      'INVALID_TXN_STATE',
      'TRANSACTION_COORDINATOR_FENCED',
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      'UNSUPPORTED_VERSION',
    ].includes(codeOf(error) ?? '')
  )
}
