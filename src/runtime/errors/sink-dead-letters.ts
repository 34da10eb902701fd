import type { ConsumerRecord } from '../../kafka/client.ts'
import type { Logger } from '../../util/logger.ts'
import type { TaskId } from '../task-id.ts'
import { describeConsumed } from './consumed-record.ts'
import { contextHeaders } from './context-headers.ts'
import type { DeadLetterQueue } from './dead-letter-queue.ts'
import type { Failure } from './failure.ts'
import type { ErrorReporter } from './reporters.ts'

export interface SinkDeadLettersDeps {
  readonly id: TaskId
  readonly queue: DeadLetterQueue
  readonly hasContext: boolean
  readonly cancelled: AbortSignal
  readonly log: Logger
}

/** Writes the bytes of failed records, as they were consumed, to the dead letter topic. */
export class SinkDeadLetters implements ErrorReporter<ConsumerRecord> {
  readonly #deps: SinkDeadLettersDeps

  constructor(deps: SinkDeadLettersDeps) {
    this.#deps = deps
  }

  async report(failure: Failure<ConsumerRecord>): Promise<Error | null> {
    const { id, queue, hasContext, cancelled, log } = this.#deps
    const { topic, partition, offset, timestamp, key, value, headers } = failure.record
    const lost = await queue.send({
      key,
      value,
      headers: hasContext
        ? [...headers, ...contextHeaders(failure, id, { topic, partition, offset })]
        : headers,
      timestamp: timestamp === -1 ? null : timestamp,
    })
    // A cancelled task commits nothing: the record comes again.
    if (lost !== null && !cancelled.aborted) {
      log.error(
        `Could not produce message to dead letter queue. topic=${queue.topic} (${describeConsumed(failure.record)})`,
        lost,
      )
    }
    return lost
  }

  room(): Promise<void> | null {
    return this.#deps.queue.room()
  }

  close(): Promise<void> {
    return this.#deps.queue.close()
  }
}
