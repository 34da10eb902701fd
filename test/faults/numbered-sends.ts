import { setImmediate } from 'node:timers/promises'
import type { AckedRun, ClientSettings, Producer } from '../../src/kafka/client.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import type { Lab } from './lab.ts'
import { recordText } from './numbered-records.ts'

export interface SendGoal {
  readonly topic: string
  readonly partitions: number
  readonly count: number
}

const senders = 8

/** Several senders share one idempotent producer; record n goes to partition n modulo their number. */
export class NumberedSends {
  readonly #producer: Producer
  readonly #lab: Lab
  readonly #goal: SendGoal
  /** Where each acknowledged record landed; null: the broker did not say. */
  readonly #places = new Map<number, string | null>()
  #next = 0
  #reports = 0
  failure: Error | null = null

  constructor(lab: Lab, settings: ClientSettings, goal: SendGoal) {
    this.#lab = lab
    this.#goal = goal
    const listener = {
      acknowledged: (numbers: readonly unknown[], run: AckedRun) =>
        this.#acknowledge(numbers as number[], run),
      failed: (_: readonly unknown[], error: Error) => (this.failure ??= error),
    }
    const idempotent = { ...settings, 'enable.idempotence': 'true' }
    this.#producer = kafkaClients().producer(idempotent, listener, silentLogger)
    lab.onClose(() => this.#producer.close(0))
  }

  get acknowledged(): number {
    return this.#places.size
  }

  get summary(): string {
    return `${this.acknowledged} sends acknowledged`
  }

  /** Resolves when all records are acknowledged. Rejects when one is given up. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: senders }, () => this.#send()))
    await this.#producer.flush()
    if (this.failure !== null) throw this.failure
  }

  /** What does not fit together, given what stands where in the topic. */
  problems(found: ReadonlyMap<string, number>): string[] {
    const { count } = this.#goal
    const places = [...this.#places].filter(([, place]) => place !== null)
    const distinct = new Set(places.map(([, place]) => place)).size
    const astray = places.filter(([n, place]) => found.get(place!) !== n).length
    return [
      ...(this.acknowledged === count ? [] : [`${this.acknowledged} of ${count} sends were acknowledged`]),
      ...(this.#reports === count ? [] : [`${this.#reports} acknowledgements came for ${count} sends`]),
      ...(found.size === count ? [] : [`the topic has ${found.size} records for ${count} sends`]),
      ...(distinct === places.length ? [] : [`${places.length} sends got ${distinct} different offsets`]),
      ...(astray === 0 ? [] : [`${astray} records are not where they were acknowledged`]),
    ]
  }

  #acknowledge(numbers: readonly number[], { partition, baseOffset }: AckedRun): void {
    for (const [i, n] of numbers.entries()) {
      this.#reports++
      this.#places.set(n, baseOffset < 0 ? null : `${partition}@${baseOffset + i}`)
    }
  }

  async #send(): Promise<void> {
    const { topic, partitions, count } = this.#goal
    while (this.#next < count && this.failure === null) {
      for (let left = 1 + Math.floor(this.#lab.random() * 20); left > 0 && this.#next < count; left--) {
        const n = this.#next++
        const value = Buffer.from(recordText(n))
        const record = { topic, partition: n % partitions, timestamp: null, key: null, value, headers: null }
        if (!this.#producer.send(record, n)) await this.#producer.ready()
      }
      await setImmediate()
    }
  }
}
