import { KafkaError } from '../../src/errors.ts'
import type {
  Admin,
  ClientSettings,
  ConsumerRecord,
  KafkaClients,
  NewTopic,
  Producer,
  ProducerListener,
  ProducerRecord,
  ProducerRun,
  TopicReader,
} from '../../src/kafka/client.ts'
import { FakeAdmin } from './fake-admin.ts'
import { recordOfRun } from './fake-producer.ts'

type Entry = readonly [key: string | null, value: string | null]

/** Topics in memory that only committed transactions get into, and who opened what. */
export class MemoryKafka implements KafkaClients {
  readonly topics = new Map<string, Entry[]>()
  readonly created: NewTopic[] = []
  readonly producers: MemoryProducer[] = []

  producer(settings: ClientSettings, listener: ProducerListener): MemoryProducer {
    const producer = new MemoryProducer(this, settings, listener)
    this.producers.push(producer)
    return producer
  }

  consumer(): never {
    throw new Error('There are no consumers in memory.')
  }

  topicReader(settings: ClientSettings): TopicReader {
    if (settings['isolation.level'] !== 'read_committed') throw new Error('reads what may be aborted')
    const notHere = async () => {
      throw new Error('There are no offsets in memory.')
    }
    return {
      extent: notHere,
      read: notHere,
      readToEnd: async (topic, take) => {
        for (const [key, value] of this.topics.get(topic) ?? []) {
          take({ key: bytes(key), value: bytes(value) } as ConsumerRecord)
        }
      },
      close: async () => {},
    }
  }

  admin(): Admin {
    const { topics, created } = this
    return Object.assign(new FakeAdmin(), {
      listTopics: async () => [...topics.keys()],
      describeTopics: async (names: readonly string[]) =>
        new Map(names.filter((name) => topics.has(name)).map((name) => [name, 1])),
      createTopic: async (topic: NewTopic) => {
        created.push(topic)
        topics.set(topic.name, [])
        return true
      },
    })
  }
}

export class MemoryProducer implements Producer {
  readonly transactionalId: string | undefined
  readonly settings: ClientSettings
  readonly calls: string[] = []
  readonly #kafka: MemoryKafka
  readonly #listener: ProducerListener
  #open: { record: ProducerRecord; context: unknown }[] | null = null
  #isFenced = false

  constructor(kafka: MemoryKafka, settings: ClientSettings, listener: ProducerListener) {
    this.#kafka = kafka
    this.settings = settings
    this.transactionalId = settings['transactional.id']
    this.#listener = listener
  }

  send(record: ProducerRecord, context: unknown): boolean {
    if (this.#open === null) throw new Error('There is no transaction.')
    this.#open.push({ record, context })
    return true
  }

  readonly hasRoom = true

  sendRun(run: ProducerRun, from: number, context: unknown): number {
    this.send(recordOfRun(run, from), context)
    return from + 1
  }

  /** The next commit fails so. */
  failure: Error | null = null

  async initTransactions(): Promise<void> {
    this.calls.push('init')
    for (const other of this.#kafka.producers) {
      if (other !== this && other.transactionalId === this.transactionalId) other.#isFenced = true
    }
  }

  beginTransaction(): void {
    this.#throwIfFenced()
    this.calls.push('begin')
    this.#open = []
  }

  async commitTransaction(): Promise<void> {
    this.#throwIfFenced()
    if (this.failure !== null) throw this.failure
    this.calls.push('commit')
    for (const { record, context } of this.#open!) {
      const topic = this.#kafka.topics.get(record.topic) ?? []
      this.#kafka.topics.set(record.topic, topic)
      topic.push([record.key?.toString() ?? null, record.value?.toString() ?? null])
      const run = { topic: record.topic, partition: 0, baseOffset: topic.length - 1, logAppendTime: -1 }
      this.#listener.acknowledged([context], run)
    }
    this.#open = null
  }

  async abortTransaction(): Promise<void> {
    this.calls.push('abort')
    const contexts = this.#open!.map(({ context }) => context)
    this.#open = null
    if (contexts.length > 0) this.#listener.failed(contexts, new KafkaError('aborted'))
  }

  async ready(): Promise<void> {}

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.calls.push('close')
  }

  #throwIfFenced(): void {
    if (this.#isFenced) throw new KafkaError('Another one.', { code: 'PRODUCER_FENCED' })
  }
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text)
}
