import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaError, toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { earliestTimestamp, latestTimestamp } from './apis/offsets.ts'
import type { Cluster } from './cluster.ts'
import type { ConsumerSettings, OffsetReset } from './consumer-settings.ts'
import type { GroupMember } from './group-member.ts'
import { listOffsets } from './list-offsets.ts'
import { partitionKey } from './partition-state.ts'
import type { PartitionState } from './partition-state.ts'

export interface PositionsDeps {
  readonly settings: ConsumerSettings
  readonly cluster: Cluster
  readonly group: GroupMember
  readonly partitions: ReadonlyMap<string, PartitionState>
  readonly log: Logger
  /** Positions are known now, or `error` says why they never will. */
  found(error: KafkaError | null): void
}

/** Finds out where to start reading: at the committed offset, else where `auto.offset.reset` says. */
export class Positions {
  readonly #deps: PositionsDeps
  #running: Promise<void> | null = null
  #isClosed = false

  constructor(deps: PositionsDeps) {
    this.#deps = deps
  }

  /** Starts looking up what is not known; done when `found` is called. */
  lookUp(): void {
    if (this.#running !== null || this.#isClosed || this.#unknown().length === 0) return
    this.#running = this.#lookUpAll()
      .then(
        () => this.#deps.found(null),
        (error: unknown) => this.#deps.found(toKafkaError(error)),
      )
      .finally(() => (this.#running = null))
  }

  /** Looks up one position now; throws after `default.api.timeout.ms`. */
  async of(state: PartitionState): Promise<number> {
    const until = performance.now() + this.#deps.settings.apiTimeoutMs
    const what = `The position for partition ${partitionKey(state)}`
    while (state.position < 0 && !this.#isClosed) {
      // A look-up under way may wait for a broker much longer than we do.
      const left = until - performance.now()
      if (this.#running === null) await this.#lookUpSome([state], until)
      else if (left > 0) await Promise.race([this.#running, sleep(left, undefined, { ref: false })])
      else
        throw new KafkaError(`${what} could not be determined in time.`, {
          code: 'REQUEST_TIMED_OUT',
          retriable: true,
        })
    }
    if (state.position < 0) throw new KafkaError(`${what} is not known, and the consumer was closed.`)
    return state.position
  }

  close(): void {
    this.#isClosed = true
  }

  #unknown(): PartitionState[] {
    return [...this.#deps.partitions.values()].filter((state) => state.position < 0)
  }

  async #lookUpAll(): Promise<void> {
    for (let unknown = this.#unknown(); unknown.length > 0 && !this.#isClosed; unknown = this.#unknown()) {
      await this.#lookUpSome(unknown, Infinity)
    }
  }

  /** Tries until it works, the time is over or nothing can be hoped for. */
  async #lookUpSome(states: readonly PartitionState[], until: number): Promise<void> {
    const { retryBackoffMs, retryBackoffMaxMs } = this.#deps.settings.connection
    for (let failures = 0; ; failures++) {
      try {
        return await this.#attempt(states, until)
      } catch (thrown) {
        const error = toKafkaError(thrown)
        const backoff = Math.min(retryBackoffMs * 2 ** Math.min(failures, 10), retryBackoffMaxMs)
        if (!error.retriable || this.#isClosed || performance.now() + backoff >= until) throw error
        await new Promise((resolve) => setTimeout(resolve, backoff))
        if (until === Infinity && !states.some((state) => this.#isAssigned(state))) return
      }
    }
  }

  async #attempt(states: readonly PartitionState[], until: number): Promise<void> {
    const { group, log } = this.#deps
    const epochs = states.map((state) => state.epoch)
    const isCurrent = (state: PartitionState) => state.epoch === epochs[states.indexOf(state)]
    const atCommitted = states.filter((state) => state.reset === null)
    const missing = states.filter((state) => state.reset !== null)
    if (atCommitted.length > 0) {
      const offsets = await group.committed(atCommitted, Math.min(until, performance.now() + 10_000))
      for (const state of atCommitted) {
        const found = offsets.find((o) => o.topic === state.topic && o.partition === state.partition)
        if (!isCurrent(state)) continue
        if (found !== undefined && found.offset >= 0) state.seek(found.offset)
        else missing.push(state)
      }
    }
    if (missing.length === 0) return
    const resets = missing.map((state) => state.reset ?? this.#deps.settings.offsetReset)
    const hopeless = missing.filter((_, i) => resets[i] === 'none')
    if (hopeless.length > 0) {
      throw new KafkaError(
        `Undefined offset with no reset policy for partitions: [${hopeless.map(partitionKey).join(', ')}]`,
        { code: 'NO_OFFSET_FOR_PARTITION' },
      )
    }
    const wanted = missing.map(({ topic, partition }, i) => ({
      topic,
      partition,
      timestamp: timestampOf(resets[i]!),
    }))
    const found = await this.#list(wanted)
    missing.forEach((state, i) => {
      if (!isCurrent(state)) return
      state.seek(found[i]!)
      log.info(`Resetting offset for partition ${partitionKey(state)} to position ${found[i]}.`)
    })
  }

  async #list(wanted: readonly { topic: string; partition: number; timestamp: number }[]): Promise<number[]> {
    const { cluster, settings } = this.#deps
    const found = await listOffsets(cluster, wanted, settings.isReadCommitted)
    // No record is that late: the end.
    const late = wanted.filter((_, i) => found[i] === -1)
    if (late.length === 0) return found
    const ends = await listOffsets(
      cluster,
      late.map((item) => ({ ...item, timestamp: latestTimestamp })),
      settings.isReadCommitted,
    )
    return found.map((offset, i) => (offset === -1 ? ends[late.indexOf(wanted[i]!)]! : offset))
  }

  #isAssigned(state: PartitionState): boolean {
    return this.#deps.partitions.get(partitionKey(state)) === state
  }
}

function timestampOf(reset: OffsetReset): number {
  if (reset === 'earliest') return earliestTimestamp
  return typeof reset === 'object' ? Date.now() - reset.durationMs : latestTimestamp
}

function toKafkaError(thrown: unknown): KafkaError {
  const error = toError(thrown)
  return error instanceof KafkaError ? error : new KafkaError(error.message, { cause: error })
}
