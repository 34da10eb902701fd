import type { WireReader } from '../../protocol/wire-reader.ts'
import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { OffsetToCommit } from '../groups/group-coordinator.ts'
import type { ResponseWriter } from '../response-writer.ts'

const longestMetadata = 4096
/** What one request may have kept: in Kafka it has to fit into one message of the offsets topic. */
const mostBytes = 1_048_576

/** Offsets by topic, as OffsetCommit and TxnOffsetCommit have them, and what becomes of each. */
export class OffsetsToCommit {
  readonly #topics: readonly { readonly name: string; readonly partitions: readonly OffsetToCommit[] }[]
  readonly #errors = new Map<OffsetToCommit, ErrorCode>()

  constructor(reader: WireReader, { hasLeaderEpoch }: { hasLeaderEpoch: boolean }) {
    this.#topics = reader.array(() => {
      const topic = reader.string()
      const partitions = reader.array((): OffsetToCommit => {
        const partition = reader.int32()
        const offset = reader.int64()
        const leaderEpoch = hasLeaderEpoch ? reader.int32() : -1
        const metadata = reader.nullableString()
        reader.tags()
        return { topic, partition, offset, leaderEpoch, metadata }
      })
      reader.tags()
      return { name: topic, partitions }
    })
  }

  /** Keeps those that can be kept, all of them by one call; with a `refusal` none. */
  async keep(
    refusal: ErrorCode,
    broker: BrokerContext,
    keep: (offsets: readonly OffsetToCommit[]) => Promise<ErrorCode>,
  ): Promise<void> {
    const offsets = this.#topics.flatMap(({ partitions }) => partitions)
    for (const offset of offsets) this.#errors.set(offset, refusal || check(offset, broker))
    const valid = offsets.filter((offset) => this.#errors.get(offset) === ErrorCode.NONE)
    if (valid.length === 0) return
    const error = bytesOf(valid) > mostBytes ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE : await keep(valid)
    for (const offset of valid) this.#errors.set(offset, error)
  }

  writeErrors(writer: ResponseWriter): ResponseWriter {
    writer.array(this.#topics, (_, { name, partitions }) => {
      writer.string(name).array(partitions, (_, offset) => {
        writer.int32(offset.partition).int16(this.#errors.get(offset)!).tags()
      })
      writer.tags()
    })
    return writer.tags()
  }
}

function bytesOf(offsets: readonly OffsetToCommit[]): number {
  return offsets.reduce((sum, { topic, metadata }) => sum + topic.length + (metadata?.length ?? 0), 0)
}

function check({ topic, partition, offset, metadata }: OffsetToCommit, { topics }: BrokerContext): ErrorCode {
  if (topics.get(topic)?.hasPartition(partition) !== true) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  if ((metadata?.length ?? 0) > longestMetadata) return ErrorCode.OFFSET_METADATA_TOO_LARGE
  return Number.isSafeInteger(offset) ? ErrorCode.NONE : ErrorCode.OFFSET_OUT_OF_RANGE
}
