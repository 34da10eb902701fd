import { setTimeout as delay } from 'node:timers/promises'
import type { ClientSettings, Producer } from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { isRetriable } from '../../src/errors.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { until } from '../support/until.ts'
import { type Lab, problemsOf } from './lab.ts'
import { Oracle, recordText } from './numbered-records.ts'

const perTransaction = 100
const aborted = 'aborted'

/** One transaction after the other, every fourth aborted; record n goes to partition n modulo their number. */
export class NumberedTransactions {
  readonly #lab: Lab
  readonly #producer: Producer
  readonly #goal: { readonly topic: string; readonly partitions: number }
  #committedRecords = 0
  #transactions = 0
  #attempts = 0
  #isOpen = false
  #isEnding = false
  committed = 0
  failure: Error | null = null

  constructor(lab: Lab, settings: ClientSettings, goal: { topic: string; partitions: number }) {
    this.#lab = lab
    this.#goal = goal
    const listener = { acknowledged: () => {}, failed: () => {} }
    const transactional = { ...settings, 'transactional.id': 'numbered', 'max.block.ms': '5000' }
    this.#producer = kafkaClients().producer(transactional, listener, silentLogger)
    lab.onClose(() => this.#producer.close(0))
  }

  get summary(): string {
    return `${this.committed} of ${this.#transactions} transactions committed, ${this.#attempts} calls made again`
  }

  /** Resolves when it was told to end and has. Rejects when a transaction can be neither committed nor aborted. */
  async run(): Promise<void> {
    try {
      await this.#again(() => this.#producer.initTransactions())
      while (!this.#isEnding) await this.#transaction()
    } catch (error) {
      this.failure = error as Error
      throw error
    }
  }

  /** Waits until a transaction is open and records of it are acknowledged. */
  async untilOpen(): Promise<void> {
    await until(() => this.failure ?? this.#isOpen, { everyMs: 1, timeoutMs: 60_000 })
  }

  end(): void {
    this.#isEnding = true
  }

  /** What a reader of committed records sees that it should not, or does not see. */
  async problems(): Promise<string[]> {
    const { topic } = this.#goal
    const oracle = new Oracle(this.#committedRecords)
    await this.#lab.readTopic(topic, (text, partition) => oracle.take(text, partition), {
      'isolation.level': 'read_committed',
    })
    const verdict = oracle.verdict()
    return problemsOf({ ...verdict, damaged: verdict.damaged + verdict.torn }, 0).map(
      (problem) => `transactions: ${problem}`,
    )
  }

  async #transaction(): Promise<void> {
    const isAborted = ++this.#transactions % 4 === 0
    const from = this.#committedRecords
    this.#producer.beginTransaction()
    this.#send(from, from + perTransaction / 2, isAborted)
    await this.#producer.flush()
    this.#isOpen = true
    // The fault comes here as a rule.
    await delay(20)
    this.#send(from + perTransaction / 2, from + perTransaction, isAborted)
    this.#isOpen = false
    if (isAborted) return this.#again(() => this.#producer.abortTransaction())
    try {
      await this.#again(() => this.#producer.commitTransaction())
    } catch {
      // A record was given up: all of the transaction goes, and comes again in another one.
      return this.#again(() => this.#producer.abortTransaction())
    }
    this.#committedRecords += perTransaction
    this.committed++
  }

  #send(from: number, to: number, isAborted: boolean): void {
    const { topic, partitions } = this.#goal
    for (let n = from; n < to; n++) {
      const value = Buffer.from(isAborted ? `${aborted} ${n}` : recordText(n))
      const record = { topic, partition: n % partitions, timestamp: null, key: null, value, headers: null }
      this.#producer.send(record, n)
    }
  }

  /** The same call once more, as long as that is what the error asks for. */
  async #again(call: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (!isRetriable(error)) throw error
        this.#attempts++
      }
    }
  }
}
