import type { MaybePromise } from '../../api/plugin.ts'

/** What is done to one record alone, and again when it fails for a passing reason. */
export type OperationStage = 'TRANSFORMATION' | 'KEY_CONVERTER' | 'VALUE_CONVERTER' | 'HEADER_CONVERTER'

export type Stage = OperationStage | 'KAFKA_PRODUCE' | 'TASK_PUT'

/** Which record failed, where and why. `R`: the original, as it was consumed or polled. */
export interface Failure<R> {
  readonly stage: Stage
  /** The Java name of the class that was at work. */
  readonly className: string
  readonly record: R
  readonly error: Error
}

/** What is done to a record in one stage, so that it can be done again. */
export interface Operation<R, T> {
  readonly stage: OperationStage
  readonly className: string
  readonly record: R
  run(): MaybePromise<T>
}
