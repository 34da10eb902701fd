import { ConnectError, isRetriable, toError } from '../../errors.ts'
import { pause } from '../../util/within.ts'
import type { ErrorCounts } from './error-counts.ts'
import type { Failure, Operation } from './failure.ts'
import type { Reporters } from './reporters.ts'
import { retryDelay } from './retry-delay.ts'

export interface ToleranceSettings {
  readonly 'errors.retry.timeout': number
  readonly 'errors.retry.delay.max.ms': number
  readonly 'errors.tolerance': string
}

export interface RetryOperatorDeps<R> {
  readonly settings: ToleranceSettings
  readonly counts: ErrorCounts
  readonly reporters: Reporters<R>
  /** Says which record it was, without what is in it. */
  readonly describe: (record: R) => string
  /** Whether a task that fails for this starts again by itself, and meets the record again. */
  readonly comesAgain: (error: Error) => boolean
  /** Ends the pauses between attempts. */
  readonly cancelled: AbortSignal
}

/** What an operation gives that failed for good and is tolerated. */
export const failed = Symbol('failed')

/**
 * Decides what becomes of a record in whose processing something failed: it is tried again, skipped, or fails the task,
 * and it is reported. Nothing here is touched while records are fine: callers come when they have caught something.
 */
export class RetryWithToleranceOperator<R> {
  readonly #deps: RetryOperatorDeps<R>
  /** All failures are tolerated, however many. */
  readonly isUnlimited: boolean
  /** Hears of every skipped record with whose reports there is something to wait for. */
  onSkipped: ((record: R, safe: Promise<Error | null>) => void) | null = null

  constructor(deps: RetryOperatorDeps<R>) {
    this.#deps = deps
    this.isUnlimited = deps.settings['errors.tolerance'].toLowerCase() === 'all'
  }

  get reporters(): Reporters<R> {
    return this.#deps.reporters
  }

  /**
   * Runs operations that need each other, and gives all results; or `failed` once one failed for good and is tolerated:
   * those behind it do not count then. `started` is what the first of them have given, promised or thrown already.
   */
  async finish(
    operations: readonly Operation<R, unknown>[],
    started: readonly Promise<unknown>[],
  ): Promise<readonly unknown[] | typeof failed> {
    // One may fail while another one before it is tried again.
    for (const promise of started) promise.catch(() => {})
    const results: unknown[] = []
    for (const [i, operation] of operations.entries()) {
      let result: unknown
      try {
        result = await (started[i] ?? operation.run())
      } catch (error) {
        result = await this.recover(operation, error)
      }
      if (result === failed) return failed
      results.push(result)
    }
    return results
  }

  /**
   * Goes on with an operation that has just failed for the first time. Gives its result after all, or `failed`: the
   * record is to be skipped. Throws when the failure is not tolerated, and when the task is cancelled.
   */
  async recover<T>(operation: Operation<R, T>, thrown: unknown): Promise<T | typeof failed> {
    const { settings, counts, cancelled } = this.#deps
    const timeoutMs = settings['errors.retry.timeout']
    const deadline = timeoutMs < 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs
    const maxMs = settings['errors.retry.delay.max.ms']
    let error = toError(thrown)
    for (let attempt = 1; ; attempt++) {
      counts.failures++
      const leftMs = deadline - performance.now()
      if (!isRetriable(error) || leftMs <= 0) return this.#giveUp(operation, error)
      await pause(retryDelay(attempt, { maxMs, leftMs }), cancelled)
      counts.retries++
      if (cancelled.aborted) throw this.#abandoned(operation, error)
      try {
        return await operation.run()
      } catch (again) {
        error = toError(again)
      }
    }
  }

  /**
   * Reports a failure of something that is not tried again. Gives what there is to wait for; throws when the failure is
   * not tolerated, after it was reported.
   */
  report(failure: Failure<R>): Promise<Error | null> | null {
    const { counts, reporters } = this.#deps
    counts.failures++
    counts.lastErrorAt = Date.now()
    const safe = reporters.report(failure)
    if (this.isUnlimited) return safe
    counts.errors++
    throw this.exceeded(failure)
  }

  /** What a failure that is not tolerated fails the task with. */
  exceeded({ stage, className, record, error }: Failure<R>): ConnectError {
    const where = `Stage '${stage}' with class '${className}' failed, where ${this.#deps.describe(record)}.`
    // The first message is Kafka Connect's, which does not say which record it was.
    return new ConnectError('Tolerance exceeded in error handler', {
      cause: new ConnectError(where, { cause: error }),
    })
  }

  async #giveUp(operation: Operation<R, unknown>, error: Error): Promise<typeof failed> {
    const { counts, reporters, comesAgain } = this.#deps
    const { stage, className, record } = operation
    const failure = { stage, className, record, error }
    counts.errors++
    counts.lastErrorAt = Date.now()
    if (this.isUnlimited) counts.skipped++
    // A dead letter of every restart would fill the topic with copies of a record that gets through in the end.
    else if (comesAgain(error)) throw this.exceeded(failure)
    const safe = reporters.report(failure)
    if (!this.isUnlimited) throw this.exceeded(failure)
    if (safe !== null) this.onSkipped?.(record, safe)
    await reporters.room()
    return failed
  }

  /** Not reported: nobody passes the record, it comes again. */
  #abandoned({ stage, className }: Operation<R, unknown>, cause: Error): ConnectError {
    this.#deps.counts.errors++
    this.#deps.counts.lastErrorAt = Date.now()
    return new ConnectError(`The task was cancelled while it tried ${stage} with ${className} again.`, {
      cause,
    })
  }
}
