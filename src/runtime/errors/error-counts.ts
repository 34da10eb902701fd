/** Kafka Connect's metrics of the group `task-error-metrics`, for one task. */
export class ErrorCounts {
  /** Everything that was thrown, including what was tried again. */
  failures = 0
  /** Operations that ended with an error. */
  errors = 0
  skipped = 0
  retries = 0
  logged = 0
  deadLetterRequests = 0
  deadLetterFailures = 0
  /** Milliseconds since the epoch; 0: never. */
  lastErrorAt = 0

  /** By their names in Kafka Connect. */
  toMetrics(): Readonly<Record<string, number>> {
    return {
      'total-record-failures': this.failures,
      'total-record-errors': this.errors,
      'total-records-skipped': this.skipped,
      'total-retries': this.retries,
      'total-errors-logged': this.logged,
      'deadletterqueue-produce-requests': this.deadLetterRequests,
      'deadletterqueue-produce-failures': this.deadLetterFailures,
      'last-error-timestamp': this.lastErrorAt,
    }
  }
}
