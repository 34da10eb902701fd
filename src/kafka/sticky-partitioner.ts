/**
 * Java's uniform sticky partitioner: keyless records of a topic stay with one partition until `stickyBytes`
 * went there and its batch is closed, so that batches fill up; then another partition is drawn.
 */
export class StickyPartitioner {
  readonly #stickyBytes: number
  #partition = -1
  #bytes = 0

  constructor(stickyBytes: number) {
    this.#stickyBytes = stickyBytes
  }

  /** `available` are the partitions with a leader; all count when none has one. */
  partition(partitions: number, available: readonly number[]): number {
    if (this.#partition === -1 || this.#partition >= partitions) {
      const drawn = Math.random()
      this.#partition =
        available.length === 0
          ? Math.floor(drawn * partitions)
          : available[Math.floor(drawn * available.length)]!
      this.#bytes = 0
    }
    return this.#partition
  }

  /** So many bytes went to the partition; `isBatchDone` when its batch takes no more. */
  sent(bytes: number, isBatchDone: boolean): void {
    this.#bytes += bytes
    if (isBatchDone && this.#bytes >= this.#stickyBytes) this.#partition = -1
  }
}
