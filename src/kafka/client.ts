import type { Logger } from '../util/logger.ts'
import type { Texts } from '../util/texts.ts'

/**
 * The port between the runtime and Kafka: settings under Kafka's own names in, records and offsets out.
 * Nothing here names a client library; another adapter can take the place of the kafkajs one.
 *
 * Errors are KafkaError (with `retriable`) where Kafka or the network is to blame, ConfigError where a
 * setting is.
 */
export interface KafkaClients {
  /**
   * Opens a producer. Returns at once: connections are made when first needed and again whenever lost.
   * A setting that is not implemented is named once in a warning; one whose loss would weaken a guarantee
   * (acks, isolation.level, security) throws ConfigError.
   */
  producer(settings: ClientSettings, listener: ProducerListener, log: Logger): Producer
  consumer(settings: ClientSettings, log: Logger): Consumer
  /** Takes the settings of a consumer; without a group. */
  topicReader(settings: ClientSettings, log: Logger): TopicReader
  admin(settings: ClientSettings, log: Logger): Admin
}

/** Kafka client settings by their own names (`bootstrap.servers`, `acks`, ...), values as text. */
export type ClientSettings = Readonly<Record<string, string>>

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Header keys may repeat; order counts. */
export type RawHeader = readonly [key: string, value: Buffer | null]

export interface ProducerRecord {
  readonly topic: string
  /** null: the default partitioner chooses: murmur2 of the key, as Java does; without key the sticky one. */
  readonly partition: number | null
  /** Milliseconds since the epoch; null: the time of sending. */
  readonly timestamp: number | null
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[] | null
}

/** Records for one topic that differ in a text in their value only. */
export interface ProducerRun {
  readonly topic: string
  readonly partition: number | null
  readonly timestamp: number | null
  readonly key: Buffer | null
  readonly headers: readonly RawHeader[] | null
  /** The value of record i is `before`, text i and `after`. */
  readonly before: Buffer
  readonly after: Buffer
  readonly texts: Texts
  /** How a text is written: as it is, or as the inside of a JSON string. */
  readonly form: 'plain' | 'json'
}

/** Where a run of records landed: record i of the run has the offset `baseOffset + i`. */
export interface AckedRun {
  readonly topic: string
  readonly partition: number
  /** -1 when the broker does not say: acks=0, or it had the records from an earlier attempt. */
  readonly baseOffset: number
  /** The broker's log append time, or -1 when the records keep their own. */
  readonly logAppendTime: number
}

/**
 * Hears what became of the records. Every record sent is reported exactly once, in the order of sending per
 * partition. Calls come from the event loop and are never nested in `send`. They must not throw.
 */
export interface ProducerListener {
  /** `contexts[i]` is the context given to `send` with record i of the run. */
  acknowledged(contexts: readonly unknown[], run: AckedRun): void
  /** The records were given up: a fatal error, a record too large, `delivery.timeout.ms` over, or closed. */
  failed(contexts: readonly unknown[], error: Error): void
}

export interface Producer {
  /**
   * Takes the record over; its buffers must not be changed any more. Synchronous, never waits: records for
   * a topic whose metadata is not known yet wait inside. Returns false when `buffer.memory` is full: the
   * record was taken all the same, and the caller awaits `ready()` before the next one.
   */
  send(record: ProducerRecord, context: unknown): boolean
  /**
   * Takes records of the run from `from` on, one at least and no more than go into one batch, and returns the index
   * behind the last one taken. The context stands for each of them: they are reported one by one. Their bytes are
   * copied. Where `hasRoom` is false behind it, `ready()` is awaited before the next call.
   */
  sendRun(run: ProducerRun, from: number, context: unknown): number
  /** Whether `buffer.memory` is not full. */
  readonly hasRoom: boolean
  /** Resolves when there is room again, or when the producer is closed. */
  ready(): Promise<void>
  /** Sends what is buffered without waiting for `linger.ms`; resolves when all records are reported. */
  flush(): Promise<void>
  /** Flushes for at most so long, then fails what is left and closes the connections. Aborts an open transaction. */
  close(timeoutMs: number): Promise<void>
  /**
   * Transactions, for a producer with `transactional.id`: init once, then begin, send, and commit or abort, one
   * after the other. Records sent outside of a transaction fail. A record that fails makes `commitTransaction`
   * throw; then only `abortTransaction` goes on. When init, commit or abort throws a retriable error (no answer
   * within `max.block.ms`), the same call may be made again. Any other error is the end of this producer and
   * comes again from every call; its code is PRODUCER_FENCED where another producer has taken over.
   */
  initTransactions(): Promise<void>
  beginTransaction(): void
  /** Flushes first. */
  commitTransaction(): Promise<void>
  /** Fails what is not under way, waits for the rest. */
  abortTransaction(): Promise<void>
}

export interface ConsumerRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number | null
  /** Milliseconds since the epoch; -1 when there is none. */
  readonly timestamp: number
  readonly timestampType: 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'
  /** Views into the fetched bytes: valid as long as they are referenced, never overwritten. */
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
}

/** Awaited by `poll`: the group does not go on before it returns, so that a commit inside revoke counts. */
export interface RebalanceListener {
  assigned(partitions: readonly TopicPartition[]): Promise<void>
  /** Still owned: positions may be committed. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>
  /** Already somebody else's: nothing may be committed. */
  lost(partitions: readonly TopicPartition[]): Promise<void>
}

export interface OffsetAndMetadata {
  readonly offset: number
  readonly leaderEpoch?: number | null
  readonly metadata?: string | null
}

export interface CommittedOffset extends TopicPartition, OffsetAndMetadata {}

/**
 * A member of a consumer group, in the manner of Java's KafkaConsumer: rebalance callbacks run inside
 * `poll`, heartbeats beside it. Fetches run ahead of `poll`, bounded by bytes (`fetch.max.bytes`,
 * `max.partition.fetch.bytes`). Only one call of poll, commit or close at a time, except where said.
 */
export interface Consumer {
  /** By names, or by a Java pattern (full match, already translated) refreshed every `metadata.max.age.ms`. */
  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void
  /**
   * The next records, at most `max.poll.records` (500), all there is at once; empty after `timeoutMs` or
   * when woken up. Positions move behind what is returned. Never returns records of a partition that is
   * paused or no longer assigned.
   */
  poll(timeoutMs: number): Promise<readonly ConsumerRecord[]>
  /** Ends a waiting `poll` early (or makes the next one return at once). May be called at any time. */
  wakeup(): void
  /** Commits with the group's generation. Also inside `revoked`. May run while `poll` waits. */
  commit(offsets: readonly CommittedOffset[]): Promise<void>
  assignment(): readonly TopicPartition[]
  /** The offset of the next record: looked up (committed, else `auto.offset.reset`) where not known yet. */
  position(partition: TopicPartition): Promise<number>
  seek(partition: TopicPartition, offset: number): void
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  /** Revokes (listener awaited), leaves the group and closes the connections. */
  close(timeoutMs: number): Promise<void>
}

/** From the first offset to the one before `end`. */
export interface PartitionExtent {
  readonly start: number
  readonly end: number
}

export interface PartitionRange {
  readonly partition: number
  readonly start: number
  /** null: without end. */
  readonly end: number | null
}

/** Reads topics in no group. One call of readToEnd or read at a time. */
export interface TopicReader {
  /**
   * What each partition holds now, up to the last stable offset with `isolation.level=read_committed`. Throws as
   * readToEnd does.
   */
  extent(topic: string): Promise<readonly PartitionExtent[]>
  /**
   * Hands over the records of these ranges, which lie within what the partitions hold, as they come; goes on when
   * `take` has. Resolves when all of them were read or the signal is aborted. Throws a KafkaError with code
   * OFFSET_OUT_OF_RANGE when records are removed ahead of it.
   */
  read(
    topic: string,
    ranges: readonly PartitionRange[],
    take: (records: readonly ConsumerRecord[]) => void | Promise<void>,
    stopping?: AbortSignal,
  ): Promise<void>
  /**
   * Hands over every record from the topic's start to the end that it has when asked; with
   * `isolation.level=read_committed` it waits for transactions that are open there. Throws a KafkaError with code
   * UNKNOWN_TOPIC_OR_PARTITION when the topic is not there within `default.api.timeout.ms`.
   */
  readToEnd(topic: string, take: (record: ConsumerRecord) => void): Promise<void>
  close(): Promise<void>
}

export interface NewTopic {
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

export interface ListedGroup {
  readonly group: string
  /** `consumer`, `connect`, ...; empty for a group that only has offsets. */
  readonly protocolType: string
  /** null: the broker is too old to say. */
  readonly state: string | null
}

export interface Admin {
  /** The cluster's id and its brokers. Throws a retriable KafkaError while none can be reached. */
  describeCluster(timeoutMs: number): Promise<{ clusterId: string; brokers: readonly string[] }>
  listTopics(): Promise<readonly string[]>
  /** Partition counts of those that exist. Does not create them. */
  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** True when created, false when it existed. */
  createTopic(topic: NewTopic): Promise<boolean>
  /** True when deleted, false when there was none. */
  deleteTopic(name: string): Promise<boolean>
  describeTopicConfigs(topic: string): Promise<ReadonlyMap<string, string | null>>
  /** The groups of all brokers. */
  listGroups(): Promise<readonly ListedGroup[]>
  /** Committed offsets of a group; partitions without one are left out. */
  listConsumerGroupOffsets(group: string): Promise<readonly CommittedOffset[]>
  alterConsumerGroupOffsets(group: string, offsets: readonly CommittedOffset[]): Promise<void>
  deleteConsumerGroupOffsets(group: string, partitions: readonly TopicPartition[]): Promise<void>
  deleteConsumerGroup(group: string): Promise<void>
  close(): Promise<void>
}
