import { ApiError, ErrorCode } from '../error-codes.ts'

/** As in Kafka: one request may make so many partitions. */
const mostPartitionsPerRequest = 10_000

/** Counts the partitions that one request makes. */
export class CreationLimit {
  #left = mostPartitionsPerRequest

  /** Throws ApiError where it would be too many; those that came before stay. */
  take(partitions: number): void {
    if (partitions > this.#left) {
      throw new ApiError(
        ErrorCode.POLICY_VIOLATION,
        `Excessively large number of partitions per request: more than ${mostPartitionsPerRequest}.`,
      )
    }
    this.#left -= partitions
  }
}
