import type { Logger } from '../../util/logger.ts'
import { type TaskId, taskText } from '../task-id.ts'
import type { ErrorCounts } from './error-counts.ts'
import type { Failure } from './failure.ts'
import type { ErrorReporter } from './reporters.ts'

export interface LogReporterDeps<R> {
  readonly id: TaskId
  readonly counts: ErrorCounts
  readonly log: Logger
  /** Says which record it was; null: that is not wanted. */
  readonly describe: ((record: R) => string) | null
}

/** Writes every failure to the log. */
export class LogReporter<R> implements ErrorReporter<R> {
  readonly #deps: LogReporterDeps<R>
  readonly #log: Logger

  constructor(deps: LogReporterDeps<R>) {
    this.#deps = deps
    this.#log = deps.log.named('org.apache.kafka.connect.runtime.errors.LogReporter')
  }

  report({ stage, className, record, error }: Failure<R>): null {
    const { id, counts, describe } = this.#deps
    const where = describe === null ? '' : `, where ${describe(record)}`
    counts.logged++
    this.#log.error(
      `Error encountered in task ${taskText(id)}. Executing stage '${stage}' with class '${className}'${where}.`,
      error,
    )
    return null
  }
}
