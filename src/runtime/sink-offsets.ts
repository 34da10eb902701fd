import type { Props } from '../api/plugin.ts'
import type { SinkConnector, TopicPartition } from '../api/sink.ts'
import { BadRequestError, ConnectError, KafkaError } from '../errors.ts'
import type { Admin, CommittedOffset, KafkaClients } from '../kafka/client.ts'
import type { OffsetEntry } from '../rest/herder.ts'
import type { Logger } from '../util/logger.ts'
import { adminSettings, consumerSettings } from './client-settings.ts'
import { hooked } from './offset-hook.ts'

export interface SinkOffsetsDeps {
  readonly clients: KafkaClients
  readonly workerProps: Props
  readonly log: Logger
}

/** An offset to set; null forgets the committed one. */
type SinkOffsetChange = TopicPartition & { readonly offset: number | null }

/** The offsets of sinks: those committed by their consumer groups. */
export class SinkOffsets {
  readonly #deps: SinkOffsetsDeps

  constructor(deps: SinkOffsetsDeps) {
    this.#deps = deps
  }

  async list(name: string, props: Props): Promise<readonly OffsetEntry[]> {
    const committed = await this.#committed(
      name,
      props,
      `Failed to retrieve consumer group offsets for sink connector ${name}`,
    )
    return committed.map(({ topic, partition, offset }) => ({
      partition: { kafka_partition: partition, kafka_topic: topic },
      offset: { kafka_offset: offset },
    }))
  }

  async alter(
    name: string,
    plugin: SinkConnector,
    props: Props,
    offsets: readonly OffsetEntry[],
  ): Promise<boolean> {
    const changes = offsets.map(parseSinkOffset)
    const isChecked = await hooked(name, 'sink', () => plugin.alterOffsets?.(props, changes))
    const isSet = (change: SinkOffsetChange): change is CommittedOffset => change.offset !== null
    const set = changes.filter(isSet)
    const forget = changes.filter(({ offset }) => offset === null)
    const group = this.#group(name, props)
    await this.#withAdmin(name, props, async (admin) => {
      try {
        if (set.length > 0) await admin.alterConsumerGroupOffsets(group, set)
        if (forget.length > 0) await admin.deleteConsumerGroupOffsets(group, forget)
      } catch (error) {
        throw failure(error, name, 'alter', `Failed to alter consumer group offsets for connector ${name}`)
      }
    })
    return isChecked
  }

  async reset(name: string, plugin: SinkConnector, props: Props): Promise<boolean> {
    const committed = await this.#committed(
      name,
      props,
      `Failed to list offsets prior to resetting offsets for sink connector ${name}`,
    )
    const changes = committed.map(({ topic, partition }) => ({ topic, partition, offset: null }))
    const isChecked = await hooked(name, 'sink', () => plugin.alterOffsets?.(props, changes))
    await this.#withAdmin(name, props, async (admin) => {
      try {
        await admin.deleteConsumerGroup(this.#group(name, props))
      } catch (error) {
        // It may never have committed anything, or have been deleted before.
        if (error instanceof KafkaError && error.code === 'GROUP_ID_NOT_FOUND') return
        throw failure(
          error,
          name,
          'reset',
          `Failed to reset consumer group offsets for sink connector ${name}`,
        )
      }
    })
    return isChecked
  }

  async #committed(name: string, props: Props, failed: string): Promise<readonly CommittedOffset[]> {
    return this.#withAdmin(name, props, async (admin) => {
      try {
        return await admin.listConsumerGroupOffsets(this.#group(name, props))
      } catch (cause) {
        throw new ConnectError(failed, { cause })
      }
    })
  }

  #group(name: string, props: Props): string {
    return consumerSettings(this.#deps.workerProps, props, { connector: name, task: 0 })['group.id']!
  }

  async #withAdmin<T>(name: string, props: Props, work: (admin: Admin) => Promise<T>): Promise<T> {
    const settings = adminSettings(this.#deps.workerProps, props, `connector-worker-adminclient-${name}`)
    const admin = this.#deps.clients.admin(settings, this.#deps.log)
    try {
      return await work(admin)
    } finally {
      await admin.close()
    }
  }
}

const liveMembers = new Set(['UNKNOWN_MEMBER_ID', 'GROUP_SUBSCRIBED_TO_TOPIC', 'NON_EMPTY_GROUP'])

function failure(cause: unknown, name: string, what: 'alter' | 'reset', otherwise: string): ConnectError {
  const isLive = cause instanceof KafkaError && cause.code !== null && liveMembers.has(cause.code)
  const message = isLive
    ? `Failed to ${what} consumer group offsets for connector ${name} either because its tasks haven't stopped completely yet ` +
      `or the connector was resumed before the request to ${what} its offsets could be successfully completed. ` +
      'If the connector is in a stopped state, this operation can be safely retried. ' +
      "If it doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks."
    : otherwise
  return new ConnectError(message, { cause })
}

/** Reads what REST clients send for a sink (SinkUtils.parseSinkConnectorOffsets). Throws BadRequestError. */
export function parseSinkOffset({ partition: given, offset }: OffsetEntry): SinkOffsetChange {
  if (given === null) {
    throw new BadRequestError('The partition for a sink connector offset cannot be null or missing')
  }
  if (!('kafka_topic' in given) || !('kafka_partition' in given)) {
    throw new BadRequestError(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    )
  }
  const { kafka_topic: topic, kafka_partition: number } = given
  if (topic === null || topic === undefined) {
    throw new BadRequestError('Kafka topic names must be valid strings and may not be null')
  }
  if (number === null || number === undefined) {
    throw new BadRequestError('Kafka partitions must be valid numbers and may not be null')
  }
  const partition = integer(number, 0x7fffffff)
  if (partition === null) {
    throw new BadRequestError(
      `Failed to parse the following Kafka partition value in the provided offsets: '${text(number)}'. ` +
        'Partition values for sink connectors need to be integers.',
    )
  }
  const change = { topic: text(topic), partition }
  if (offset === null) return { ...change, offset: null }
  const value = offset['kafka_offset']
  if (!('kafka_offset' in offset)) {
    throw new BadRequestError(
      "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    )
  }
  const parsed = integer(value, Number.MAX_SAFE_INTEGER)
  if (parsed === null) {
    throw new BadRequestError(
      `Failed to parse the following Kafka offset value in the provided offsets: '${text(value)}'. ` +
        'Offset values for sink connectors need to be integers.',
    )
  }
  return { ...change, offset: parsed }
}

/** Java's parseInt and parseLong of the value's text. */
function integer(value: unknown, max: number): number | null {
  const digits = text(value)
  if (!/^[+-]?\d+$/.test(digits)) return null
  const parsed = Number(digits)
  return Math.abs(parsed) <= max ? parsed : null
}

function text(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
