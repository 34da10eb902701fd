import { ErrorCounts } from './errors/error-counts.ts'

/** What a task tells of itself beside its state; kept over restarts. */
export class TaskReport {
  /** How far the task has come, as text; null before its first record. The runner puts its own here. */
  position: () => string | null = () => null
  /** What went wrong in all runs of the task. */
  readonly errorCounts = new ErrorCounts()
  /** The same by Kafka's names of the group `task-error-metrics`. */
  readonly errors = (): Readonly<Record<string, number>> => this.errorCounts.toMetrics()
}
