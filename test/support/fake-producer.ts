import type { Producer, ProducerListener, ProducerRecord, ProducerRun } from '../../src/kafka/client.ts'
import { runValue } from '../../src/protocol/record-batch.ts'
import { KafkaError } from '../../src/errors.ts'
import { deferred } from '../../src/util/deferred.ts'

/** A producer in memory: the test says when and how records are answered. */
export class FakeProducer implements Producer {
  readonly sent: ProducerRecord[] = []
  readonly #contexts: unknown[] = []
  readonly #listener: ProducerListener
  #room = deferred()
  /** false: the buffer is full until `makeRoom`. */
  hasRoom: boolean
  isClosed = false
  /** The calls of transactions, in order. */
  readonly transactions: string[] = []
  #answered = 0

  constructor(listener: ProducerListener, hasRoom = true) {
    this.#listener = listener
    this.hasRoom = hasRoom
  }

  send(record: ProducerRecord, context: unknown): boolean {
    this.sent.push(record)
    this.#contexts.push(context)
    return this.hasRoom
  }

  /** Two records at a time, as if a batch had room for no more. */
  sendRun(run: ProducerRun, from: number, context: unknown): number {
    const next = Math.min(from + 2, run.texts.length)
    for (let i = from; i < next; i++) this.send(recordOfRun(run, i), context)
    return next
  }

  ready(): Promise<void> {
    return this.#room.promise
  }

  makeRoom(): void {
    this.hasRoom = true
    this.#room.resolve()
    this.#room = deferred()
  }

  /** Acknowledges the next so many records. */
  acknowledge(count = this.sent.length - this.#answered): void {
    const contexts = this.#contexts.slice(this.#answered, this.#answered + count)
    const run = { topic: 't', partition: 0, baseOffset: this.#answered, logAppendTime: -1 }
    this.#answered += count
    if (contexts.length > 0) this.#listener.acknowledged(contexts, run)
  }

  fail(error: Error): void {
    const contexts = this.#contexts.slice(this.#answered)
    this.#answered = this.sent.length
    this.#listener.failed(contexts, error)
  }

  async flush(): Promise<void> {}

  /** Fails what was not answered, as the real one does. */
  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.#room.resolve()
    if (this.#answered < this.sent.length) this.fail(new KafkaError('The producer was closed.'))
  }

  async initTransactions(): Promise<void> {
    this.transactions.push('init')
  }

  beginTransaction(): void {
    this.transactions.push('begin')
  }

  async commitTransaction(): Promise<void> {
    this.transactions.push('commit')
  }

  async abortTransaction(): Promise<void> {
    this.transactions.push('abort')
  }
}

/** Record i of the run. */
export function recordOfRun(run: ProducerRun, i: number): ProducerRecord {
  const { topic, partition, timestamp, key, headers } = run
  return { topic, partition, timestamp, key, value: runValue(run, i), headers }
}
