import type { Logger } from '../util/logger.ts'
import type { GroupCoordinator } from './groups/group-coordinator.ts'
import type { FlushPolicy } from './log/flusher.ts'
import type { ProducerIds } from './producer-ids.ts'
import type { TopicStore } from './topics/topic-store.ts'
import type { TransactionCoordinator } from './transactions/transaction-coordinator.ts'

/** What the APIs work on. */
export interface BrokerContext {
  readonly nodeId: number
  /** Where clients are told to connect. */
  readonly advertisedHost: string
  readonly advertisedPort: number
  readonly clusterId: string
  readonly autoCreateTopics: boolean
  readonly defaultPartitions: number
  readonly flush: FlushPolicy
  /** Settings of the broker, as DescribeConfigs shows them. */
  readonly settings: Readonly<Record<string, string>>
  readonly topics: TopicStore
  readonly groups: GroupCoordinator
  readonly producerIds: ProducerIds
  readonly transactions: TransactionCoordinator
  /** Resolves when topics and settings written so far are on the disk: at once under the policy `never`. */
  syncMetadata(): Promise<void>
  /** The same for offsets, which the policy `interval` leaves to its timer. */
  syncOffsets(): Promise<void>
  readonly log: Logger
}
