import { performance } from 'node:perf_hooks'
import { KafkaError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { deleteGroupsApi, listGroupsApi } from './apis/groups.ts'
import { metadataApi } from './apis/metadata.ts'
import type { MetadataResponse } from './apis/metadata.ts'
import { offsetCommitApi, offsetDeleteApi, offsetFetchApi } from './apis/offsets.ts'
import { createTopicApi, deleteTopicApi, describeTopicConfigsApi } from './apis/topics.ts'
import type {
  Admin,
  ClientSettings,
  CommittedOffset,
  ListedGroup,
  NewTopic,
  TopicPartition,
} from './client.ts'
import { Cluster } from './cluster.ts'
import type { BrokerConnection } from './connection.ts'
import { Coordinator } from './coordinator.ts'
import { retrying } from './retrying.ts'
import { brokerError, errorName } from './error-codes.ts'
import { refuseWeakening, warnOfUnused } from './known-settings.ts'
import { SettingsReader } from '../config/settings-reader.ts'
import { readConnectionSettings } from './settings.ts'

export class KafkaAdmin implements Admin {
  readonly #cluster: Cluster
  readonly #apiTimeoutMs: number
  readonly #requestTimeoutMs: number
  #isClosed = false

  constructor(settings: ClientSettings, log: Logger) {
    const reader = new SettingsReader(settings)
    refuseWeakening(settings, 'admin')
    const connection = readConnectionSettings(reader, { clientId: 'adminclient' })
    this.#apiTimeoutMs = reader.int('default.api.timeout.ms', 60_000)
    this.#requestTimeoutMs = connection.requestTimeoutMs
    this.#cluster = new Cluster(connection, log)
    warnOfUnused(settings, reader.readNames, 'admin', log)
  }

  async describeCluster(timeoutMs: number): Promise<{ clusterId: string; brokers: readonly string[] }> {
    return this.#retrying(async () => {
      await this.#within(this.#cluster.update(), timeoutMs)
      const brokers = [...this.#cluster.brokers.values()].map(({ host, port }) => `${host}:${port}`)
      return { clusterId: this.#cluster.clusterId ?? '', brokers }
    }, timeoutMs)
  }

  async listTopics(): Promise<readonly string[]> {
    const { topics } = await this.#metadata(null)
    return topics.filter(({ error }) => error === 0).map(({ name }) => name)
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (names.length === 0) return new Map()
    return this.#retrying(async () => {
      const { topics } = await this.#metadata(names)
      const counts = new Map<string, number>()
      for (const { name, error, partitions } of topics) {
        const code = errorName(error)
        if (code === 'UNKNOWN_TOPIC_OR_PARTITION') continue
        if (error !== 0 && code !== 'LEADER_NOT_AVAILABLE')
          throw brokerError(error, `Describing topic ${name}`)
        counts.set(name, partitions.length)
      }
      return counts
    })
  }

  async createTopic(topic: NewTopic): Promise<boolean> {
    const doing = `Creating topic ${topic.name}`
    return this.#retrying(async () => {
      const connection = await this.#controller()
      const request = { topic, timeoutMs: this.#requestTimeoutMs }
      const { error, message } = await connection.request(createTopicApi, request)
      if (errorName(error) === 'TOPIC_ALREADY_EXISTS') return false
      if (errorName(error) === 'NOT_CONTROLLER') await this.#cluster.update()
      throwIfError(error, doing, message)
      return true
    })
  }

  async deleteTopic(name: string): Promise<boolean> {
    return this.#retrying(async () => {
      const connection = await this.#controller()
      const request = { name, timeoutMs: this.#requestTimeoutMs }
      const { error } = await connection.request(deleteTopicApi, request)
      if (errorName(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return false
      if (errorName(error) === 'NOT_CONTROLLER') await this.#cluster.update()
      throwIfError(error, `Deleting topic ${name}`)
      return true
    })
  }

  async describeTopicConfigs(topic: string): Promise<ReadonlyMap<string, string | null>> {
    return this.#retrying(async () => {
      const connection = await this.#cluster.anyConnection()
      const { error, message, configs } = await connection.request(describeTopicConfigsApi, topic)
      throwIfError(error, `Describing the configuration of topic ${topic}`, message)
      return configs
    })
  }

  async listGroups(): Promise<readonly ListedGroup[]> {
    return this.#retrying(async () => {
      await this.#cluster.update()
      const connections = [...this.#cluster.brokers.values()].map((broker) =>
        this.#cluster.connectionTo(broker, 'main'),
      )
      const answers = await Promise.all(
        connections.map((connection) => connection.request(listGroupsApi, undefined)),
      )
      for (const { error } of answers) throwIfError(error, 'Listing the groups')
      return answers.flatMap(({ groups }) => groups)
    })
  }

  async listConsumerGroupOffsets(group: string): Promise<readonly CommittedOffset[]> {
    const doing = `Listing the offsets of group ${group}`
    const request = { group, partitions: null, requireStable: false }
    const { offsets } = await this.#ofGroup(group, doing, (coordinator) =>
      coordinator.request(offsetFetchApi, request),
    )
    return offsets
      .filter(({ offset, error }) => offset >= 0 && error === 0)
      .map(({ topic, partition, offset, leaderEpoch, metadata }) => ({
        topic,
        partition,
        offset,
        leaderEpoch: leaderEpoch === -1 ? null : (leaderEpoch ?? null),
        metadata: metadata ?? null,
      }))
  }

  async alterConsumerGroupOffsets(group: string, offsets: readonly CommittedOffset[]): Promise<void> {
    if (offsets.length === 0) return
    const doing = `Altering the offsets of group ${group}`
    // Generation -1: from outside, which the coordinator allows only while the group has no members.
    const request = { group, generation: -1, memberId: '', instanceId: null, offsets }
    await this.#ofGroup(group, doing, async (coordinator) => {
      const results = await coordinator.request(offsetCommitApi, request)
      return { error: results.find(({ error }) => error !== 0)?.error ?? 0 }
    })
  }

  async deleteConsumerGroupOffsets(group: string, partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return
    const doing = `Deleting offsets of group ${group}`
    await this.#ofGroup(group, doing, async (coordinator) => {
      const answer = await coordinator.request(offsetDeleteApi, { group, partitions })
      if (answer.error !== 0) return answer
      return { error: answer.partitions.find(({ error }) => error !== 0)?.error ?? 0 }
    })
  }

  async deleteConsumerGroup(group: string): Promise<void> {
    const doing = `Deleting group ${group}`
    await this.#ofGroup(group, doing, (coordinator) => coordinator.request(deleteGroupsApi, group))
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#cluster.close()
    return Promise.resolve()
  }

  #metadata(topics: readonly string[] | null): Promise<MetadataResponse> {
    return this.#retrying(async () => {
      const connection = await this.#cluster.anyConnection()
      return connection.request(metadataApi, { topics, allowAutoTopicCreation: false })
    })
  }

  async #controller(): Promise<BrokerConnection> {
    if (this.#cluster.controllerId < 0) await this.#cluster.update()
    const connection = this.#cluster.connection(this.#cluster.controllerId, 'main')
    return connection ?? this.#cluster.anyConnection()
  }

  /** Asks the group's coordinator, again where that is away, moving or loading. */
  #ofGroup<Answer extends { readonly error: number }>(
    group: string,
    doing: string,
    ask: (coordinator: Coordinator) => Promise<Answer>,
  ): Promise<Answer> {
    const coordinator = new Coordinator(this.#cluster, group)
    return this.#retrying(async () => {
      const answer = await ask(coordinator)
      coordinator.heed(answer.error)
      throwIfError(answer.error, doing)
      return answer
    })
  }

  async #retrying<T>(attempt: () => Promise<T>, timeoutMs = this.#apiTimeoutMs): Promise<T> {
    const until = performance.now() + timeoutMs
    return retrying(attempt, { backoff: this.#cluster.settings, until, isClosed: () => this.#isClosed })
  }

  async #within(work: Promise<void>, timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | null = null
    const late = new Promise<never>((_, reject) => {
      const error = new KafkaError(`No broker answered within ${timeoutMs} ms.`, {
        code: 'REQUEST_TIMED_OUT',
        retriable: true,
      })
      timer = setTimeout(() => reject(error), Math.min(timeoutMs, 2 ** 31 - 1))
    })
    try {
      await Promise.race([work, late])
    } finally {
      if (timer !== null) clearTimeout(timer)
      work.catch(() => {})
    }
  }
}

function throwIfError(code: number, doing: string, message: string | null = null): void {
  if (code === 0) return
  const error = brokerError(code, doing)
  if (message !== null && message !== '') error.message = `${doing} failed: ${message}`
  throw error
}
