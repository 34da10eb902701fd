/** What a task tells of itself beside its state; kept over restarts. */
export class TaskReport {
  /** How far the task has come, as text; null before its first record. The runner puts its own here. */
  position: () => string | null = () => null
  /** What went wrong, counted by Kafka's names of the group `task-error-metrics`. */
  errors: () => Readonly<Record<string, number>> = () => ({})
}
