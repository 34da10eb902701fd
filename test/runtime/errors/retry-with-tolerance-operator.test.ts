import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DataError, KafkaError, RetriableError } from '../../../src/errors.ts'
import type { Failure, Operation, OperationStage } from '../../../src/runtime/errors/failure.ts'
import { failed } from '../../../src/runtime/errors/retry-with-tolerance-operator.ts'
import { type ErrorOptions, keeping, retryOperator } from '../../support/fake-errors.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

const stages: readonly OperationStage[] = [
  'TRANSFORMATION',
  'KEY_CONVERTER',
  'VALUE_CONVERTER',
  'HEADER_CONVERTER',
]

/** An operation that throws these errors, one after the other, and then answers `done`. */
function failing(...errors: readonly Error[]) {
  const times: number[] = []
  const left = [...errors]
  const operation: Operation<string, string> = {
    stage: 'TRANSFORMATION',
    className: 'io.acme.T',
    record: 'r1',
    run() {
      times.push(performance.now())
      const error = left.shift()
      if (error !== undefined) throw error
      return 'done'
    },
  }
  return { operation, times }
}

function run(options: ErrorOptions, errors: readonly Error[], cancelled?: AbortSignal) {
  const failures: Failure<string>[] = []
  const made = retryOperator<string>(options, {
    reporters: [keeping(failures)],
    ...(cancelled === undefined ? {} : { cancelled }),
  })
  const { operation, times } = failing(...errors)
  const start = performance.now()
  const result = made.operator.reporters.open().then(() => made.operator.finish([operation], []))
  result.catch(() => {})
  return { ...made, result, failures, operation, at: () => times.map((time) => Math.round(time - start)) }
}

const busy = (count: number) => Array.from({ length: count }, (_, i) => new RetriableError(`busy ${i + 1}`))

describe('an operation that fails for a passing reason', () => {
  for (const { failures, at } of [
    { failures: 1, at: [0, 300] },
    { failures: 3, at: [0, 300, 900, 2100] },
  ]) {
    test(`succeeds after ${failures} failed attempts`, async () => {
      const { result, counts, at: seen } = run({ 'errors.retry.timeout': 5000 }, busy(failures))
      await vi.runAllTimersAsync()
      expect(await result).toEqual(['done'])
      expect(seen()).toEqual(at)
      expect(counts).toMatchObject({ failures, retries: failures, errors: 0, skipped: 0, lastErrorAt: 0 })
    })
  }

  test('is tried for ever with errors.retry.timeout=-1', async () => {
    const { result, counts } = run(
      { 'errors.retry.timeout': -1, 'errors.retry.delay.max.ms': 1000 },
      busy(500),
    )
    await vi.runAllTimersAsync()
    expect(await result).toEqual(['done'])
    expect(counts).toMatchObject({ failures: 500, retries: 500, errors: 0 })
  })

  test('is tried a last time at the deadline, and then skipped with tolerance all', async () => {
    const options = {
      'errors.retry.timeout': 5000,
      'errors.retry.delay.max.ms': 5000,
      'errors.tolerance': 'all',
    }
    const { result, counts, failures, at } = run(options, busy(99))
    await vi.runAllTimersAsync()
    expect(await result).toBe(failed)
    expect(at()).toEqual([0, 300, 900, 2100, 4500, 5000])
    expect(counts).toMatchObject({ failures: 6, retries: 5, errors: 1, skipped: 1 })
    expect(counts.lastErrorAt).toBe(1_700_000_005_000)
    expect(failures.map(({ error }) => error.message)).toEqual(['busy 6'])
  })

  test('is not tried again by default, and fails the task instead of losing the record', async () => {
    const { result, counts, failures, at } = run({}, busy(1))
    await expect(result).rejects.toMatchObject({
      message: 'Tolerance exceeded in error handler',
      cause: { cause: { message: 'busy 1' } },
    })
    expect(at()).toEqual([0])
    expect(counts).toMatchObject({ failures: 1, retries: 0, errors: 1, skipped: 0 })
    expect(failures).toHaveLength(1)
  })

  test('is not reported when the task starts again by itself and meets the record again', async () => {
    for (const { tolerance, reports } of [
      { tolerance: 'none', reports: 0 },
      { tolerance: 'all', reports: 1 },
    ]) {
      const failures: Failure<string>[] = []
      const { operator, counts } = retryOperator<string>(
        { 'errors.tolerance': tolerance },
        { reporters: [keeping(failures)], comesAgain: (error) => error instanceof RetriableError },
      )
      await operator.reporters.open()
      const operation = { stage: 'VALUE_CONVERTER', className: 'c', record: 'r', run: () => 'done' } as const
      await operator.recover(operation, new RetriableError('away')).catch(() => {})
      expect(failures).toHaveLength(reports)
      expect(counts).toMatchObject({ failures: 1, errors: 1 })
    }
  })

  test('may be refused by Kafka for a passing reason as well', async () => {
    const error = new KafkaError('no leader', { retriable: true })
    const { result } = run({ 'errors.retry.timeout': 1000 }, [error])
    await vi.runAllTimersAsync()
    expect(await result).toEqual(['done'])
  })

  test('ends as the last attempt does', async () => {
    const { result, counts } = run({ 'errors.retry.timeout': -1, 'errors.tolerance': 'all' }, [
      ...busy(2),
      new DataError('bad'),
    ])
    await vi.runAllTimersAsync()
    expect(await result).toBe(failed)
    expect(counts).toMatchObject({ failures: 3, retries: 2, errors: 1, skipped: 1 })
  })

  test('is given up at once when the task is cancelled, and nobody passes the record', async () => {
    const cancel = new AbortController()
    const { result, counts, failures, at } = run(
      { 'errors.retry.timeout': -1, 'errors.tolerance': 'all' },
      busy(9),
      cancel.signal,
    )
    await vi.advanceTimersByTimeAsync(100)
    cancel.abort()
    await expect(result).rejects.toThrow(
      'The task was cancelled while it tried TRANSFORMATION with io.acme.T',
    )
    expect(at()).toEqual([0])
    expect(counts).toMatchObject({ failures: 1, errors: 1, skipped: 0 })
    expect(failures).toEqual([])
  })
})

describe('an operation that fails for good', () => {
  for (const stage of stages) {
    for (const tolerance of ['all', 'ALL']) {
      test(`is skipped in ${stage} with tolerance ${tolerance}, and not tried again`, async () => {
        const { operator, counts } = retryOperator<string>({
          'errors.tolerance': tolerance,
          'errors.retry.timeout': -1,
        })
        const { operation, times } = failing(new DataError('bad'))
        expect(await operator.finish([{ ...operation, stage }], [])).toBe(failed)
        expect(times).toHaveLength(1)
        expect(counts).toMatchObject({ failures: 1, errors: 1, skipped: 1, retries: 0 })
      })
    }

    test(`fails the task in ${stage} with tolerance none`, async () => {
      const { operator, counts } = retryOperator<string>({ 'errors.retry.timeout': -1 })
      const { operation } = failing(new DataError('bad'))
      await expect(operator.finish([{ ...operation, stage }], [])).rejects.toMatchObject({
        message: 'Tolerance exceeded in error handler',
        cause: {
          message: `Stage '${stage}' with class '${operation.className}' failed, where record is ${operation.record}.`,
          cause: { message: 'bad' },
        },
      })
      expect(counts).toMatchObject({ failures: 1, errors: 1, skipped: 0 })
    })
  }

  test('is reported with the record, the stage and the class', async () => {
    const { result, failures } = run({ 'errors.tolerance': 'all' }, [new DataError('bad')])
    await result
    expect(failures).toEqual([
      { stage: 'TRANSFORMATION', className: 'io.acme.T', record: 'r1', error: new DataError('bad') },
    ])
  })

  test('keeps those behind it from being run', async () => {
    const { operator } = retryOperator<string>({ 'errors.tolerance': 'all' })
    const first = failing(new DataError('bad'))
    const second = failing()
    expect(await operator.finish([first.operation, second.operation], [])).toBe(failed)
    expect(second.times).toEqual([])
  })
})

describe('operations that were started before', () => {
  test('give what they gave then; only those that failed are run again', async () => {
    const { operator } = retryOperator<string>({ 'errors.retry.timeout': 1000 })
    const [one, two, three] = [failing(), failing(), failing()]
    const started = [Promise.resolve('before'), Promise.reject(new RetriableError('busy'))]
    const result = operator.finish(
      [one, two, three].map(({ operation }) => operation),
      started,
    )
    await vi.runAllTimersAsync()
    expect(await result).toEqual(['before', 'done', 'done'])
    expect([one, two, three].map(({ times }) => times.length)).toEqual([0, 1, 1])
  })

  test('may fail while one before them is being tried again', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const { operator } = retryOperator<string>({ 'errors.retry.timeout': 1000, 'errors.tolerance': 'all' })
    const started = [Promise.reject(new RetriableError('busy')), Promise.reject(new DataError('bad'))]
    const result = operator.finish([failing(...busy(99)).operation, failing().operation], started)
    await vi.runAllTimersAsync()
    expect(await result).toBe(failed)
    vi.useRealTimers()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  })
})

describe('a failure that is only reported', () => {
  const failure: Failure<string> = {
    stage: 'KAFKA_PRODUCE',
    className: 'io.acme.Task',
    record: 'r',
    error: new Error('refused'),
  }

  test('is counted, and not as skipped, with tolerance all', async () => {
    const { operator, counts } = retryOperator<string>({ 'errors.tolerance': 'all' })
    expect(operator.report(failure)).toBeNull()
    expect(counts).toMatchObject({ failures: 1, errors: 0, skipped: 0, lastErrorAt: 1_700_000_000_000 })
  })

  test('throws with tolerance none, after it was reported', async () => {
    const seen: Failure<string>[] = []
    const { operator, counts } = retryOperator<string>({}, { reporters: [keeping(seen)] })
    await operator.reporters.open()
    expect(() => operator.report(failure)).toThrow('Tolerance exceeded in error handler')
    expect(seen).toEqual([failure])
    expect(counts).toMatchObject({ failures: 1, errors: 1, skipped: 0 })
  })
})

test('what is skipped waits until the reporters have room', async () => {
  let makeRoom = () => {}
  const room = new Promise<void>((resolve) => (makeRoom = resolve))
  const reporter = async () => ({ report: () => null, room: () => room })
  const { operator } = retryOperator<string>({ 'errors.tolerance': 'all' }, { reporters: [reporter] })
  await operator.reporters.open()
  let isDone = false
  const result = operator.finish([failing(new DataError('bad')).operation], []).finally(() => (isDone = true))
  await vi.runAllTimersAsync()
  expect(isDone).toBe(false)
  makeRoom()
  expect(await result).toBe(failed)
})
