import { KafkaError } from '../errors.ts'
import { batchHeaderBytes, isBatchIntact, readBatchHeader, RecordReader } from '../protocol/record-batch.ts'
import type { BatchHeader } from '../protocol/record-batch.ts'
import type { AbortedTransaction } from './apis/fetch.ts'
import type { ConsumerRecord } from './client.ts'
import { decompress } from '../protocol/codecs.ts'
import type { PartitionState } from './partition-state.ts'

/** No batch may decompress to more: a wrong or wicked length must not take all memory. */
const maxDecompressedBytes = 256 * 1024 * 1024

/**
 * The answer to a fetch for one partition, decoded batch by batch as `take` is called, so that what waits
 * takes no more memory than the bytes that came.
 */
export class FetchedPartition {
  readonly state: PartitionState
  readonly #epoch: number
  readonly #bytes: Buffer
  readonly #checksCrcs: boolean
  /** Sorted by first offset; null: uncommitted records are wanted too. */
  readonly #aborted: AbortedTransaction[] | null
  readonly #abortedProducers = new Set<number>()
  #at = 0
  #batch: BatchHeader | null = null
  #reader: RecordReader | null = null

  constructor(
    state: PartitionState,
    bytes: Buffer,
    { checksCrcs, aborted }: { checksCrcs: boolean; aborted: readonly AbortedTransaction[] | null },
  ) {
    this.state = state
    this.#epoch = state.epoch
    this.#bytes = bytes
    this.#checksCrcs = checksCrcs
    this.#aborted = aborted === null ? null : [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Somebody has sought elsewhere, or the partition was taken away, since it was fetched. */
  get isStale(): boolean {
    return this.state.epoch !== this.#epoch
  }

  /** Adds records to `out` until there are `limit` in it. True when nothing is left. */
  async take(out: ConsumerRecord[], limit: number): Promise<boolean> {
    for (;;) {
      if (this.#reader !== null) {
        if (!this.#drain(this.#reader, out, limit)) return false
        this.#finishBatch()
      }
      const batch = this.#nextBatch()
      if (batch === null) return true
      const bytes = this.#open(batch)
      this.#reader = bytes instanceof RecordReader ? bytes : await bytes
      if (this.isStale) return true
    }
  }

  /** True when the batch is exhausted. */
  #drain(reader: RecordReader, out: ConsumerRecord[], limit: number): boolean {
    const { state } = this
    const { topic, partition } = state
    const { leaderEpoch, isLogAppendTime, maxTimestamp } = this.#batch!
    const epoch = leaderEpoch === -1 ? null : leaderEpoch
    const timeType = isLogAppendTime ? 'LogAppendTime' : 'CreateTime'
    const type = maxTimestamp === -1 && !isLogAppendTime ? 'NoTimestampType' : timeType
    while (out.length < limit) {
      if (!reader.next()) return true
      // A batch may start before the offset that was asked for.
      if (reader.offset < state.position) continue
      out.push({
        topic,
        partition,
        offset: reader.offset,
        leaderEpoch: epoch,
        timestamp: reader.timestamp,
        timestampType: type,
        key: reader.key,
        value: reader.value,
        headers: reader.headers,
      })
      state.position = reader.offset + 1
    }
    return reader.remaining === 0
  }

  #finishBatch(): void {
    const { end, start, lastOffset } = this.#batch!
    this.state.bufferedBytes -= end - start
    // Compaction leaves gaps at the end of batches, too.
    if (this.state.position <= lastOffset) this.state.position = lastOffset + 1
    this.#reader = null
    this.#batch = null
  }

  /** The next batch with records to be seen; null behind the last one. */
  #nextBatch(): BatchHeader | null {
    for (;;) {
      const batch = readBatchHeader(this.#bytes, this.#at)
      if (batch === null) return null
      this.#at = batch.end
      this.#batch = batch
      if (batch.lastOffset < this.state.position) {
        this.#finishBatch()
        continue
      }
      if (this.#checksCrcs && !isBatchIntact(this.#bytes, batch)) {
        throw this.#corrupt(batch, 'its checksum is wrong')
      }
      if (!this.#isWanted(batch)) {
        this.#finishBatch()
        continue
      }
      return batch
    }
  }

  /** Neither a marker of a transaction nor part of an aborted one (unless asked for). */
  #isWanted(batch: BatchHeader): boolean {
    const aborted = this.#aborted
    if (aborted !== null && batch.producerId >= 0) {
      while (aborted.length > 0 && aborted[0]!.firstOffset <= batch.lastOffset) {
        this.#abortedProducers.add(aborted.shift()!.producerId)
      }
      if (batch.isControl) {
        if (this.#isAbortMarker(batch)) this.#abortedProducers.delete(batch.producerId)
      } else if (batch.isTransactional && this.#abortedProducers.has(batch.producerId)) return false
    }
    return !batch.isControl
  }

  #isAbortMarker(batch: BatchHeader): boolean {
    const reader = new RecordReader(batch, this.#bytes, batch.start + batchHeaderBytes, batch.end)
    // The marker's key: version and type, 0 for abort and 1 for commit.
    return reader.next() && reader.key !== null && reader.key.length >= 4 && reader.key.readInt16BE(2) === 0
  }

  #open(batch: BatchHeader): RecordReader | Promise<RecordReader> {
    const start = batch.start + batchHeaderBytes
    if (batch.codec === 0) return new RecordReader(batch, this.#bytes, start, batch.end)
    return this.#decompress(batch, this.#bytes.subarray(start, batch.end))
  }

  async #decompress(batch: BatchHeader, bytes: Buffer): Promise<RecordReader> {
    try {
      return new RecordReader(batch, await decompress(batch.codec, bytes, maxDecompressedBytes))
    } catch (error) {
      if (error instanceof KafkaError) throw error
      throw this.#corrupt(batch, `it cannot be decompressed: ${String(error)}`)
    }
  }

  #corrupt(batch: BatchHeader, reason: string): KafkaError {
    const { topic, partition } = this.state
    return new KafkaError(
      `The record batch at offset ${batch.baseOffset} of ${topic}-${partition} is damaged: ${reason}. ` +
        `To go on behind it, the group's offset has to be set to ${batch.lastOffset + 1}.`,
      { code: 'CORRUPT_MESSAGE' },
    )
  }
}
