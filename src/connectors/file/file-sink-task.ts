import {
  toError,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type TopicPartitionOffset,
} from '../../index.ts'
import { WriteError, type Output } from './output.ts'
import { Lines } from './written-lines.ts'

/** So much may wait for the output before `put` does. */
const mostQueuedBytes = 256 * 1024

/**
 * Writes behind `put`: while the output takes some lines, the next puts gather the following ones. What was put is written
 * at the latest when offsets are committed; a write that failed fails the next `put`, which is asked for at once.
 */
export class FileSinkTask implements SinkTask {
  readonly #output: Output
  readonly #context: Pick<SinkTaskContext, 'requestCommit'>
  #queued = new Lines()
  #inOutput = new Lines()
  #writing: Promise<void> | null = null
  #failure: Error | null = null
  /** Whether a `put` has thrown it. */
  #isTold = false
  /** After a failed write: the offset of each partition behind its last record that got out. */
  #written: ReadonlyMap<string, number> | null = null

  constructor(output: Output, context: Pick<SinkTaskContext, 'requestCommit'>) {
    this.#output = output
    this.#context = context
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (this.#failure !== null) {
      this.#isTold = true
      throw this.#failure
    }
    for (const record of records) this.#queued.add(record)
    if (records.length > 0) this.#writing ??= this.#writeQueued()
    if (this.#queued.length >= mostQueuedBytes) await this.#writing
  }

  async preCommit(offsets: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    await this.#writing
    await this.#output.sync()
    const written = this.#written
    if (written === null) return offsets
    return offsets.map((asked) => ({
      ...asked,
      offset: written.get(`${asked.topic}-${asked.partition}`) ?? asked.offset,
    }))
  }

  async stop(): Promise<void> {
    await this.#writing
    await this.#output.close()
    if (this.#failure !== null && !this.#isTold) throw this.#failure
  }

  /** Until nothing is queued, or a write has failed. Does not reject. */
  async #writeQueued(): Promise<void> {
    while (this.#queued.length > 0) {
      ;[this.#queued, this.#inOutput] = [this.#inOutput, this.#queued]
      try {
        await this.#output.write(this.#inOutput.bytes)
      } catch (error) {
        await this.#failed(toError(error))
        break
      }
      this.#inOutput.clear()
    }
    this.#writing = null
  }

  async #failed(error: Error): Promise<void> {
    this.#failure = error
    const bytes = error instanceof WriteError ? error.written : 0
    const written = new Map<string, number>()
    const whole = this.#inOutput.note(bytes, written)
    // What was put meanwhile is not written at all.
    this.#queued.note(-1, written)
    this.#written = written
    try {
      // A record cut in half comes again as a whole after a restart: what there is of it goes.
      await this.#output.retract(this.#inOutput.bytes.subarray(whole, bytes))
    } catch (cause) {
      this.#failure = new AggregateError([error, cause], `${error.message} ${toError(cause).message}`)
    }
    this.#context.requestCommit()
  }
}
