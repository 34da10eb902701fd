import type { LogSettings, PartitionLog } from '../log/partition-log.ts'
import type { TopicConfigs } from './topic-config.ts'

/** A topic with its partitions, whose logs are opened when they are first used. */
export class Topic {
  readonly name: string
  /** 16 bytes in base64url, as Kafka prints topic ids. */
  readonly id: string
  readonly #openLog: (partition: number) => PartitionLog
  readonly #logs: (PartitionLog | undefined)[] = []
  partitionCount: number
  configs: TopicConfigs
  settings: LogSettings
  starts: Record<string, number>

  constructor(
    {
      name,
      id,
      partitionCount,
      configs,
      settings,
      starts,
    }: {
      name: string
      id: string
      partitionCount: number
      configs: TopicConfigs
      settings: LogSettings
      starts: Record<string, number>
    },
    openLog: (topic: Topic, partition: number) => PartitionLog,
  ) {
    this.name = name
    this.id = id
    this.partitionCount = partitionCount
    this.configs = configs
    this.settings = settings
    this.starts = starts
    this.#openLog = (partition) => openLog(this, partition)
  }

  get idBytes(): Buffer {
    return Buffer.from(this.id, 'base64url')
  }

  hasPartition(partition: number): boolean {
    return partition >= 0 && partition < this.partitionCount
  }

  /** The log of a partition, or null where there is no such partition. */
  partition(partition: number): PartitionLog | null {
    const open = this.#logs[partition]
    if (open !== undefined) return open
    if (!this.hasPartition(partition)) return null
    return (this.#logs[partition] = this.#openLog(partition))
  }

  /** The logs that are open. */
  get openLogs(): PartitionLog[] {
    return this.#logs.filter((log) => log !== undefined)
  }
}
