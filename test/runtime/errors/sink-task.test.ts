import { describe, expect, onTestFinished, test } from 'vitest'
import { jsonConverter } from '../../../src/converters/json.ts'
import { stringConverter } from '../../../src/converters/string.ts'
import {
  type ConnectRecord,
  DataError,
  KafkaError,
  type MaybePromise,
  RetriableError,
  Schema,
  SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type Transform,
} from '../../../src/index.ts'
import type { ConsumerRecord } from '../../../src/kafka/client.ts'
import { sinkErrors } from '../../../src/runtime/errors/task-errors.ts'
import { RunState } from '../../../src/runtime/run-state.ts'
import { SinkPipeline } from '../../../src/runtime/sink-pipeline.ts'
import { SinkTaskRunner } from '../../../src/runtime/sink-task-runner.ts'
import { TaskReport } from '../../../src/runtime/task-report.ts'
import { TransformationChain } from '../../../src/runtime/transformation-chain.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'
import { FakeConsumer } from '../../support/fake-consumer.ts'
import { consumed, type ErrorOptions, fakeTaskErrors, headerTexts } from '../../support/fake-errors.ts'
import { until } from '../../support/until.ts'

const p0 = { topic: 'in', partition: 0 }
const p1 = { topic: 'in', partition: 1 }

const json = jsonConverter.create(jsonConverter.config.parse({ 'schemas.enable': 'false' }), 'value')
const text = stringConverter.create({ 'converter.encoding': 'UTF-8' }, 'key')
const named = { className: stringConverter.name, converter: text }
const converters = {
  key: named,
  value: { className: jsonConverter.name, converter: json },
  header: named,
}

function batch(...values: readonly (readonly [offset: number, value: string, partition?: number])[]) {
  return {
    records: values.map(([offset, value, partition = 0]) =>
      consumed({ topic: 'in', partition, offset, key: Buffer.from('k'), value: Buffer.from(value) }),
    ),
  }
}

/** Keeps the values of each batch; `onPut` may do more with it. */
class KeepingTask implements SinkTask {
  readonly puts: unknown[][] = []
  context!: SinkTaskContext
  onPut: (records: readonly SinkRecord[]) => MaybePromise<void> = () => {}
  closed = 0

  async put(records: readonly SinkRecord[]): Promise<void> {
    this.puts.push(records.map(({ value }) => value.value))
    await this.onPut(records)
  }

  close(): void {
    this.closed++
  }
}

function failsTimes(times: number): Transform {
  let left = times
  return {
    apply<R extends ConnectRecord>(record: R): R {
      if (left-- > 0) throw new RetriableError('not yet')
      return record
    },
  }
}

function run(
  options: ErrorOptions = {},
  { transform = null, flushTimeoutMs = 1000 }: { transform?: Transform | null; flushTimeoutMs?: number } = {},
) {
  const task = new KeepingTask()
  const consumer = new FakeConsumer()
  const state = new RunState(false)
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  const { deps, admin, counts, dead } = fakeTaskErrors(options, {
    converters,
    cancelled: state.cancelled,
    log,
  })
  const errors = sinkErrors(deps)
  const stage = { className: 'io.acme.T', predicate: null, negate: false }
  const chain = new TransformationChain(transform === null ? [] : [{ ...stage, transform }])
  const done = new SinkTaskRunner({
    id: deps.id,
    log,
    state,
    onStatus: () => {},
    activeTopics: null,
    report: new TaskReport(),
    topics: ['in'],
    startTask: async (context) => {
      task.context = context
      return task
    },
    openConsumer: () => consumer,
    pipeline: new SinkPipeline(chain, converters, errors.operator),
    errors,
    configs: () => ({}),
    flushIntervalMs: 60_000,
    flushTimeoutMs,
    redelivery: null,
  }).run()
  done.catch(() => {})
  onTestFinished(() => state.cancel())
  const producer = () => until(() => dead.producer)
  const stop = async () => {
    state.stop()
    await done
  }
  return { task, consumer, state, lines, admin, counts, producer, done, stop }
}

const tolerant = { 'errors.tolerance': 'all' }
const withQueue = {
  'errors.deadletterqueue.topic.name': 'dead',
  'errors.deadletterqueue.topic.replication.factor': 1,
}

describe('a sink task with errors.tolerance=all', () => {
  test('gets what works in the end, and not what never will', async () => {
    const options = { ...tolerant, 'errors.retry.timeout': 5000, 'errors.retry.delay.max.ms': 1 }
    const { task, consumer, counts, stop } = run(options, { transform: failsTimes(2) })
    consumer.play({ assign: [p0] }, batch([0, '{"a":10}']), batch([1, '{"a"']))
    await until(() => task.puts.length >= 3)
    await stop()
    // The first put belongs to the assignment.
    expect(task.puts.slice(1, 3)).toEqual([[{ a: 10 }], []])
    expect(counts).toMatchObject({ failures: 3, retries: 2, errors: 1, skipped: 1, deadLetterRequests: 0 })
    expect(consumer.committed).toEqual([[{ ...p0, offset: 2 }]])
  })

  test('goes on behind failures, and logs what it is asked to', async () => {
    const options = { ...tolerant, 'errors.log.enable': true, 'errors.log.include.messages': true }
    const { task, consumer, counts, lines, stop } = run(options)
    consumer.play({ assign: [p0] }, batch([0, '1'], [1, '{{'], [2, '3']))
    await until(() => task.puts.some(({ length }) => length === 2))
    await stop()
    expect(counts.logged).toBe(1)
    expect(lines.join('')).toContain(
      "ERROR Error encountered in task c-0. Executing stage 'VALUE_CONVERTER' with class " +
        "'org.apache.kafka.connect.json.JsonConverter', where consumed record is {topic='in', partition=0, " +
        'offset=1, timestamp=1600000000000, timestampType=CreateTime}.',
    )
  })
})

describe('dead letters of a sink task', () => {
  test('are the bytes of the record, with the headers that say what was wrong', async () => {
    const options = { ...tolerant, ...withQueue, 'errors.deadletterqueue.context.headers.enable': true }
    const { task, consumer, admin, counts, producer, stop } = run(options)
    const earlier: [string, Buffer | null] = ['__connect.errors.topic', Buffer.from('earlier')]
    const bad = consumed({
      ...p0,
      offset: 1,
      value: Buffer.from('not json'),
      headers: [earlier, ['h', null]],
    })
    consumer.play(
      { assign: [p0] },
      { records: [...batch([0, '1']).records, bad, ...batch([2, '3']).records] },
    )
    await until(() => task.puts.some(({ length }) => length === 2))
    expect(admin.created).toEqual([{ name: 'dead', partitions: 1, replicationFactor: 1, configs: {} }])
    const { sent } = await producer()
    expect(sent).toHaveLength(1)
    const [letter] = sent
    expect(letter).toMatchObject({
      topic: 'dead',
      partition: null,
      timestamp: 1_600_000_000_000,
      key: bad.key,
      value: bad.value,
    })
    const headers = headerTexts(letter!.headers)
    expect(headers.slice(0, -2)).toEqual([
      ['__connect.errors.topic', 'earlier'],
      ['h', null],
      ['__connect.errors.topic', 'in'],
      ['__connect.errors.partition', '0'],
      ['__connect.errors.offset', '1'],
      ['__connect.errors.connector.name', 'c'],
      ['__connect.errors.task.id', '0'],
      ['__connect.errors.stage', 'VALUE_CONVERTER'],
      ['__connect.errors.class.name', 'org.apache.kafka.connect.json.JsonConverter'],
      ['__connect.errors.exception.class.name', 'org.apache.kafka.connect.errors.DataException'],
    ])
    const [[messageName, message], [traceName, trace]] = headers.slice(-2) as [
      [string, string],
      [string, string],
    ]
    expect(messageName).toBe('__connect.errors.exception.message')
    expect(message).toContain('Converting byte[] to Kafka Connect data failed due to serialization error')
    expect(traceName).toBe('__connect.errors.exception.stacktrace')
    expect(trace.startsWith(`org.apache.kafka.connect.errors.DataException: ${message}\n\tat `)).toBe(true)
    ;(await producer()).acknowledge()
    await stop()
    expect(counts).toMatchObject({ deadLetterRequests: 1, deadLetterFailures: 0, skipped: 1 })
    expect((await producer()).isClosed).toBe(true)
  })

  test('have no context unless it is asked for, and no time where the record has none', async () => {
    const { consumer, producer, stop } = run({ ...tolerant, ...withQueue })
    const bad = consumed({ ...p0, timestamp: -1, timestampType: 'NoTimestampType', value: Buffer.from('{') })
    consumer.play({ assign: [p0] }, { records: [bad] })
    const { sent } = await until(async () => ((await producer()).sent.length > 0 ? producer() : null))
    expect(sent).toEqual([
      { topic: 'dead', partition: null, timestamp: null, key: bad.key, value: bad.value, headers: [] },
    ])
    ;(await producer()).acknowledge()
    await stop()
  })

  test('have no message where the error has none', async () => {
    const options = { ...tolerant, ...withQueue, 'errors.deadletterqueue.context.headers.enable': true }
    const mute: Transform = {
      apply() {
        throw new DataError()
      },
    }
    const { consumer, producer, stop } = run(options, { transform: mute })
    consumer.play({ assign: [p0] }, batch([0, '1']))
    const made = await producer()
    await until(() => made.sent.length > 0)
    const headers = new Map(headerTexts(made.sent[0]!.headers))
    expect(headers.get('__connect.errors.exception.message')).toBeNull()
    expect(headers.get('__connect.errors.class.name')).toBe('io.acme.T')
    expect(headers.get('__connect.errors.stage')).toBe('TRANSFORMATION')
    made.acknowledge()
    await stop()
  })

  test('are written before the task fails with tolerance none, and the record comes again', async () => {
    const { consumer, producer, done } = run(withQueue)
    consumer.play({ assign: [p0] }, batch([0, '1']), batch([1, '{']))
    await expect(done).rejects.toThrow('Tolerance exceeded in error handler')
    const made = await producer()
    expect(made.sent.map(({ value }) => value?.toString())).toEqual(['{'])
    expect(made.isClosed).toBe(true)
    expect(consumer.committed).toEqual([[{ ...p0, offset: 1 }]])
  })

  test('hold up the offsets of their own partition until they are written', async () => {
    const { task, consumer, lines, producer, stop } = run(
      { ...tolerant, ...withQueue },
      { flushTimeoutMs: 30 },
    )
    consumer.play({ assign: [p0, p1] }, batch([0, '{'], [1, '1'], [7, '7', 1]))
    await until(() => task.puts.some(({ length }) => length === 2))
    task.context.requestCommit()
    await until(() => consumer.committed.length === 1)
    expect(consumer.committed).toEqual([[{ ...p1, offset: 8 }]])
    expect(lines.join('')).toContain(
      'WARN WorkerSinkTask{id=c-0} Dead letters of 1 partitions were not written within 30 ms',
    )
    ;(await producer()).acknowledge()
    task.context.requestCommit()
    await until(() => consumer.committed.length === 2)
    expect(consumer.committed[1]).toEqual([{ ...p0, offset: 2 }])
    await stop()
  })

  test('that Kafka refuses are said aloud, and the task goes on', async () => {
    const { task, consumer, counts, lines, producer, stop } = run({ ...tolerant, ...withQueue })
    consumer.play({ assign: [p0] }, batch([0, '{'], [1, '1']))
    await until(() => task.puts.some(({ length }) => length === 1))
    ;(await producer()).fail(new KafkaError('too large'))
    await stop()
    expect(lines.join('')).toContain(
      'ERROR Could not produce message to dead letter queue. topic=dead ' +
        "(consumed record is {topic='in', partition=0, offset=0,",
    )
    expect(counts).toMatchObject({ deadLetterRequests: 1, deadLetterFailures: 1 })
    expect(consumer.committed).toEqual([[{ ...p0, offset: 2 }]])
  })

  test('wait for room, so that memory stays bounded', async () => {
    const { task, consumer, producer, stop } = run({ ...tolerant, ...withQueue })
    const made = await producer()
    made.hasRoom = false
    consumer.play({ assign: [p0] }, batch([0, '{'], [1, '{'], [2, '2']))
    await until(() => made.sent.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(made.sent).toHaveLength(1)
    made.makeRoom()
    await until(() => task.puts.some(({ length }) => length === 1))
    expect(made.sent).toHaveLength(2)
    made.acknowledge()
    await stop()
  })

  test('are not missed by a task that cannot have their topic', async () => {
    const { admin, done, task } = run({ ...tolerant, ...withQueue })
    admin.createError = new KafkaError('replication factor too large')
    await expect(done).rejects.toThrow('Could not initialize dead letter queue with topic=dead')
    expect(task.puts).toEqual([])
  })
})

describe('the errant record reporter of a sink task', () => {
  const report = (task: KeepingTask, record: SinkRecord, error: Error = new DataError('refused')) =>
    task.context.errantRecordReporter()!.report(record, error)

  test('is there only if somebody hears of it', async () => {
    for (const { options, isThere } of [
      { options: {}, isThere: false },
      { options: tolerant, isThere: false },
      { options: withQueue, isThere: true },
      { options: { 'errors.log.enable': true }, isThere: true },
    ]) {
      const { task, consumer, stop } = run(options)
      consumer.play({ assign: [p0] })
      await until(() => task.puts.length > 0)
      expect(task.context.errantRecordReporter() !== null, JSON.stringify(options)).toBe(isThere)
      await stop()
    }
  })

  test('sends the bytes as they were consumed, also for a copy, and commits when that is safe', async () => {
    const options = { ...tolerant, ...withQueue, 'errors.deadletterqueue.context.headers.enable': true }
    const { task, consumer, counts, lines, producer, stop } = run(options, { flushTimeoutMs: 30 })
    let isSafe = false
    task.onPut = ([record]) => {
      if (record === undefined) return
      const copy = record.with({ topic: 'elsewhere', value: { schema: Schema.STRING, value: 'changed' } })
      void report(task, copy).then(() => (isSafe = true))
    }
    consumer.play({ assign: [p0] }, batch([0, '{"a": 1.0}']))
    const made = await producer()
    await until(() => made.sent.length === 1)
    expect(made.sent[0]!.value?.toString()).toBe('{"a": 1.0}')
    const headers = new Map(headerTexts(made.sent[0]!.headers))
    expect(headers.get('__connect.errors.stage')).toBe('TASK_PUT')
    expect(headers.get('__connect.errors.class.name')).toBe('org.apache.kafka.connect.sink.SinkTask')
    expect(headers.get('__connect.errors.topic')).toBe('in')
    task.context.requestCommit()
    await until(() => lines.some((line) => line.includes('Their offsets are not committed yet.')))
    expect([isSafe, consumer.committed]).toEqual([false, []])
    made.acknowledge()
    await stop()
    expect(isSafe).toBe(true)
    expect(consumer.committed).toEqual([[{ ...p0, offset: 1 }]])
    expect(counts).toMatchObject({ failures: 1, errors: 0, skipped: 0, deadLetterRequests: 1 })
  })

  test('writes records that the task made with the task’s converters', async () => {
    const { task, consumer, producer, stop } = run({ ...tolerant, ...withQueue })
    task.onPut = ([record]) => {
      if (record === undefined) return
      const key = { schema: Schema.STRING, value: 'own' }
      const value = { schema: null, value: { b: 2 } }
      void report(task, new SinkRecord({ ...p0, key, value, offset: record.offset, timestamp: 5 }))
    }
    consumer.play({ assign: [p0] }, batch([0, '1']))
    const made = await producer()
    await until(() => made.sent.length === 1)
    const { key, value, timestamp } = made.sent[0]!
    expect([key?.toString(), value?.toString(), timestamp]).toEqual(['own', '{"b":2}', 5])
    made.acknowledge()
    await stop()
  })

  for (const swallows of [false, true]) {
    test(`fails the task with tolerance none${swallows ? ', also when the task swallows that' : ''}`, async () => {
      const { task, consumer, producer, done } = run(withQueue)
      const thrown: string[] = []
      task.onPut = ([record]) => {
        if (record === undefined) return
        try {
          void report(task, record)
        } catch (error) {
          thrown.push((error as Error).message)
          if (!swallows) throw error
        }
      }
      consumer.play({ assign: [p0] }, batch([0, '1']))
      await expect(done).rejects.toMatchObject({
        message: 'Exiting WorkerSinkTask due to unrecoverable exception.',
        cause: {
          message: 'Tolerance exceeded in error handler',
          cause: {
            message: expect.stringContaining("{topic='in', partition=0, offset=0,") as string,
            cause: { message: 'refused' },
          },
        },
      })
      expect(thrown).toEqual(['Tolerance exceeded in error handler'])
      expect((await producer()).sent).toHaveLength(1)
      expect(consumer.committed).toEqual([])
    })
  }

  test('fails the task at the next commit when the report is lost', async () => {
    const { task, consumer, producer, done } = run({ ...tolerant, ...withQueue })
    const lost: string[] = []
    task.onPut = ([record]) => {
      if (record !== undefined) report(task, record).catch((error: Error) => lost.push(error.message))
    }
    consumer.play({ assign: [p0] }, batch([0, '1']))
    const made = await producer()
    await until(() => made.sent.length === 1)
    made.fail(new KafkaError('too large'))
    await until(() => lost.length === 1)
    task.context.requestCommit()
    await expect(done).rejects.toMatchObject({
      message: 'A record that the task reported could not be written as a dead letter.',
      cause: { message: 'too large' },
    })
    expect(lost).toEqual(['too large'])
    expect(consumer.committed).toEqual([])
    expect(task.closed).toBe(1)
  })

  test('leaves partitions that are lost alone', async () => {
    const { task, consumer, producer, stop } = run({ ...tolerant, ...withQueue })
    task.onPut = ([record]) => {
      if (record !== undefined) void report(task, record).catch(() => {})
    }
    consumer.play({ assign: [p0, p1] }, batch([0, '1']), { lose: [p0] })
    const made = await producer()
    await until(() => task.closed === 1)
    made.fail(new KafkaError('too large'))
    consumer.play(batch([3, '3', 1]))
    await until(() => made.sent.length === 2)
    made.acknowledge()
    await stop()
    expect(consumer.committed).toEqual([[{ ...p1, offset: 4 }]])
  })

  test('also writes to the log', async () => {
    const options = { ...tolerant, 'errors.log.enable': true, 'errors.log.include.messages': true }
    const { task, consumer, lines, stop } = run(options)
    task.onPut = async ([record]) => {
      if (record !== undefined) await report(task, record)
    }
    consumer.play({ assign: [p0] }, batch([4, '1']))
    await until(() => lines.some((line) => line.includes('TASK_PUT')))
    await stop()
    expect(lines.join('')).toContain(
      "Executing stage 'TASK_PUT' with class 'org.apache.kafka.connect.sink.SinkTask', where consumed record is " +
        "{topic='in', partition=0, offset=4,",
    )
  })
})

test('a record of a sink does not show its bytes to whoever prints it', async () => {
  const { task, consumer, stop, producer } = run({ ...tolerant, ...withQueue })
  const seen: string[] = []
  task.onPut = (records) => void seen.push(...records.map((record) => JSON.stringify(record)))
  const secret: ConsumerRecord = consumed({ ...p0, offset: 0, key: null, value: Buffer.from('1') })
  consumer.play({ assign: [p0] }, { records: [secret] })
  await until(() => seen.length > 0)
  expect(seen[0]).not.toContain('Buffer')
  await producer()
  await stop()
})
