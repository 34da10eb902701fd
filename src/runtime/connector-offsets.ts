import type { Props } from '../api/plugin.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { OffsetReader, SourceConnector } from '../api/source.ts'
import type { KafkaClients } from '../kafka/client.ts'
import type { OffsetEntry } from '../rest/herder.ts'
import type { Logger } from '../util/logger.ts'
import { within } from '../util/within.ts'
import { ConnectError } from '../errors.ts'
import type { OffsetsTopic } from './exactly-once/offsets-topic.ts'
import { SinkOffsets } from './sink-offsets.ts'
import { hooked } from './offset-hook.ts'
import type { Offsets } from './worker.ts'

export interface ConnectorOffsetsDeps {
  readonly offsets: Offsets
  readonly offsetsTopic: OffsetsTopic
  readonly clients: KafkaClients
  readonly workerProps: Props
  readonly flushTimeoutMs: number
  readonly log: Logger
}

/**
 * What REST shows and changes of a connector's offsets: those of sources stand in the offset store, those of
 * sinks with their consumer group. A change resolves when it is durable; true: the connector itself checked it.
 */
export class ConnectorOffsets {
  readonly #deps: ConnectorOffsetsDeps
  readonly #sinks: SinkOffsets

  constructor(deps: ConnectorOffsetsDeps) {
    this.#deps = deps
    this.#sinks = new SinkOffsets(deps)
  }

  async list(
    name: string,
    plugin: SourceConnector | SinkConnector,
    props: Props,
  ): Promise<readonly OffsetEntry[]> {
    if (plugin.kind === 'sink') return this.#sinks.list(name, props)
    if (this.#deps.offsetsTopic.isEnabled) await this.#deps.offsetsTopic.refresh({ connector: name, props })
    return this.#deps.offsets.list(name)
  }

  /** What a source connector itself reads, before it has tasks. */
  reader(name: string, props: () => Props): OffsetReader {
    const { offsets, offsetsTopic } = this.#deps
    const reader = offsets.reader(name)
    if (!offsetsTopic.isEnabled) return reader
    const refreshed = () => offsetsTopic.refresh({ connector: name, props: props() })
    return {
      offset: (partition) => refreshed().then(() => reader.offset(partition)),
      offsets: (partitions) => refreshed().then(() => reader.offsets(partitions)),
    }
  }

  async alter(
    name: string,
    plugin: SourceConnector | SinkConnector,
    props: Props,
    offsets: readonly OffsetEntry[],
  ): Promise<boolean> {
    if (plugin.kind === 'sink') return this.#sinks.alter(name, plugin, props, offsets)
    return this.#alterSource(name, plugin, props, lastOfEach(offsets))
  }

  async reset(name: string, plugin: SourceConnector | SinkConnector, props: Props): Promise<boolean> {
    if (plugin.kind === 'sink') return this.#sinks.reset(name, plugin, props)
    const known = (await this.list(name, plugin, props)).map(({ partition }) => ({ partition, offset: null }))
    return this.#alterSource(name, plugin, props, known)
  }

  async #alterSource(
    name: string,
    plugin: SourceConnector,
    props: Props,
    offsets: readonly OffsetEntry[],
  ): Promise<boolean> {
    const isChecked = await hooked(name, 'source', () => plugin.alterOffsets?.(props, offsets))
    if (this.#deps.offsetsTopic.isEnabled) {
      await this.#deps.offsetsTopic.alter({ connector: name, props }, offsets)
      return isChecked
    }
    const store = this.#deps.offsets.store(name, this.#deps.log)
    store.alter(offsets)
    if (!(await within(this.#deps.flushTimeoutMs, store.flush()))) {
      throw new ConnectError(
        `The offsets of connector ${name} were changed but are not on disk yet after ${this.#deps.flushTimeoutMs} ms (offset.flush.timeout.ms).`,
      )
    }
    return isChecked
  }
}

/** Of entries for the same partition the last one counts. */
function lastOfEach(offsets: readonly OffsetEntry[]): OffsetEntry[] {
  return [...new Map(offsets.map((entry) => [partitionKey(entry.partition), entry])).values()]
}

function partitionKey(partition: OffsetEntry['partition']): string {
  const members = partition === null ? null : Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(members, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
