import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../../util/logger.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { JournalEntry } from '../journal-entries.ts'
import { OpenFiles } from '../log/disk-file.ts'
import type { Flusher } from '../log/flusher.ts'
import { PartitionLog, type PartitionLogDeps } from '../log/partition-log.ts'
import { toLogSettings, validateTopicConfigs, type TopicConfigs, type TopicDefaults } from './topic-config.ts'
import { refuseTopicName } from './topic-name.ts'
import { Topic } from './topic.ts'

/** More partitions in one topic are taken for a mistake: each costs a folder and an entry in every answer. */
const mostPartitions = 10_000
/** Of all topics together; opened, each takes some kilobytes. */
const mostPartitionsInAll = 50_000
const memorySegmentBytes = 4_194_304
const memoryCheckBytes = 4_194_304

export interface TopicStoreDeps {
  /** Null keeps every topic in memory. */
  dataDir: string | null
  /** How much a store without a folder holds before its oldest records go. */
  memoryMaxBytes: number
  defaults: TopicDefaults
  journal: (entry: JournalEntry) => void
  flusher: Flusher
  now: () => number
  log: Logger
}

/** All topics by name and id. Every change is in the journal before it is seen. */
export class TopicStore {
  readonly defaults: TopicDefaults
  readonly #deps: TopicStoreDeps
  readonly #files = new OpenFiles()
  readonly #byName = new Map<string, Topic>()
  readonly #byId = new Map<string, Topic>()
  readonly #deletedIds = new Set<string>()
  readonly #deletionListeners: ((topic: Topic) => void)[] = []
  readonly #openListeners: ((topic: Topic, partition: number, log: PartitionLog) => void)[] = []
  #partitionsInAll = 0
  #sinceMemoryCheck = 0
  #isCompacting = false

  constructor(deps: TopicStoreDeps) {
    this.#deps = deps
    this.defaults = deps.defaults
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  byId(id: Buffer): Topic | undefined {
    return this.#byId.get(id.toString('base64url'))
  }

  all(): Topic[] {
    return [...this.#byName.values()]
  }

  onDeleted(listener: (topic: Topic) => void): void {
    this.#deletionListeners.push(listener)
  }

  /** Told of every log that is opened, before it is used. */
  onLogOpened(listener: (topic: Topic, partition: number, log: PartitionLog) => void): void {
    this.#openListeners.push(listener)
  }

  /** Throws ApiError where the topic cannot be made. With `validateOnly` it is not. */
  create(
    {
      name,
      partitions,
      configs,
    }: { name: string; partitions: number; configs: Iterable<[string, string | null]> },
    { validateOnly = false } = {},
  ): Topic {
    const refusal = refuseTopicName(name)
    if (refusal !== null) throw new ApiError(ErrorCode.INVALID_TOPIC_EXCEPTION, refusal)
    if (this.#byName.has(name)) {
      throw new ApiError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
    }
    if (partitions <= 0 || partitions > mostPartitions) {
      throw new ApiError(
        ErrorCode.INVALID_PARTITIONS,
        partitions <= 0
          ? 'Number of partitions was set to an invalid non-positive value.'
          : `A topic has at most ${mostPartitions} partitions here, not ${partitions}.`,
      )
    }
    const topic = this.#make({
      name,
      id: randomBytes(16).toString('base64url'),
      partitions,
      configs: validateTopicConfigs(configs),
      starts: {},
    })
    this.#refuseTooMany(partitions)
    if (!validateOnly) {
      this.#deps.journal(toEntry(topic))
      this.#add(topic)
    }
    return topic
  }

  delete(topic: Topic): void {
    this.#deps.journal({ type: 'topic-deleted', name: topic.name, id: topic.id })
    this.#forget(topic)
    this.#deletedIds.add(topic.id)
    for (const log of topic.openLogs) {
      this.#deps.flusher.forget(log)
      log.remove()
    }
    for (const listener of this.#deletionListeners) listener(topic)
    this.#removeFolder(topic)
  }

  addPartitions(topic: Topic, count: number): void {
    if (count > mostPartitions) {
      throw new ApiError(
        ErrorCode.INVALID_PARTITIONS,
        `A topic has at most ${mostPartitions} partitions here.`,
      )
    }
    this.#refuseTooMany(count - topic.partitionCount)
    this.#deps.journal({ ...toEntry(topic), partitions: count })
    this.#partitionsInAll += count - topic.partitionCount
    topic.partitionCount = count
  }

  setConfigs(topic: Topic, configs: TopicConfigs): void {
    this.#deps.journal({ ...toEntry(topic), configs })
    topic.configs = configs
    topic.settings = this.#settings(configs)
  }

  /** Moves the start of a partition; what lies before it is gone for good. */
  deleteRecords(topic: Topic, partition: number, offset: number): number {
    const starts = { ...topic.starts, [partition]: offset }
    this.#deps.journal({ ...toEntry(topic), starts })
    topic.starts = starts
    return topic.partition(partition)!.deleteBefore(offset)
  }

  retain(): void {
    for (const topic of this.#byName.values()) for (const log of topic.openLogs) log.retain()
  }

  /** Compacts one log after the other; a call while one runs does nothing. Never rejects. */
  async compact(): Promise<void> {
    if (this.#isCompacting) return
    this.#isCompacting = true
    try {
      for (const log of this.all().flatMap((topic) => topic.openLogs)) {
        await log.compact().catch((error: unknown) => {
          this.#deps.log.error('Compacting a log failed; it stays as it is.', error)
        })
      }
    } finally {
      this.#isCompacting = false
    }
  }

  /** Takes an entry of the journal at start. */
  restore(entry: JournalEntry): void {
    if (entry.type === 'topic-deleted') {
      this.#deletedIds.add(entry.id)
      const topic = this.#byId.get(entry.id)
      if (topic !== undefined) this.#forget(topic)
    } else if (entry.type === 'topic' && !this.#deletedIds.has(entry.id)) {
      this.#add(this.#make(entry))
    }
  }

  snapshot(): JournalEntry[] {
    return [
      ...this.all().map(toEntry),
      ...[...this.#deletedIds].map((id): JournalEntry => ({ type: 'topic-deleted', name: '', id })),
    ]
  }

  /** Removes folders that a deletion left behind; a folder that the journal does not know is only named. */
  removeLeftovers(): void {
    const folder = this.#folder
    if (folder === null) return
    for (const name of readdirIfThere(folder)) {
      const id = name.slice(-22)
      if (this.#byId.has(id)) continue
      if (this.#deletedIds.has(id)) rmSync(join(folder, name), { recursive: true, force: true })
      else
        this.#deps.log.error(
          `The folder ${join(folder, name)} belongs to no known topic. It is left as it is.`,
        )
    }
    this.#deletedIds.clear()
  }

  /** Opens one partition after another, a few at a time, so that damage is found without delaying the start. */
  async openAll(signal: AbortSignal): Promise<void> {
    for (const topic of this.all()) {
      for (let partition = 0; partition < topic.partitionCount; partition++) {
        if (signal.aborted) return
        if (this.#byId.get(topic.id) !== topic) break
        try {
          topic.partition(partition)
        } catch (error) {
          this.#deps.log.error(`The log ${topic.name}-${partition} could not be opened.`, error)
        }
        if (partition % 8 === 7) await nextTurn()
      }
      await nextTurn()
    }
  }

  async close(): Promise<void> {
    for (const topic of this.#byName.values()) for (const log of topic.openLogs) await log.close()
  }

  get #folder(): string | null {
    return this.#deps.dataDir === null ? null : join(this.#deps.dataDir, 'topics')
  }

  #make(entry: {
    name: string
    id: string
    partitions: number
    configs: TopicConfigs
    starts: Record<string, number>
  }): Topic {
    const { name, id, partitions, configs, starts } = entry
    return new Topic(
      { name, id, partitionCount: partitions, configs, starts, settings: this.#settings(configs) },
      (topic, partition) => this.#openLog(topic, partition),
    )
  }

  /** In the place of what was known of it before, where the journal tells of a change. */
  #add(topic: Topic): void {
    const before = this.#byId.get(topic.id)
    if (before !== undefined) this.#forget(before)
    this.#byName.set(topic.name, topic)
    this.#byId.set(topic.id, topic)
    this.#partitionsInAll += topic.partitionCount
  }

  #forget(topic: Topic): void {
    if (this.#byName.get(topic.name) === topic) this.#byName.delete(topic.name)
    this.#byId.delete(topic.id)
    this.#partitionsInAll -= topic.partitionCount
  }

  #refuseTooMany(added: number): void {
    if (this.#partitionsInAll + added <= mostPartitionsInAll) return
    throw new ApiError(
      ErrorCode.POLICY_VIOLATION,
      `All topics together have at most ${mostPartitionsInAll} partitions here.`,
    )
  }

  #settings(configs: TopicConfigs): Topic['settings'] {
    const settings = toLogSettings(configs, this.defaults)
    return this.#deps.dataDir === null
      ? { ...settings, segmentBytes: Math.min(settings.segmentBytes, memorySegmentBytes) }
      : settings
  }

  #openLog(topic: Topic, partition: number): PartitionLog {
    const { now, log, dataDir } = this.#deps
    const folder = this.#topicFolder(topic)
    const deps: PartitionLogDeps = {
      name: `${topic.name}-${partition}`,
      directory: folder === null ? null : join(folder, String(partition)),
      settings: () => topic.settings,
      startOffset: topic.starts[partition] ?? 0,
      files: this.#files,
      now,
      log,
      onDirty: (dirty, bytes) => {
        if (dataDir === null) this.#boundMemory(bytes)
        else this.#deps.flusher.markDirty(dirty)
      },
    }
    try {
      const opened = PartitionLog.open(deps)
      for (const listener of this.#openListeners) listener(topic, partition, opened)
      return opened
    } catch (error) {
      throw new ApiError(
        ErrorCode.KAFKA_STORAGE_ERROR,
        `The log ${deps.name} in ${deps.directory ?? 'memory'} cannot be opened: ${messageOf(error)}`,
        { cause: error },
      )
    }
  }

  /** The folder begins with the topic's name for people; its id tells it from an earlier topic of this name. */
  #topicFolder(topic: Topic): string | null {
    return this.#folder === null ? null : join(this.#folder, `${topic.name.slice(0, 200)}.${topic.id}`)
  }

  #removeFolder(topic: Topic): void {
    const folder = this.#topicFolder(topic)
    if (folder === null) return
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      this.#deps.log.warn(`The folder ${folder} of a deleted topic will be removed at the next start.`, error)
    }
  }

  #boundMemory(appended: number): void {
    this.#sinceMemoryCheck += appended
    if (this.#sinceMemoryCheck < memoryCheckBytes) return
    this.#sinceMemoryCheck = 0
    const logs = this.all().flatMap((topic) => topic.openLogs)
    const sizes = new Map(logs.map((log) => [log, log.size]))
    let total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    while (total > this.#deps.memoryMaxBytes) {
      const [largest] = [...sizes].reduce((a, b) => (b[1] > a[1] ? b : a))
      if (!largest.removeOldest()) {
        largest.roll()
        largest.removeOldest()
      }
      if (largest.size === sizes.get(largest)) break
      total -= sizes.get(largest)! - largest.size
      sizes.set(largest, largest.size)
    }
  }
}

function toEntry(topic: Topic): JournalEntry & { type: 'topic' } {
  const { name, id, partitionCount, configs, starts } = topic
  return { type: 'topic', name, id, partitions: partitionCount, configs, starts }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function readdirIfThere(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
