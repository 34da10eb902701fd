import { ConnectError, toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { taskText, type TaskId } from './task-id.ts'

export type Stage =
  'TRANSFORMATION' | 'KEY_CONVERTER' | 'VALUE_CONVERTER' | 'HEADER_CONVERTER' | 'KAFKA_PRODUCE' | 'TASK_PUT'

/** Where a record failed, and which one. `describeRecord` is called only when it is to be logged. */
export interface Failure {
  readonly stage: Stage
  readonly className: string
  readonly error: unknown
  readonly describeRecord: () => string
}

export interface ToleranceSettings {
  readonly 'errors.tolerance': string
  readonly 'errors.log.enable': boolean
  readonly 'errors.log.include.messages': boolean
}

/** Decides what becomes of a task when one of its records fails (Connect's RetryWithToleranceOperator). */
export class Tolerance {
  readonly #settings: ToleranceSettings
  readonly #id: TaskId
  readonly #log: Logger
  /** How many records were skipped. */
  skipped = 0

  constructor(settings: ToleranceSettings, id: TaskId, log: Logger) {
    this.#settings = settings
    this.#id = id
    this.#log = log.named('org.apache.kafka.connect.runtime.errors.LogReporter')
  }

  get isUnlimited(): boolean {
    return this.#settings['errors.tolerance'].toLowerCase() === 'all'
  }

  /** Reports the failure; throws when it is not tolerated, otherwise the record is to be skipped. */
  failed(failure: Failure): void {
    this.#report(failure)
    if (!this.isUnlimited) {
      throw new ConnectError('Tolerance exceeded in error handler', { cause: toError(failure.error) })
    }
    this.skipped++
  }

  #report({ stage, className, error, describeRecord }: Failure): void {
    if (!this.#settings['errors.log.enable']) return
    const record = this.#settings['errors.log.include.messages'] ? `, where ${describeRecord()}` : ''
    this.#log.error(
      `Error encountered in task ${taskText(this.#id)}. Executing stage '${stage}' with class '${className}'${record}.`,
      error,
    )
  }
}
