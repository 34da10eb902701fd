import type { ConsumerRecord } from '../../src/kafka/client.ts'
import type { Converters } from '../../src/runtime/converters.ts'
import type { DeadLetterSettings } from '../../src/runtime/errors/dead-letter-queue.ts'
import type { Failure } from '../../src/runtime/errors/failure.ts'
import { ErrorCounts } from '../../src/runtime/errors/error-counts.ts'
import { type ErrorReporter, Reporters } from '../../src/runtime/errors/reporters.ts'
import { RetryWithToleranceOperator } from '../../src/runtime/errors/retry-with-tolerance-operator.ts'
import type { ErrorSettings, TaskErrorsDeps } from '../../src/runtime/errors/task-errors.ts'
import { type Logger, silentLogger } from '../../src/util/logger.ts'
import { FakeAdmin } from './fake-admin.ts'
import { FakeProducer } from './fake-producer.ts'

/** Kafka Connect's defaults. */
export const errorDefaults: ErrorSettings & DeadLetterSettings = {
  'errors.retry.timeout': 0,
  'errors.retry.delay.max.ms': 60_000,
  'errors.tolerance': 'none',
  'errors.log.enable': false,
  'errors.log.include.messages': false,
  'errors.deadletterqueue.topic.name': '',
  'errors.deadletterqueue.topic.replication.factor': 3,
  'errors.deadletterqueue.context.headers.enable': false,
}

export type ErrorOptions = Partial<ErrorSettings & DeadLetterSettings>

export function retryOperator<R>(
  options: ErrorOptions = {},
  {
    reporters = [],
    cancelled = new AbortController().signal,
    comesAgain = () => false,
  }: {
    reporters?: readonly (() => Promise<ErrorReporter<R>>)[]
    cancelled?: AbortSignal
    comesAgain?: (error: Error) => boolean
  } = {},
) {
  const counts = new ErrorCounts()
  const settings = { ...errorDefaults, ...options }
  const operator = new RetryWithToleranceOperator<R>({
    settings,
    counts,
    reporters: new Reporters(reporters),
    describe: (record) => `record is ${String(record)}`,
    comesAgain,
    cancelled,
  })
  return { operator, counts }
}

/** A reporter that keeps what it is told. */
export function keeping<R>(failures: Failure<R>[]): () => Promise<ErrorReporter<R>> {
  return async () => ({
    report(failure) {
      failures.push(failure)
      return null
    },
  })
}

/** What `sinkErrors` and `sourceErrors` need, with Kafka clients in memory. */
export function fakeTaskErrors(
  options: ErrorOptions,
  {
    converters,
    cancelled = new AbortController().signal,
    counts = new ErrorCounts(),
    log = silentLogger,
  }: { converters: Converters; cancelled?: AbortSignal; counts?: ErrorCounts; log?: Logger },
) {
  const admin = new FakeAdmin()
  const dead = { producer: null as FakeProducer | null }
  const settings = { ...errorDefaults, ...options }
  const deps: TaskErrorsDeps = {
    id: { connector: 'c', task: 0 },
    settings,
    deadLetters: settings,
    converters,
    counts,
    comesAgain: () => false,
    cancelled,
    openAdmin: () => admin,
    openProducer: (listener) => (dead.producer = new FakeProducer(listener)),
    closeTimeoutMs: 100,
    log,
  }
  return { deps, admin, counts, dead }
}

/** A record as it was consumed. */
export function consumed(changes: Partial<ConsumerRecord> = {}): ConsumerRecord {
  return {
    topic: 'in',
    partition: 5,
    offset: 100,
    leaderEpoch: 0,
    timestamp: 1_600_000_000_000,
    timestampType: 'CreateTime',
    key: Buffer.from('key'),
    value: Buffer.from('value'),
    headers: [],
    ...changes,
  }
}

/** The text of headers; null stays null. */
export function headerTexts(
  headers: readonly (readonly [string, Buffer | null])[] | null,
): [string, string | null][] {
  return (headers ?? []).map(([key, value]) => [key, value?.toString() ?? null])
}
