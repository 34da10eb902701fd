import type { TopicPartition } from '../../kafka/client.ts'

/** Reports of a sink's records that are not safe yet: the offsets of their partitions must not be committed. */
export class PendingReports {
  readonly #pending = new Map<string, Set<Promise<unknown>>>()
  readonly #lost = new Map<string, Error>()

  /** `isRequired`: the task asked for this report, and is to fail when it is lost. */
  add(partition: TopicPartition, safe: Promise<Error | null>, isRequired: boolean): void {
    const key = keyOf(partition)
    const reports = this.#pending.get(key) ?? new Set()
    this.#pending.set(key, reports.add(safe))
    void safe.then((lost) => {
      reports.delete(safe)
      // A forgotten partition may have come back meanwhile, with reports of its own.
      if (this.#pending.get(key) !== reports) return
      if (reports.size === 0) this.#pending.delete(key)
      if (isRequired && lost !== null && !this.#lost.has(key)) this.#lost.set(key, lost)
    })
  }

  isPending(partition: TopicPartition): boolean {
    return this.#pending.size > 0 && this.#pending.has(keyOf(partition))
  }

  /** Resolves when the reports that these partitions have now are safe or lost. */
  async settled(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#pending.size === 0) return
    await Promise.all(partitions.flatMap((partition) => [...(this.#pending.get(keyOf(partition)) ?? [])]))
  }

  /** Why a report that the task asked for is lost. */
  lost(partitions: readonly TopicPartition[]): Error | null {
    if (this.#lost.size === 0) return null
    return partitions.map((partition) => this.#lost.get(keyOf(partition))).find(Boolean) ?? null
  }

  /** The partitions are somebody else's now. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#pending.delete(keyOf(partition))
      this.#lost.delete(keyOf(partition))
    }
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
