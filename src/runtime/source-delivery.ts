import type { OffsetMap, SourceRecord } from '../api/record.ts'
import type { RecordMetadata, SourceTask } from '../api/source.ts'
import type { TextRun } from '../api/text-run.ts'
import type { AckedRun, ProducerRecord, ProducerRun } from '../kafka/client.ts'
import type { Logger } from '../util/logger.ts'
import { offsetJson } from './offsets/offset-json.ts'

/** Ends the task: something could not be delivered. The first call counts. */
export type DeliveryFailed = (what: string, cause: Error) => void

/**
 * How the records of one run of a source task get to Kafka, and when their offsets count as committed. Where
 * it answers null there is nothing to wait for.
 */
export interface SourceDelivery {
  /** Comes before the task is opened: offsets that the task reads are right from then on. */
  open(): Promise<void>
  /** The task runs. */
  begin(task: SourceTask): void
  /** Before the records of one poll. */
  ready(): Promise<void> | null
  send(sendable: ProducerRecord, record: SourceRecord): Promise<void> | null
  /** Whether nobody will ask for single records, so that whole runs may be sent. */
  readonly takesRuns: boolean
  /** Resolves when all of the run is taken over, or the task is cancelled. */
  sendRun(sendable: ProducerRun, run: TextRun): Promise<void>
  /** Filtered out. Its offset does not count, as in Kafka Connect. */
  dropped(record: SourceRecord): Promise<void> | null
  /** It failed and is passed over; `safe` resolves when its dead letter is there, with an error where that is lost. */
  skipped(record: SourceRecord, safe: Promise<Error | null>): void
  /** Behind the records of one poll. */
  batchDone(): Promise<void> | null
  /** The last commit, before the task is stopped. Not called when the task was cancelled. */
  finish(hasFailed: boolean): Promise<void>
  close(): Promise<void>
}

/** Tells the task what became of a record; what it throws is logged. */
export function commitRecord(
  task: SourceTask | null,
  record: SourceRecord | null,
  metadata: RecordMetadata | null,
  { log, name }: { log: Logger; name: string },
): void {
  if (record === null || task?.commitRecord === undefined) return
  try {
    task.commitRecord(record, metadata)
  } catch (error) {
    log.error(`${name} Exception thrown while calling task.commitRecord()`, error)
  }
}

/** Offsets are committed: tells the task; what it throws is logged. */
export async function commitTask(
  task: SourceTask | null,
  { log, name }: { log: Logger; name: string },
): Promise<void> {
  try {
    await task?.commit?.()
  } catch (error) {
    log.error(`${name} Exception thrown while calling task.commit()`, error)
  }
}

/** Where record `i` of a run has landed. */
export function metadataOf(run: AckedRun, i: number, record: SourceRecord | null): RecordMetadata {
  const { topic, partition, baseOffset, logAppendTime } = run
  const timestamp = logAppendTime >= 0 ? logAppendTime : (record?.timestamp ?? null)
  return { topic, partition, offset: baseOffset < 0 ? -1 : baseOffset + i, timestamp }
}

/** Where a task stands, for people. */
export function positionText(latest: readonly [OffsetMap | null, OffsetMap | null] | null): string {
  const [partition, offset] = latest ?? [null, null]
  return `${offsetJson(partition)} at ${offsetJson(offset)}`
}

export function lostLetter(partition: OffsetMap | null, offset: OffsetMap | null): string {
  return (
    `The record of ${positionText([partition, offset])} failed, and its dead letter could not be written. ` +
    'It will be read again.'
  )
}
