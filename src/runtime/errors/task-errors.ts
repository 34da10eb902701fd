import type { SourceRecord } from '../../api/record.ts'
import type { Converter } from '../../api/converter.ts'
import { javaText } from '../../data/java-text.ts'
import type { Admin, ConsumerRecord, Producer, ProducerListener } from '../../kafka/client.ts'
import type { Logger } from '../../util/logger.ts'
import type { Converters } from '../converters.ts'
import type { TaskId } from '../task-id.ts'
import { describeConsumed } from './consumed-record.ts'
import { DeadLetterQueue, type DeadLetterSettings } from './dead-letter-queue.ts'
import type { ErrorCounts } from './error-counts.ts'
import { LogReporter } from './log-reporter.ts'
import { type ErrorReporter, Reporters } from './reporters.ts'
import { RetryWithToleranceOperator, type ToleranceSettings } from './retry-with-tolerance-operator.ts'
import { SinkDeadLetters } from './sink-dead-letters.ts'
import { SinkErrors } from './sink-errors.ts'
import { SourceDeadLetters } from './source-dead-letters.ts'

export interface ErrorSettings extends ToleranceSettings {
  readonly 'errors.log.enable': boolean
  readonly 'errors.log.include.messages': boolean
}

export interface TaskErrorsDeps {
  readonly id: TaskId
  readonly settings: ErrorSettings
  readonly deadLetters: DeadLetterSettings
  readonly converters: Converters
  readonly counts: ErrorCounts
  readonly comesAgain: (error: Error) => boolean
  readonly cancelled: AbortSignal
  readonly openAdmin: () => Admin
  readonly openProducer: (listener: ProducerListener) => Producer
  /** How long dead letters on their way are waited for at the end. */
  readonly closeTimeoutMs: number
  readonly log: Logger
}

/** How one run of a sink task deals with records that fail. Nothing is opened yet. */
export function sinkErrors(deps: TaskErrorsDeps): SinkErrors {
  const { id, settings, deadLetters, converters, counts, comesAgain, cancelled, log } = deps
  const open = async (): Promise<ErrorReporter<ConsumerRecord>> => {
    const hasContext = deadLetters['errors.deadletterqueue.context.headers.enable']
    return new SinkDeadLetters({ id, hasContext, cancelled, log, queue: await openQueue(deps) })
  }
  const reporters = new Reporters([...logReporter(deps, describeConsumed), ...deadLettersBy(open, deps)])
  const describe = describeConsumed
  return new SinkErrors(
    new RetryWithToleranceOperator({ settings, reporters, describe, counts, comesAgain, cancelled }),
    converters,
  )
}

/** The same of a source task. `openJson` is called when there are dead letters. */
export function sourceErrors(
  deps: TaskErrorsDeps,
  openJson: () => Promise<Converter>,
): RetryWithToleranceOperator<SourceRecord> {
  const { id, settings, deadLetters, converters, counts, comesAgain, cancelled } = deps
  const open = async (): Promise<ErrorReporter<SourceRecord>> => {
    const hasContext = deadLetters['errors.deadletterqueue.context.headers.enable']
    const json = await openJson()
    return new SourceDeadLetters({ id, hasContext, converters, json, queue: await openQueue(deps) })
  }
  const describe = (record: SourceRecord) => `source record is = ${String(record)}`
  const reporters = new Reporters([...logReporter(deps, describe), ...deadLettersBy(open, deps)])
  return new RetryWithToleranceOperator({
    settings,
    reporters,
    describe: describePolled,
    counts,
    comesAgain,
    cancelled,
  })
}

function describePolled({ sourcePartition, sourceOffset }: SourceRecord): string {
  return `source record is at ${javaText(sourceOffset)} of ${javaText(sourcePartition)}`
}

type Openers<R> = (() => Promise<ErrorReporter<R>>)[]

function logReporter<R>(
  { id, settings, counts, log }: TaskErrorsDeps,
  describe: (record: R) => string,
): Openers<R> {
  if (!settings['errors.log.enable']) return []
  const wanted = settings['errors.log.include.messages'] ? describe : null
  return [async () => new LogReporter({ id, counts, log, describe: wanted })]
}

function deadLettersBy<R>(
  open: () => Promise<ErrorReporter<R>>,
  { deadLetters }: TaskErrorsDeps,
): Openers<R> {
  return deadLetters['errors.deadletterqueue.topic.name'] ? [open] : []
}

function openQueue(deps: TaskErrorsDeps): Promise<DeadLetterQueue> {
  const { deadLetters: settings, openAdmin, openProducer, counts, cancelled, closeTimeoutMs, log } = deps
  return DeadLetterQueue.open({ settings, openAdmin, openProducer, counts, cancelled, closeTimeoutMs, log })
}
