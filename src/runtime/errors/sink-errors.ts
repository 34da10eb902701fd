import type { ErrantRecordReporter } from '../../api/sink.ts'
import type { ConsumerRecord, TopicPartition } from '../../kafka/client.ts'
import { within } from '../../util/within.ts'
import type { Converters } from '../converters.ts'
import { WorkerErrantRecordReporter } from './errant-record-reporter.ts'
import { PendingReports } from './pending-reports.ts'
import type { RetryWithToleranceOperator } from './retry-with-tolerance-operator.ts'

/** How one run of a sink task deals with records that fail, in the runtime and in the task. */
export class SinkErrors {
  readonly operator: RetryWithToleranceOperator<ConsumerRecord>
  readonly #reports = new PendingReports()
  readonly #errant: WorkerErrantRecordReporter | null

  constructor(operator: RetryWithToleranceOperator<ConsumerRecord>, converters: Converters) {
    this.operator = operator
    operator.onSkipped = (record, safe) => this.#reports.add(record, safe, false)
    const reports = this.#reports
    this.#errant = operator.reporters.isEmpty
      ? null
      : new WorkerErrantRecordReporter({ operator, converters, reports })
  }

  /** For the task; null when nobody would hear of what it reports. */
  get errantRecordReporter(): ErrantRecordReporter | null {
    return this.#errant
  }

  async open(): Promise<void> {
    await this.operator.reporters.open()
  }

  async close(): Promise<void> {
    await this.operator.reporters.close()
  }

  /** Resolves when there is room for another report; null: there is. */
  room(): Promise<void> | null {
    return this.operator.reporters.room()
  }

  /** Throws when the task reported what is not tolerated. */
  throwIfExceeded(): void {
    this.#errant?.throwIfExceeded()
  }

  /** Waits until the reports of these partitions are safe or lost, but not longer. */
  async settled(partitions: readonly TopicPartition[], timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.#reports.settled(partitions))
  }

  /** Whether the offset of a partition must stay where it is. */
  isPending(partition: TopicPartition): boolean {
    return this.#reports.isPending(partition)
  }

  /** Why a report that the task asked for is lost. */
  lost(partitions: readonly TopicPartition[]): Error | null {
    return this.#reports.lost(partitions)
  }

  forget(partitions: readonly TopicPartition[]): void {
    this.#reports.forget(partitions)
  }
}
