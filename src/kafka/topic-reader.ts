import { performance } from 'node:perf_hooks'
import { KafkaError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import type {
  ClientSettings,
  ConsumerRecord,
  PartitionExtent,
  PartitionRange,
  TopicPartition,
  TopicReader,
} from './client.ts'
import { Cluster } from './cluster.ts'
import { type ConsumerSettings, readConsumerSettings } from './consumer-settings.ts'
import { brokerError } from './error-codes.ts'
import { Fetcher } from './fetcher.ts'
import { listOffsets } from './list-offsets.ts'
import { partitionKey, PartitionState } from './partition-state.ts'
import { retrying } from './retrying.ts'
import { Signal } from './signal.ts'

const earliest = -2
const latest = -1

/** Reads topics in no group. */
export class KafkaTopicReader implements TopicReader {
  readonly #settings: ConsumerSettings
  readonly #cluster: Cluster
  readonly #log: Logger
  readonly #changed = new Signal()
  #isClosed = false

  constructor(settings: ClientSettings, log: Logger) {
    // Settings of consumers name a group; this one never asks for its coordinator.
    this.#settings = readConsumerSettings({ ...settings, 'group.id': 'none' }, log)
    this.#log = log
    this.#cluster = new Cluster(this.#settings.connection, log)
    this.#cluster.onUpdate(() => this.#changed.notify())
  }

  extent(topic: string): Promise<readonly PartitionExtent[]> {
    return this.#extent(topic, this.#settings.isReadCommitted)
  }

  async readToEnd(topic: string, take: (record: ConsumerRecord) => void): Promise<void> {
    // Open transactions included.
    const extent = await this.#extent(topic, false)
    const ranges = extent.map(({ start, end }, partition) => ({ partition, start, end }))
    await this.read(topic, ranges, (records) => {
      for (const record of records) take(record)
    })
  }

  async read(
    topic: string,
    ranges: readonly PartitionRange[],
    take: (records: readonly ConsumerRecord[]) => void | Promise<void>,
    stopping?: AbortSignal,
  ): Promise<void> {
    const ends = new Map(ranges.map(({ partition, end }) => [partition, end ?? Infinity]))
    const states = new Map<string, PartitionState>()
    for (const { partition, start } of ranges) {
      if (start >= ends.get(partition)!) continue
      const state = new PartitionState({ topic, partition })
      state.seek(start)
      states.set(partitionKey(state), state)
    }
    this.#cluster.wantAlso(topic)
    let error: KafkaError | null = null
    const fetcher = new Fetcher({
      settings: this.#settings,
      cluster: this.#cluster,
      partitions: states,
      arrived: () => this.#changed.notify(),
      outOfRange: (state) => {
        error = changedMeanwhile(state)
        this.#changed.notify()
      },
    })
    const wake = () => this.#changed.notify()
    stopping?.addEventListener('abort', wake)
    try {
      let patience = performance.now() + 2000
      const isMissing = ({ partition, position }: PartitionState) => position < ends.get(partition)!
      while (stopping?.aborted !== true && [...states.values()].some(isMissing)) {
        this.#throwIfClosed()
        const records = await fetcher.take(500)
        const wanted = records.filter(({ partition, offset }) => offset < ends.get(partition)!)
        if (wanted.length > 0) await take(wanted)
        if (error !== null) throw error as KafkaError
        this.#throwFatal()
        if (records.length > 0) continue
        await this.#changed.wait(Math.max(100, patience - performance.now()))
        if (performance.now() < patience) continue
        if (ranges.some(({ end }) => end !== null)) this.#sayWhyItTakesTime(topic)
        patience = performance.now() + 30_000
      }
    } finally {
      stopping?.removeEventListener('abort', wake)
      fetcher.close()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cluster.close()
    this.#changed.notify()
  }

  #sayWhyItTakesTime(topic: string): void {
    this.#log.info(`The end of ${topic} cannot be read yet: its broker is away, or a transaction is open.`)
  }

  #extent(topic: string, isReadCommitted: boolean): Promise<PartitionExtent[]> {
    this.#cluster.wantAlso(topic)
    return retrying(
      async () => {
        this.#throwIfClosed()
        await this.#cluster.update()
        const metadata = this.#cluster.topics.get(topic)
        if (metadata !== undefined && metadata.error !== 0) {
          throw brokerError(metadata.error, `Reading topic ${topic}`)
        }
        const partitions: TopicPartition[] = (metadata?.partitions ?? []).map((_, partition) => ({
          topic,
          partition,
        }))
        const at = (timestamp: number) =>
          listOffsets(
            this.#cluster,
            partitions.map((partition) => ({ ...partition, timestamp })),
            isReadCommitted,
          )
        const [starts, ends] = await Promise.all([at(earliest), at(latest)])
        return starts.map((start, partition) => ({ start, end: ends[partition]! }))
      },
      {
        backoff: this.#settings.connection,
        until: performance.now() + this.#settings.apiTimeoutMs,
        isClosed: () => this.#isClosed,
      },
    )
  }

  #throwFatal(): void {
    if (this.#cluster.fatalError !== null) throw this.#cluster.fatalError
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw new KafkaError('This reader has already been closed.')
  }
}

function changedMeanwhile({ topic, partition, position }: PartitionState): KafkaError {
  return new KafkaError(`Offset ${position} of ${topic}-${partition} went away while the topic was read.`, {
    code: 'OFFSET_OUT_OF_RANGE',
    retriable: true,
  })
}
