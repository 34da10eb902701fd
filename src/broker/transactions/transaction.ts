import type { OffsetToCommit } from '../groups/group-coordinator.ts'

/**
 * `empty`: none since the producer came. `committing` and `aborting`: it is decided, and the journal says so, but
 * not every partition has its marker yet.
 */
export type TransactionState = 'empty' | 'ongoing' | 'committing' | 'aborting' | 'committed' | 'aborted'

/** As it stands in the journal. */
export interface SavedTransaction {
  readonly id: string
  readonly producerId: number
  readonly epoch: number
  readonly lastEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  readonly partitions: readonly (readonly [topic: string, partition: number])[]
  readonly offsets: readonly (readonly [group: string, offsets: readonly OffsetToCommit[]])[]
  readonly usedAt: number
}

/** One `transactional.id`: who may use it, and the transaction that is open under it, if one is. */
export class Transaction {
  readonly id: string
  producerId: number
  epoch: number
  /** The epoch before: of a producer that did not hear of its new one. -1: there was none. */
  lastEpoch = -1
  timeoutMs: number
  state: TransactionState = 'empty'
  usedAt: number
  readonly #partitions = new Map<string, Set<number>>()
  /** Offsets that count when it is committed; a group without offsets has only been announced. */
  readonly #offsets = new Map<string, OffsetToCommit[]>()

  constructor({
    id,
    producerId,
    timeoutMs,
    usedAt,
  }: Pick<SavedTransaction, 'id' | 'producerId' | 'timeoutMs' | 'usedAt'>) {
    this.id = id
    this.producerId = producerId
    this.epoch = 0
    this.timeoutMs = timeoutMs
    this.usedAt = usedAt
  }

  get isEnding(): boolean {
    return this.state === 'committing' || this.state === 'aborting'
  }

  has(topic: string, partition: number): boolean {
    return this.#partitions.get(topic)?.has(partition) ?? false
  }

  /** False where it was there already. */
  addPartition(topic: string, partition: number): boolean {
    if (this.has(topic, partition)) return false
    const partitions = this.#partitions.get(topic) ?? new Set()
    this.#partitions.set(topic, partitions.add(partition))
    return true
  }

  removePartition(topic: string, partition: number): void {
    const partitions = this.#partitions.get(topic)
    partitions?.delete(partition)
    if (partitions?.size === 0) this.#partitions.delete(topic)
  }

  get partitions(): readonly (readonly [topic: string, partition: number])[] {
    return [...this.#partitions].flatMap(([topic, partitions]) =>
      [...partitions].map((partition) => [topic, partition] as const),
    )
  }

  hasGroup(group: string): boolean {
    return this.#offsets.has(group)
  }

  addGroup(group: string): void {
    if (!this.#offsets.has(group)) this.#offsets.set(group, [])
  }

  /** Of the same partition the last one counts. */
  addOffsets(group: string, added: readonly OffsetToCommit[]): void {
    const nameOf = ({ topic, partition }: OffsetToCommit) => `${topic} ${partition}`
    const all = [...(this.#offsets.get(group) ?? []), ...added]
    this.#offsets.set(group, [...new Map(all.map((offset) => [nameOf(offset), offset])).values()])
  }

  hasOffset(group: string, topic: string, partition: number): boolean {
    const offsets = this.#offsets.get(group) ?? []
    return offsets.some((offset) => offset.topic === topic && offset.partition === partition)
  }

  get offsets(): readonly (readonly [group: string, offsets: readonly OffsetToCommit[]])[] {
    return [...this.#offsets]
  }

  clear(): void {
    this.#partitions.clear()
    this.#offsets.clear()
  }

  save(): SavedTransaction {
    const { id, producerId, epoch, lastEpoch, timeoutMs, state, partitions, offsets, usedAt } = this
    return { id, producerId, epoch, lastEpoch, timeoutMs, state, partitions, offsets, usedAt }
  }

  static restore(saved: SavedTransaction): Transaction {
    const transaction = new Transaction(saved)
    const { epoch, lastEpoch, state } = saved
    Object.assign(transaction, { epoch, lastEpoch, state })
    for (const [topic, partition] of saved.partitions) transaction.addPartition(topic, partition)
    for (const [group, offsets] of saved.offsets) {
      transaction.addGroup(group)
      transaction.addOffsets(group, offsets)
    }
    return transaction
  }
}
