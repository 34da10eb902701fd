import type {
  CommittedOffset,
  Consumer,
  ConsumerRecord,
  RebalanceListener,
  TopicPartition,
} from '../../src/kafka/client.ts'

type Event =
  | { readonly records: readonly ConsumerRecord[] }
  | { readonly assign: readonly TopicPartition[] }
  | { readonly revoke: readonly TopicPartition[] }
  | { readonly lose: readonly TopicPartition[] }

/** A consumer in memory: `poll` plays what the test puts in, one event after the other. */
export class FakeConsumer implements Consumer {
  readonly #events: Event[] = []
  #listener!: RebalanceListener
  #assigned: readonly TopicPartition[] = []
  #wake: (() => void) | null = null
  #isWoken = false
  readonly committed: CommittedOffset[][] = []
  readonly seeks: [string, number][] = []
  readonly paused = new Set<string>()
  commitError: Error | null = null
  isClosed = false
  timeouts: number[] = []

  play(...events: Event[]): void {
    this.#events.push(...events)
    this.#wake?.()
  }

  get pending(): number {
    return this.#events.length
  }

  subscribe(_topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    this.#listener = listener
  }

  async poll(timeoutMs: number): Promise<readonly ConsumerRecord[]> {
    this.timeouts.push(timeoutMs)
    if (this.#events.length === 0 && !this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        setTimeout(resolve, timeoutMs)
      })
      this.#wake = null
    }
    this.#isWoken = false
    const event = this.#events.shift()
    if (event === undefined) return []
    if ('records' in event) return event.records
    if ('assign' in event) {
      this.#assigned = [...this.#assigned, ...event.assign]
      await this.#listener.assigned(event.assign)
      return []
    }
    const gone = 'revoke' in event ? event.revoke : event.lose
    if ('revoke' in event) await this.#listener.revoked(gone)
    else await this.#listener.lost(gone)
    const names = new Set(gone.map(text))
    this.#assigned = this.#assigned.filter((partition) => !names.has(text(partition)))
    return []
  }

  wakeup(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (this.commitError !== null) throw this.commitError
    this.committed.push(offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })))
  }

  assignment(): readonly TopicPartition[] {
    return this.#assigned
  }

  async position(): Promise<number> {
    return 0
  }

  seek(partition: TopicPartition, offset: number): void {
    this.seeks.push([text(partition), offset])
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.paused.add(text(partition))
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.paused.delete(text(partition))
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}

function text({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
