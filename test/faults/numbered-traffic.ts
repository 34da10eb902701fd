import type { ClientSettings } from '../../src/kafka/client.ts'
import { until } from '../support/until.ts'
import { type Lab, problemsOf } from './lab.ts'
import { Oracle, type Verdict } from './numbered-records.ts'
import { NumberedSends } from './numbered-sends.ts'
import { NumberedTransactions } from './numbered-transactions.ts'
import { TopicAdmin } from './topic-admin.ts'

export interface TrafficGoal {
  readonly partitions: number
  /** Of the sends; transactions go on as long as they do. */
  readonly count: number
}

const patience = { timeoutMs: 60_000, everyMs: 1 }

/** Sends and transactions at the same time, each with a producer and a topic of its own. */
export class NumberedTraffic {
  readonly #lab: Lab
  readonly #count: number
  readonly #sends: NumberedSends
  readonly #running: Promise<unknown>
  readonly transactions: NumberedTransactions

  static async start(lab: Lab, settings: ClientSettings, goal: TrafficGoal): Promise<NumberedTraffic> {
    const admin = await TopicAdmin.open(lab)
    await admin.create('sent', goal.partitions)
    await admin.create('transactions', goal.partitions)
    return new NumberedTraffic(lab, settings, goal)
  }

  private constructor(lab: Lab, settings: ClientSettings, { partitions, count }: TrafficGoal) {
    this.#lab = lab
    this.#count = count
    this.#sends = new NumberedSends(lab, settings, { topic: 'sent', partitions, count })
    this.transactions = new NumberedTransactions(lab, settings, { topic: 'transactions', partitions })
    this.#running = Promise.all([this.#sends.run(), this.transactions.run()])
    // What fails them ends the waiting below, and is thrown at the end.
    this.#running.catch(() => {})
  }

  get summary(): string {
    return `${this.#sends.summary}; ${this.transactions.summary}`
  }

  /** Waits until so many sends are acknowledged. */
  async reached(acknowledged: number): Promise<void> {
    await until(() => this.#sends.failure ?? this.#sends.acknowledged >= acknowledged, patience)
  }

  /** Waits until both have gone on from here; returns how long that took. */
  async goneOnMs(): Promise<number> {
    const [sends, transactions, begun] = [this.#sends, this.transactions, performance.now()]
    const [sent, committed] = [Math.min(sends.acknowledged, this.#count - 1), transactions.committed]
    const goesOn = () => sends.acknowledged > sent && transactions.committed > committed
    await until(() => sends.failure ?? transactions.failure ?? goesOn(), patience)
    return performance.now() - begun
  }

  /** Lets both come to their end, and compares what is in the topics with what was acknowledged. */
  async judge(): Promise<{ verdict: Verdict; problems: string[] }> {
    this.transactions.end()
    await this.#running
    const oracle = new Oracle(this.#count)
    const found = new Map<string, number>()
    await this.#lab.readTopic('sent', (text, partition, { offset }) => {
      oracle.take(text, partition)
      found.set(`${partition}@${offset}`, Number(text.slice(0, 10)))
    })
    const verdict = oracle.verdict()
    const broken = await this.transactions.problems()
    return { verdict, problems: [...problemsOf(verdict, 0), ...this.#sends.problems(found), ...broken] }
  }
}
