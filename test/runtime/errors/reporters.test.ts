import { describe, expect, test } from 'vitest'
import { ErrorCounts } from '../../../src/runtime/errors/error-counts.ts'
import type { Failure } from '../../../src/runtime/errors/failure.ts'
import { describeConsumed } from '../../../src/runtime/errors/consumed-record.ts'
import { LogReporter } from '../../../src/runtime/errors/log-reporter.ts'
import { type ErrorReporter, Reporters } from '../../../src/runtime/errors/reporters.ts'
import type { ConsumerRecord } from '../../../src/kafka/client.ts'
import { deferred } from '../../../src/util/deferred.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'
import { consumed } from '../../support/fake-errors.ts'

const failure: Failure<ConsumerRecord> = {
  stage: 'KEY_CONVERTER',
  className: 'org.apache.kafka.connect.json.JsonConverter',
  record: consumed({ topic: 'test-topic', timestamp: -1, timestampType: 'NoTimestampType' }),
  error: new Error('cannot convert'),
}

async function opened(...reporters: readonly ErrorReporter<ConsumerRecord>[]) {
  const made = new Reporters(reporters.map((reporter) => async () => reporter))
  await made.open()
  return made
}

describe('reporters', () => {
  test('are all told, and are done when the last of them is', async () => {
    const [one, two] = [deferred<Error | null>(), deferred<Error | null>()]
    const told: string[] = []
    const reporter = (name: string, safe: Promise<Error | null> | null) => ({
      report() {
        told.push(name)
        return safe
      },
    })
    const reporters = await opened(
      reporter('one', one.promise),
      reporter('log', null),
      reporter('two', two.promise),
    )
    let isDone = false
    const done = reporters.report(failure)!.finally(() => (isDone = true))
    expect(told).toEqual(['one', 'log', 'two'])
    one.resolve(null)
    await new Promise((resolve) => setImmediate(resolve))
    expect(isDone).toBe(false)
    two.resolve(null)
    expect(await done).toBeNull()
  })

  test('give the first reason for a lost report', async () => {
    const lost = new Error('lost')
    const reporters = await opened({ report: async () => null }, { report: async () => lost })
    expect(await reporters.report(failure)).toBe(lost)
  })

  test('leave nothing to wait for where none of them does', async () => {
    expect((await opened({ report: () => null })).report(failure)).toBeNull()
    expect((await opened()).report(failure)).toBeNull()
  })

  test('are all closed; what goes wrong is said in the end', async () => {
    const closed: string[] = []
    const reporter = (name: string, error?: Error) => ({
      report: () => null,
      async close() {
        closed.push(name)
        if (error !== undefined) throw error
      },
    })
    const reporters = await opened(
      reporter('one', new Error('1')),
      reporter('two'),
      reporter('three', new Error('3')),
    )
    const error = await reporters.close().catch((thrown: unknown) => thrown as Error)
    expect(closed).toEqual(['one', 'two', 'three'])
    expect(error).toMatchObject({ message: 'Failed to close all reporters' })
    expect(((error as Error).cause as AggregateError).errors.map(String)).toEqual(['Error: 1', 'Error: 3'])
  })

  test('that cannot be opened fail the task; those before them can be closed', async () => {
    let isClosed = false
    const reporters = new Reporters([
      async () => ({ report: () => null, close: async () => void (isClosed = true) }),
      async () => {
        throw new Error('no such cluster')
      },
    ])
    await expect(reporters.open()).rejects.toThrow('no such cluster')
    await reporters.close()
    expect(isClosed).toBe(true)
  })
})

describe('the log of errors', () => {
  for (const { what, describeRecord, record, where } of [
    { what: 'nothing of the record', describeRecord: null, record: failure.record, where: '' },
    {
      what: "the record's place",
      describeRecord: describeConsumed,
      record: failure.record,
      where: ", where consumed record is {topic='test-topic', partition=5, offset=100}",
    },
    {
      what: "the record's place and its time",
      describeRecord: describeConsumed,
      record: consumed({ topic: 'test-topic' }),
      where:
        ", where consumed record is {topic='test-topic', partition=5, offset=100, timestamp=1600000000000, timestampType=CreateTime}",
    },
  ]) {
    test(`has stage, class and error, and ${what}`, () => {
      const lines: string[] = []
      const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
      const counts = new ErrorCounts()
      const id = { connector: 'job', task: 0 }
      new LogReporter({ id, counts, log, describe: describeRecord }).report({ ...failure, record })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(
        `ERROR Error encountered in task job-0. Executing stage 'KEY_CONVERTER' with class ` +
          `'org.apache.kafka.connect.json.JsonConverter'${where}. ` +
          '(org.apache.kafka.connect.runtime.errors.LogReporter)\nError: cannot convert',
      )
      expect(counts.logged).toBe(1)
    })
  }
})
