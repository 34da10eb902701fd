import { KafkaError, toError } from '../errors.ts'

export interface RetryOptions {
  readonly backoff: { readonly retryBackoffMs: number; readonly retryBackoffMaxMs: number }
  /** When to give up, as performance.now counts. */
  readonly until: number
  /** Whether the answer is not wanted any more. */
  readonly isClosed: () => boolean
  /** A retriable error that another try does not cure. */
  readonly isHopeless?: (error: KafkaError) => boolean
}

/** Tries until it succeeds, with growing pauses. Throws what was last thrown when that is not worth another try. */
export async function retrying<T>(
  attempt: () => Promise<T>,
  { backoff: { retryBackoffMs, retryBackoffMaxMs }, until, isClosed, isHopeless }: RetryOptions,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt()
    } catch (thrown) {
      const error = toError(thrown)
      const backoff = Math.min(retryBackoffMs * 2 ** Math.min(failures, 10), retryBackoffMaxMs)
      if (!(error instanceof KafkaError) || !error.retriable || isHopeless?.(error) === true) throw error
      if (isClosed() || performance.now() + backoff >= until) throw error
      await new Promise((resolve) => setTimeout(resolve, backoff))
    }
  }
}
