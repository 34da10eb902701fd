import { ConnectError } from '../../errors.ts'
import type { Admin, Producer, ProducerListener, ProducerRecord } from '../../kafka/client.ts'
import type { Logger } from '../../util/logger.ts'
import { aborted, within } from '../../util/within.ts'
import type { ErrorCounts } from './error-counts.ts'

export interface DeadLetterSettings {
  readonly 'errors.deadletterqueue.topic.name': string
  readonly 'errors.deadletterqueue.topic.replication.factor': number
  readonly 'errors.deadletterqueue.context.headers.enable': boolean
}

export interface DeadLetterQueueDeps {
  readonly settings: DeadLetterSettings
  readonly openAdmin: () => Admin
  readonly openProducer: (listener: ProducerListener) => Producer
  readonly counts: ErrorCounts
  readonly cancelled: AbortSignal
  /** How long `close` waits for what is on its way. */
  readonly closeTimeoutMs: number
  readonly log: Logger
}

type Settled = (error: Error | null) => void

/** The topic of a task's dead letters, and the producer that writes to it. */
export class DeadLetterQueue implements ProducerListener {
  readonly topic: string
  readonly #deps: DeadLetterQueueDeps
  readonly #producer: Producer
  #isFull = false

  /** Creates the topic where there is none. Throws ConnectError when that cannot be done. */
  static async open(deps: DeadLetterQueueDeps): Promise<DeadLetterQueue> {
    await createTopic(deps)
    return new DeadLetterQueue(deps)
  }

  private constructor(deps: DeadLetterQueueDeps) {
    this.#deps = deps
    this.topic = deps.settings['errors.deadletterqueue.topic.name']
    this.#producer = deps.openProducer(this)
    deps.cancelled.addEventListener('abort', () => void this.#producer.close(0), { once: true })
  }

  /** Sends in the order of the calls. Resolves with null once acknowledged, else with what went wrong. */
  send(letter: Omit<ProducerRecord, 'topic' | 'partition'>): Promise<Error | null> {
    this.#deps.counts.deadLetterRequests++
    return new Promise<Error | null>((settled: Settled) => {
      // A literal: the producer sees many shapes of records otherwise.
      const { key, value, headers, timestamp } = letter
      const record = { topic: this.topic, partition: null, timestamp, key, value, headers }
      this.#isFull = !this.#producer.send(record, settled)
    })
  }

  /** Counts a letter that could not even be written. */
  lost(): void {
    this.#deps.counts.deadLetterRequests++
    this.#deps.counts.deadLetterFailures++
  }

  room(): Promise<void> | null {
    if (!this.#isFull) return null
    this.#isFull = false
    return this.#producer.ready()
  }

  async close(): Promise<void> {
    const { cancelled, closeTimeoutMs } = this.#deps
    if (!cancelled.aborted) {
      await within(closeTimeoutMs, Promise.race([this.#producer.flush(), aborted(cancelled)]))
    }
    await this.#producer.close(0)
  }

  acknowledged(contexts: readonly unknown[]): void {
    for (const settled of contexts as readonly Settled[]) settled(null)
  }

  failed(contexts: readonly unknown[], error: Error): void {
    this.#deps.counts.deadLetterFailures += contexts.length
    for (const settled of contexts as readonly Settled[]) settled(error)
  }
}

async function createTopic({ settings, openAdmin, log }: DeadLetterQueueDeps): Promise<void> {
  const name = settings['errors.deadletterqueue.topic.name']
  const replicationFactor = settings['errors.deadletterqueue.topic.replication.factor']
  const admin = openAdmin()
  try {
    if ((await admin.describeTopics([name])).has(name)) return
    log.info(`Topic ${name} for dead letters does not exist and is created now.`)
    await admin.createTopic({ name, partitions: 1, replicationFactor, configs: {} })
  } catch (cause) {
    throw new ConnectError(`Could not initialize dead letter queue with topic=${name}`, { cause })
  } finally {
    await admin.close()
  }
}
