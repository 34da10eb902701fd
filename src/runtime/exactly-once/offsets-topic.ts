import { hostname } from 'node:os'
import type { Props } from '../../api/plugin.ts'
import type { OffsetMap } from '../../api/record.ts'
import { ConnectError, toError } from '../../errors.ts'
import type { Admin, KafkaClients, Producer } from '../../kafka/client.ts'
import type { Logger } from '../../util/logger.ts'
import { SerialQueue } from '../../util/serial-queue.ts'
import {
  adminSettings,
  offsetsReaderSettings,
  transactionalId,
  transactionalProducerSettings,
} from '../client-settings.ts'
import type { OffsetChange } from '../offsets/journal-format.ts'
import { keyStart, parseKey } from '../offsets/offset-namespace.ts'
import type { SourceOffset } from '../worker.ts'
import { differences, judge, type OffsetTexts, type TopicMark } from './reconcile.ts'
import { offsetRecord, type TransactionalOffsets } from './transactional-delivery.ts'

/** The offset file, as far as transactions need it. */
export interface OffsetFile {
  readonly path: string
  readonly workerId: string
  mark(connector: string): TopicMark | null
  setMark(connector: string, mark: TopicMark): void
  /** By key; null: deleted. */
  texts(connector: string): OffsetTexts
  set(changes: readonly OffsetChange[]): void
  change(connector: string, partition: OffsetMap | null, offset: OffsetMap | null): OffsetChange
  flush(): Promise<void>
}

export interface OffsetsTopicDeps {
  /** Source tasks write in transactions (`exactly.once.source.support=enabled`). */
  readonly isEnabled: boolean
  readonly clients: KafkaClients
  readonly workerProps: Props
  readonly file: OffsetFile
  /** Goes on with what is left where topic and file do not fit together. */
  readonly acceptLostOffsets: boolean
  readonly log: Logger
}

/** A connector that keeps its offsets in the topic. */
export interface TopicUser {
  readonly connector: string
  /** Its settings, variables resolved. */
  readonly props: Props
}

const prefix = 'tsconnect-offsets-'
/** Beside the offsets, whose keys are lists. */
const ownerKey = 'owner'

/**
 * The topic in which transactions carry the offsets of this worker's source connectors, and the offset file, which
 * follows it as a copy. The topic counts; that the two belong together is checked before a connector begins.
 */
export class OffsetsTopic {
  readonly name: string
  readonly #deps: OffsetsTopicDeps
  /** Tasks whose producers this process has opened: the others are left over from another. */
  readonly #opened = new Set<string>()
  readonly #preparing = new Map<string, SerialQueue>()
  /** Connectors whose copy in the file has followed the topic since the start of this process. */
  readonly #followed = new Set<string>()

  constructor(deps: OffsetsTopicDeps) {
    this.#deps = deps
    this.name = `${prefix}${deps.file.workerId}`
  }

  get isEnabled(): boolean {
    return this.#deps.isEnabled
  }

  get workerId(): string {
    return this.#deps.file.workerId
  }

  /** For the transactions of one task. */
  of(user: TopicUser, task: number): TransactionalOffsets {
    const { file } = this.#deps
    this.#opened.add(this.#transactionalId(user, task))
    return {
      topic: this.name,
      prepare: (producer) => this.prepare(user, task, producer),
      change: (partition, offset) => file.change(user.connector, partition, offset),
      committed: (changes) => file.set(changes),
    }
  }

  /** Brings topic and file together, by a producer that is ready for a transaction. One task after the other. */
  async prepare(user: TopicUser, task: number, producer: Producer): Promise<void> {
    const queue = this.#preparing.get(user.connector) ?? new SerialQueue()
    this.#preparing.set(user.connector, queue)
    await queue.run(() => this.#prepare(user, task, producer))
    this.#followed.add(user.connector)
  }

  /** Makes the file say what the topic says, as far as it may not, where the connector's offsets are in the topic. */
  async refresh(user: TopicUser): Promise<void> {
    if (this.#deps.file.mark(user.connector)?.state !== 'topic' || this.#followed.has(user.connector)) return
    const texts = await this.#read(user)
    if (texts !== null) this.#deps.file.set(differences(texts, this.#deps.file.texts(user.connector)))
  }

  /** Changes offsets by hand. Ends whatever transaction a task may have left open. */
  async alter(user: TopicUser, offsets: readonly SourceOffset[]): Promise<void> {
    const { file } = this.#deps
    const changes = offsets.map(({ partition, offset }) => file.change(user.connector, partition, offset))
    await this.#withProducer(user, 0, async (producer) => {
      await this.prepare(user, 0, producer)
      producer.beginTransaction()
      for (const [key, value] of changes) producer.send(offsetRecord(this.name, key, value), null)
      await producer.commitTransaction()
    })
    file.set(changes)
    await file.flush()
  }

  /** The connector goes on without transactions: the file alone counts from now on. */
  async leave(user: TopicUser): Promise<void> {
    const { file, log } = this.#deps
    const mark = file.mark(user.connector)
    if (mark?.state !== 'topic') return
    for (let task = 0; task < mark.tasks; task++) await this.#withProducer(user, task, async () => {})
    const texts = await this.#read(user)
    if (texts === null) {
      log.warn(
        `The topic ${this.name} with the offsets of connector ${user.connector} is not there. The copy in ${file.path} ` +
          'is used, which may be behind: some records may be delivered again.',
      )
    } else file.set(differences(texts, file.texts(user.connector)))
    file.setMark(user.connector, { ...mark, state: 'left' })
    await file.flush()
    log.info(
      `The offsets of connector ${user.connector} are kept in ${file.path} from now on: exactly.once.source.support is not enabled.`,
    )
  }

  async #prepare(user: TopicUser, task: number, producer: Producer): Promise<void> {
    const { file, log } = this.#deps
    const { connector } = user
    const mark = file.mark(connector)
    const tasks = Math.max(task + 1, mark?.tasks ?? 0)
    await this.#endLeftOver(user, tasks)
    const stored = await this.#read(user)
    const found = { mark, file: file.texts(connector), topic: stored ?? new Map<string, string | null>() }
    const verdict = await this.#decide(user, found, judge(found))
    if (verdict === 'topic') file.set(differences(found.topic, found.file))
    if (mark?.state === 'topic' && mark.tasks === tasks && stored !== null) return
    if (mark?.state !== 'topic') {
      // Before anything is in the topic: a topic that the file knows nothing of means that the file is lost.
      file.setMark(connector, { state: 'making', tasks })
      await file.flush()
    }
    if (stored === null) await this.#create(user)
    if (verdict === 'file' || stored === null) {
      const changes = differences(found.file, found.topic)
      producer.beginTransaction()
      producer.send(offsetRecord(this.name, ownerKey, this.#owner()), null)
      for (const [key, value] of changes) producer.send(offsetRecord(this.name, key, value), null)
      await producer.commitTransaction()
      log.info(
        `The offsets of connector ${connector} are kept in topic ${this.name} from now on; ` +
          `${changes.length} were taken over from ${file.path}.`,
      )
    }
    file.setMark(connector, { state: 'topic', tasks })
    await file.flush()
  }

  /** What is lost stops the connector, unless that was accepted. */
  async #decide(
    user: TopicUser,
    { mark, file: texts }: { mark: TopicMark | null; file: OffsetTexts },
    verdict: ReturnType<typeof judge>,
  ): Promise<'file' | 'topic'> {
    const { file, acceptLostOffsets, log, workerProps } = this.#deps
    const { connector } = user
    let problem: string | null = null
    let rest: 'file' | 'topic' = 'file'
    if (typeof verdict === 'object' && verdict.lost === 'topic') {
      problem =
        `The offsets of connector ${connector} are kept in topic ${this.name}, and it does not hold any on the cluster ` +
        `at ${adminSettings(workerProps, user.props, '')['bootstrap.servers']}: it is another cluster than before, or the ` +
        `topic was deleted. The copy in ${file.path} may be behind.`
    } else if (typeof verdict === 'object') {
      problem =
        `The topic ${this.name} holds offsets of connector ${connector} that the offset file ${file.path} does not know ` +
        'of: the file is older than the topic.'
      rest = 'topic'
    } else if (mark === null && verdict === 'file' && texts.size === 0) {
      const lost = await this.#lostBefore(user)
      if (lost !== null) {
        problem =
          `The topic ${lost} holds the offsets of connector ${connector} from an offset file that was at ${file.path} ` +
          'on this machine before and is gone. Without it the connector would begin again from the start.'
      }
    }
    if (problem === null) return verdict as 'file' | 'topic'
    if (!acceptLostOffsets) {
      throw new LostOffsetsError(
        `${problem} Put back what is missing, or start the worker with --accept-lost-offsets to go on with what is left.`,
      )
    }
    log.error(`${problem} Going on with what is left, because of --accept-lost-offsets.`)
    return rest
  }

  /** A topic that an offset file of this place had, with offsets of the connector. */
  async #lostBefore(user: TopicUser): Promise<string | null> {
    const topics = await this.#withAdmin(user, (admin) => admin.listTopics())
    const owner = this.#owner()
    for (const topic of topics) {
      if (!topic.startsWith(prefix) || topic === this.name) continue
      let isOwn = false
      let hasOffsets = false
      await this.#readAll(user, topic, (key, value) => {
        if (key === ownerKey) isOwn = value === owner
        else hasOffsets ||= value !== null && parseKey(key)?.connector === user.connector
      })
      if (isOwn && hasOffsets) return topic
    }
    return null
  }

  /** Transactions of a worker that died keep everybody from reading on until their time is up, or they are ended here. */
  async #endLeftOver(user: TopicUser, tasks: number): Promise<void> {
    for (let task = 0; task < tasks; task++) {
      if (this.#opened.has(this.#transactionalId(user, task))) continue
      await this.#withProducer(user, task, async () => {})
    }
  }

  /** With a producer of its own under the task's id. */
  async #withProducer(
    user: TopicUser,
    task: number,
    use: (producer: Producer) => Promise<void>,
  ): Promise<void> {
    const { clients, workerProps, file, log } = this.#deps
    this.#opened.add(this.#transactionalId(user, task))
    let failure: Error | null = null
    const settings = transactionalProducerSettings(workerProps, user.props, {
      id: { connector: user.connector, task },
      workerId: file.workerId,
    })
    const producer = clients.producer(
      { ...settings, 'max.block.ms': '60000' },
      { acknowledged: () => {}, failed: (_, error) => (failure ??= error) },
      log,
    )
    try {
      await producer.initTransactions()
      await use(producer)
    } catch (error) {
      throw failure ?? toError(error)
    } finally {
      await producer.close(1000)
    }
  }

  async #create(user: TopicUser): Promise<void> {
    await this.#withAdmin(user, (admin) =>
      admin.createTopic({
        name: this.name,
        partitions: 1,
        replicationFactor: -1,
        configs: { 'cleanup.policy': 'compact', 'segment.bytes': String(16 * 1024 * 1024) },
      }),
    )
  }

  /** The connector's offsets in the topic; null: there is no such topic. */
  async #read(user: TopicUser): Promise<Map<string, string | null> | null> {
    const isThere = await this.#withAdmin(user, async (admin) =>
      (await admin.describeTopics([this.name])).has(this.name),
    )
    if (!isThere) return null
    const texts = new Map<string, string | null>()
    const ownKeys = keyStart(user.connector)
    await this.#readAll(user, this.name, (key, value) => {
      if (key.startsWith(ownKeys)) texts.set(key, value)
    })
    return texts
  }

  async #readAll(
    { connector, props }: TopicUser,
    topic: string,
    take: (key: string, value: string | null) => void,
  ): Promise<void> {
    const { clients, workerProps, log } = this.#deps
    const reader = clients.topicReader(offsetsReaderSettings(workerProps, props, connector), log)
    try {
      await reader.readToEnd(topic, ({ key, value }) => {
        if (key !== null) take(key.toString(), value?.toString() ?? null)
      })
    } finally {
      await reader.close()
    }
  }

  async #withAdmin<T>({ connector, props }: TopicUser, use: (admin: Admin) => Promise<T>): Promise<T> {
    const { clients, workerProps, log } = this.#deps
    const admin = clients.admin(adminSettings(workerProps, props, `connector-adminclient-${connector}`), log)
    try {
      return await use(admin)
    } finally {
      await admin.close()
    }
  }

  #transactionalId({ connector }: TopicUser, task: number): string {
    return transactionalId(this.#deps.file.workerId, { connector, task })
  }

  #owner(): string {
    return JSON.stringify({ host: hostname(), file: this.#deps.file.path })
  }
}

/** Topic and offset file do not fit together: nobody but a person can say which one counts. */
export class LostOffsetsError extends ConnectError {
  override name = 'LostOffsetsError'
}
