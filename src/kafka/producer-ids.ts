import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaError, toError } from '../errors.ts'
import { initProducerIdApi } from './apis/transactions.ts'
import type { Cluster } from './cluster.ts'
import { brokerError } from './error-codes.ts'

/** Who numbered a batch: brokers count per identity and partition. */
export interface ProducerIdentity {
  readonly id: number
  readonly epoch: number
}

/** Where the sender gets its identity from. */
export interface IdentitySource {
  /** null: none yet. */
  readonly current: ProducerIdentity | null
  /** Sees to it that there will be one. */
  ask(): void
  /** Another than the one used, so that its numbers start afresh; null: there is none yet. */
  after(used: ProducerIdentity): ProducerIdentity | null
  /** The broker does not take this one any more. */
  forget(used: ProducerIdentity): void
}

export interface ProducerIdsDeps {
  readonly cluster: Cluster
  isClosed(): boolean
  given(): void
  /** A broker that we can talk to has no ids for us. */
  refused(error: KafkaError): void
  /** No broker lets us in. */
  lockedOut(error: KafkaError): void
}

const highestEpoch = 32_767

/** The identity of an idempotent producer without transactions. Its id is its own, and so it counts epochs itself. */
export class ProducerIds implements IdentitySource {
  readonly #deps: ProducerIdsDeps
  #current: ProducerIdentity | null = null
  #isAsking = false

  constructor(deps: ProducerIdsDeps) {
    this.#deps = deps
  }

  get current(): ProducerIdentity | null {
    return this.#current
  }

  after(used: ProducerIdentity): ProducerIdentity | null {
    const current = this.#current
    if (current === null || current.id !== used.id || current.epoch > used.epoch) return current
    return (this.#current = used.epoch < highestEpoch ? { id: used.id, epoch: used.epoch + 1 } : null)
  }

  forget(used: ProducerIdentity): void {
    if (this.#current?.id === used.id) this.#current = null
  }

  ask(): void {
    if (!this.#isAsking) void this.#ask()
  }

  async #ask(): Promise<void> {
    const { cluster, isClosed } = this.#deps
    this.#isAsking = true
    let result: (() => void) | null = null
    while (result === null && !isClosed()) {
      result = await this.#attempt()
      if (result === null) await sleep(cluster.settings.retryBackoffMs)
    }
    this.#isAsking = false
    if (!isClosed()) result?.()
  }

  /** What is to be done then; null: to try again. */
  async #attempt(): Promise<(() => void) | null> {
    const { cluster, given, refused, lockedOut } = this.#deps
    let isConnected = false
    try {
      const connection = await cluster.anyConnection()
      isConnected = true
      const { error, id, epoch } = await connection.request(initProducerIdApi, null)
      if (error !== 0) throw brokerError(error, 'Asking for a producer id')
      this.#current = { id, epoch }
      return given
    } catch (thrown) {
      const error = toError(thrown)
      if (!(error instanceof KafkaError) || error.retriable) return null
      return isConnected ? () => refused(error) : () => lockedOut(error)
    }
  }
}
