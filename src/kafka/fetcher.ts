import { performance } from 'node:perf_hooks'
import { KafkaError, toError } from '../errors.ts'
import { fetchApi } from './apis/fetch.ts'
import type { FetchedRecords, FetchPartition } from './apis/fetch.ts'
import type { ConsumerRecord } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerConnection } from './connection.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import { brokerError, errorName } from './error-codes.ts'
import { FetchedPartition } from './fetched-partition.ts'
import { partitionKey } from './partition-state.ts'
import type { PartitionState } from './partition-state.ts'

export interface FetcherDeps {
  readonly settings: ConsumerSettings
  readonly cluster: Cluster
  readonly partitions: ReadonlyMap<string, PartitionState>
  /** The offset is not in the log (any more). */
  outOfRange(state: PartitionState): void
  /** Records or an error have come. */
  arrived(): void
}

/**
 * Fetches ahead of `poll`, with one request per broker at a time. A partition is fetched again while less
 * than `max.partition.fetch.bytes` of it wait, and nothing is while `fetch.max.bytes` wait altogether.
 */
export class Fetcher {
  readonly #deps: FetcherDeps
  readonly #settings: ConsumerSettings
  readonly #cluster: Cluster
  readonly #busy = new Set<BrokerConnection>()
  #fetched: FetchedPartition[] = []
  #error: KafkaError | null = null
  #retryTimer: NodeJS.Timeout | null = null
  #isClosed = false
  #turn = 0

  constructor(deps: FetcherDeps) {
    this.#deps = deps
    this.#settings = deps.settings
    this.#cluster = deps.cluster
  }

  /** Sends what requests make sense now. */
  fetch(): void {
    if (this.#isClosed) return
    const room = this.#room()
    if (room <= 0) return
    const now = performance.now()
    const wanted = new Map<BrokerConnection, PartitionState[]>()
    for (const state of this.#deps.partitions.values()) {
      if (state.position < 0 || state.isPaused || state.isFetching) continue
      if (state.bufferedBytes >= this.#settings.maxPartitionBytes || state.retryAt > now) continue
      const connection = this.#connection(state)
      if (connection === null || this.#busy.has(connection)) continue
      const list = wanted.get(connection)
      if (list === undefined) wanted.set(connection, [state])
      else list.push(state)
    }
    for (const [connection, states] of wanted) void this.#request(connection, this.#inTurn(states), room)
  }

  /** Up to `limit` records. An error comes when there is nothing before it. */
  async take(limit: number): Promise<ConsumerRecord[]> {
    const records: ConsumerRecord[] = []
    for (let i = 0; i < this.#fetched.length && records.length < limit;) {
      const fetched = this.#fetched[i]!
      if (!fetched.isStale && fetched.state.isPaused) {
        i++
        continue
      }
      if (fetched.isStale || (await this.#take(fetched, records, limit))) {
        const at = this.#fetched.indexOf(fetched)
        if (at >= 0) this.#fetched.splice(at, 1)
      } else break
    }
    const error = this.#error
    if (records.length === 0 && error !== null) {
      this.#error = null
      throw error
    }
    this.fetch()
    return records
  }

  close(): void {
    this.#isClosed = true
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    this.#fetched = []
  }

  async #take(fetched: FetchedPartition, records: ConsumerRecord[], limit: number): Promise<boolean> {
    try {
      return await fetched.take(records, limit)
    } catch (thrown) {
      const error = toError(thrown)
      this.#error = error instanceof KafkaError ? error : new KafkaError(error.message, { cause: error })
      // Asked again, it fails again: nothing is skipped unless somebody seeks.
      const { state } = fetched
      state.fetchOffset = state.position
      state.bufferedBytes = 0
      state.epoch++
      return true
    }
  }

  /** Bytes that may still be fetched. What waits of paused partitions must not starve the others. */
  #room(): number {
    let buffered = 0
    let paused = 0
    for (const state of this.#deps.partitions.values()) {
      buffered += state.bufferedBytes
      if (state.isPaused) paused += state.bufferedBytes
    }
    if (buffered >= this.#settings.maxBytes && paused > 0) {
      for (const state of this.#deps.partitions.values()) if (state.isPaused) state.seek(state.position)
      buffered -= paused
    }
    return this.#settings.maxBytes - buffered
  }

  #connection(state: PartitionState): BrokerConnection | null {
    if (state.replica >= 0) {
      const connection = this.#cluster.connection(state.replica, 'fetch')
      if (connection !== null) return connection
      state.replica = -1
    }
    return this.#cluster.leader(state.topic, state.partition, 'fetch')
  }

  /** Brokers fill an answer in the order of the request: every partition comes first in its turn. */
  #inTurn(states: readonly PartitionState[]): PartitionState[] {
    const first = this.#turn++ % states.length
    return [...states.slice(first), ...states.slice(0, first)]
  }

  async #request(
    connection: BrokerConnection,
    states: readonly PartitionState[],
    room: number,
  ): Promise<void> {
    const { maxWaitMs, minBytes, maxPartitionBytes, isReadCommitted, rack } = this.#settings
    const partitions: FetchPartition[] = states.map((state) => ({
      topic: state.topic,
      partition: state.partition,
      offset: state.fetchOffset,
      maxBytes: maxPartitionBytes,
    }))
    const asked = new Map(states.map((state) => [partitionKey(state), state]))
    const epochs = new Map(states.map((state) => [state, state.epoch]))
    this.#busy.add(connection)
    for (const state of states) state.isFetching = true
    try {
      const request = { maxWaitMs, minBytes, maxBytes: room, isReadCommitted, rack, partitions }
      const { error, partitions: fetched } = await connection.request(fetchApi, request, {
        extraTimeoutMs: maxWaitMs,
      })
      if (error !== 0) throw brokerError(error, `Fetching from ${connection.address}`)
      for (const records of fetched) {
        const state = asked.get(partitionKey(records))
        if (state !== undefined && state.epoch === epochs.get(state)) this.#arrived(state, records)
      }
    } catch (thrown) {
      this.#failed(states, toError(thrown))
    }
    this.#busy.delete(connection)
    for (const state of states) state.isFetching = false
    this.fetch()
    if (!this.#isClosed) this.#deps.arrived()
  }

  #arrived(state: PartitionState, fetched: FetchedRecords): void {
    if (fetched.error !== 0) return this.#refused(state, fetched.error)
    if (fetched.preferredReplica >= 0) state.replica = fetched.preferredReplica
    if (fetched.records.length === 0) return
    const next = nextFetchOffset(fetched.records, state.fetchOffset)
    if (next === null) {
      this.#error = new KafkaError(
        `The broker sent ${fetched.records.length} bytes of ${partitionKey(state)} at offset ${state.fetchOffset}, ` +
          `which is not even one record batch.`,
        { code: 'CORRUPT_MESSAGE' },
      )
      return
    }
    state.fetchOffset = next.offset
    state.bufferedBytes += next.bytes
    const aborted = this.#settings.isReadCommitted ? fetched.aborted : null
    const { checksCrcs } = this.#settings
    this.#fetched.push(new FetchedPartition(state, fetched.records, { checksCrcs, aborted }))
  }

  #refused(state: PartitionState, code: number): void {
    const error = brokerError(code, `Fetching from ${partitionKey(state)}`)
    state.retryAt = performance.now() + this.#settings.connection.retryBackoffMs
    this.#retryLater()
    const isFromReplica = state.replica >= 0
    state.replica = -1
    if (errorName(code) === 'OFFSET_OUT_OF_RANGE') {
      // What is buffered comes first. A follower may be behind: then the leader is asked.
      if (!isFromReplica && state.bufferedBytes <= 0) this.#deps.outOfRange(state)
    } else if (error.retriable && error.code !== 'CORRUPT_MESSAGE') this.#cluster.requestUpdate()
    else this.#error = error
  }

  #failed(states: readonly PartitionState[], error: Error): void {
    if (this.#isClosed) return
    const retryAt = performance.now() + this.#settings.connection.retryBackoffMs
    for (const state of states) {
      state.retryAt = retryAt
      state.replica = -1
    }
    if (!(error instanceof KafkaError) || !error.retriable) {
      this.#error = error instanceof KafkaError ? error : new KafkaError(error.message, { cause: error })
    }
    this.#cluster.requestUpdate()
    this.#retryLater()
  }

  #retryLater(): void {
    if (this.#retryTimer !== null) return
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null
      this.fetch()
    }, this.#settings.connection.retryBackoffMs + 1)
  }
}

/** Behind the last whole batch, and the bytes up to there; null when there is no whole batch. */
function nextFetchOffset(records: Buffer, from: number): { offset: number; bytes: number } | null {
  let at = 0
  let offset = from
  while (records.length - at >= 27) {
    const end = at + 12 + records.readInt32BE(at + 8)
    if (end > records.length || end <= at + 12) break
    const base = records.readInt32BE(at) * 4294967296 + records.readUInt32BE(at + 4)
    offset = Math.max(offset, base + records.readInt32BE(at + 23) + 1)
    at = end
  }
  return at === 0 ? null : { offset, bytes: at }
}
