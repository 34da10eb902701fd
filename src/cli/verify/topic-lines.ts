import { randomUUID } from 'node:crypto'
import { KafkaError } from '../../errors.ts'
import type {
  Admin,
  ClientSettings,
  Consumer,
  ConsumerRecord,
  KafkaClients,
  PartitionExtent,
} from '../../kafka/client.ts'
import type { Logger } from '../../util/logger.ts'
import { lineOf, type Line, type LineReader } from './line.ts'

/** What a topic holds at one moment: one entry a partition. */
export type TopicExtent = readonly PartitionExtent[]

export interface TopicAccess {
  readonly clients: KafkaClients
  /** Of a consumer; its group is ours. */
  readonly settings: ClientSettings
  readonly log: Logger
}

const reachTimeoutMs = 10_000
const stallMs = 30_000
const batchRecords = 2000
/** Of one partition, while others have to be read. */
const mostWaiting = 5000
/** Whatever a worker's consumers do. */
const alone = { 'enable.auto.commit': 'false', 'group.instance.id': '' }

/** Null: there is no such topic. Throws a retriable KafkaError when no broker can be reached. */
export async function topicExtent(
  admin: Admin,
  { clients, settings, log }: TopicAccess,
  topic: string,
): Promise<TopicExtent | null> {
  await admin.describeCluster(reachTimeoutMs)
  if (!(await admin.describeTopics([topic])).has(topic)) return null
  const patience = { 'default.api.timeout.ms': String(reachTimeoutMs) }
  const reader = clients.topicReader({ ...settings, ...alone, ...patience }, log)
  try {
    return await reader.extent(topic)
  } finally {
    await reader.close()
  }
}

/** What FileStreamSink writes of a record. */
export type RecordText = (record: ConsumerRecord) => string | Promise<string>

interface PartitionQueue {
  readonly partition: number
  readonly end: number
  records: ConsumerRecord[]
  taken: number
  isRead: boolean
}

/**
 * The records of a topic as the lines that FileStreamSink writes of them, up to an end set before. Partitions are merged
 * by the time of their records, which is nearly the order in which they were produced.
 */
export class TopicLines implements LineReader {
  readonly #topic: string
  readonly #consumer: Consumer
  readonly #textOf: RecordText
  readonly #queues: readonly PartitionQueue[]
  #number = 0

  constructor(
    { clients, settings, log }: TopicAccess,
    { topic, extent }: { topic: string; extent: TopicExtent },
    textOf: RecordText,
  ) {
    this.#topic = topic
    this.#textOf = textOf
    this.#queues = extent.map(({ start, end }, partition) => ({
      partition,
      end,
      records: [],
      taken: 0,
      isRead: start >= end,
    }))
    const group = { 'group.id': `tsconnect-verify-${randomUUID()}`, 'auto.offset.reset': 'earliest' }
    this.#consumer = clients.consumer({ ...settings, ...alone, ...group }, log)
    const nothing = async () => {}
    this.#consumer.subscribe([topic], { assigned: nothing, revoked: nothing, lost: nothing })
  }

  async next(): Promise<readonly Line[] | null> {
    const lines: Line[] = []
    let progress = performance.now()
    while (lines.length < batchRecords) {
      const queue = this.#earliest()
      if (queue === undefined) {
        if (lines.length > 0) break
        if (this.#queues.every(isDone)) return null
        if (await this.#poll()) progress = performance.now()
        else if (performance.now() - progress > stallMs) throw this.#stalled()
        continue
      }
      await this.#take(queue, lines)
    }
    return lines
  }

  close(): Promise<void> {
    return this.#consumer.close(1000)
  }

  /** The partition whose next record is the oldest; undefined while that cannot be known. */
  #earliest(): PartitionQueue | undefined {
    let earliest: PartitionQueue | undefined
    for (const queue of this.#queues) {
      if (isDone(queue)) continue
      if (isEmpty(queue)) return undefined
      if (earliest === undefined || timeOf(queue) < timeOf(earliest)) earliest = queue
    }
    return earliest
  }

  async #take(queue: PartitionQueue, lines: Line[]): Promise<void> {
    const record = queue.records[queue.taken++]!
    const { partition, offset } = record
    const converted = this.#textOf(record)
    const whole = typeof converted === 'string' ? converted : await converted
    for (const text of whole.split('\n'))
      lines.push(lineOf(text, { number: ++this.#number, offset, partition }))
  }

  /** False: nothing new came. */
  async #poll(): Promise<boolean> {
    for (const partition of this.#consumer.assignment()) {
      const queue = this.#queues[partition.partition]
      const isFull = queue === undefined || queue.isRead || queue.records.length - queue.taken >= mostWaiting
      if (isFull) this.#consumer.pause([partition])
      else this.#consumer.resume([partition])
    }
    let isNew = false
    for (const record of await this.#consumer.poll(500)) {
      const queue = this.#queues[record.partition]
      if (queue === undefined || record.offset >= queue.end) continue
      if (queue.taken > 0) queue.records = queue.records.slice(queue.taken)
      queue.taken = 0
      queue.records.push(record)
      isNew = true
    }
    return (await this.#markRead()) || isNew
  }

  /** Positions move over what is no record, too: markers of transactions, and what compaction has removed. */
  async #markRead(): Promise<boolean> {
    let isNew = false
    for (const partition of this.#consumer.assignment()) {
      const queue = this.#queues[partition.partition]
      if (queue === undefined || queue.isRead) continue
      queue.isRead = (await this.#consumer.position(partition)) >= queue.end
      isNew ||= queue.isRead
    }
    return isNew
  }

  #stalled(): KafkaError {
    return new KafkaError(`Nothing of topic ${this.#topic} could be read for ${stallMs / 1000} s.`, {
      code: 'REQUEST_TIMED_OUT',
      retriable: true,
    })
  }
}

function isEmpty({ records, taken }: PartitionQueue): boolean {
  return taken === records.length
}

function isDone(queue: PartitionQueue): boolean {
  return queue.isRead && isEmpty(queue)
}

function timeOf({ records, taken }: PartitionQueue): number {
  return records[taken]!.timestamp
}
