import { describe, expect, onTestFinished, test } from 'vitest'
import { jsonConverter } from '../../../src/converters/json.ts'
import { stringConverter } from '../../../src/converters/string.ts'
import {
  type ConnectRecord,
  type Converter,
  DataError,
  Headers,
  KafkaError,
  type OffsetMap,
  RetriableError,
  Schema,
  SourceRecord,
  type SourceTask,
} from '../../../src/index.ts'
import { sourceErrors } from '../../../src/runtime/errors/task-errors.ts'
import { AtLeastOnceDelivery } from '../../../src/runtime/at-least-once-delivery.ts'
import { RunState } from '../../../src/runtime/run-state.ts'
import { SourcePipeline } from '../../../src/runtime/source-pipeline.ts'
import { SourceTaskRunner } from '../../../src/runtime/source-task-runner.ts'
import { TaskReport } from '../../../src/runtime/task-report.ts'
import { TransformationChain } from '../../../src/runtime/transformation-chain.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'
import { type ErrorOptions, fakeTaskErrors, headerTexts } from '../../support/fake-errors.ts'
import { FakeProducer } from '../../support/fake-producer.ts'
import { until } from '../../support/until.ts'

const partition = { file: 'a' }
const json = jsonConverter.create(jsonConverter.config.parse({ 'schemas.enable': 'false' }), 'value')
const text = stringConverter.create({ 'converter.encoding': 'UTF-8' }, 'value')

function record(n: number, value: unknown = `v${n}`): SourceRecord {
  return new SourceRecord({
    topic: 't',
    key: { schema: Schema.STRING, value: `k${n}` },
    value: { schema: typeof value === 'string' ? Schema.STRING : null, value },
    headers: Headers.of([{ key: 'h', schema: Schema.STRING, value: `h${n}` }]),
    timestamp: 1000 + n,
    sourcePartition: partition,
    sourceOffset: { n },
  })
}

/** Fails so many times for each value, and then does what `inner` does. */
function failing(
  times: number,
  inner: Converter = text,
  error = () => new RetriableError('busy'),
): Converter {
  const failures = new Map<unknown, number>()
  return {
    fromConnectData(topic, data) {
      const before = failures.get(data.value) ?? 0
      failures.set(data.value, before + 1)
      if (before < times) throw error()
      return inner.fromConnectData(topic, data)
    },
    toConnectData: (topic, bytes) => inner.toConnectData(topic, bytes),
  }
}

/** A transform that fails so many times for each record, and for ever for those in `bad`. */
function transforming(times: number, bad: readonly string[] = []) {
  const failures = new Map<unknown, number>()
  return {
    apply<R extends ConnectRecord>(given: R): R {
      const value = given.value.value
      if (bad.includes(String(value))) throw new DataError(`bad ${String(value)}`)
      const before = failures.get(value) ?? 0
      failures.set(value, before + 1)
      if (before < times) throw new RetriableError('not yet')
      return given.with({ topic: 'transformed' })
    },
  }
}

function run(
  records: readonly SourceRecord[],
  options: ErrorOptions,
  {
    transform = null,
    value = text,
    header = text,
  }: { transform?: ReturnType<typeof transforming> | null; value?: Converter; header?: Converter } = {},
) {
  const batches = [records]
  const committed: [unknown, number | null][] = []
  const offsets = new Map<OffsetMap | null, OffsetMap | null>()
  const state = new RunState(false)
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  const converters = {
    key: { className: 'io.acme.Key', converter: text },
    value: { className: 'io.acme.Value', converter: value },
    header: { className: 'io.acme.Header', converter: header },
  }
  const task: SourceTask = {
    async poll(stopping) {
      const batch = batches.shift()
      if (batch !== undefined) return batch
      if (!stopping.aborted) await new Promise((resolve) => stopping.addEventListener('abort', resolve))
      return null
    },
    commitRecord: (source, metadata) =>
      void committed.push([source.sourceOffset?.['n'], metadata?.offset ?? null]),
  }
  const { deps, admin, counts, dead } = fakeTaskErrors(options, {
    converters,
    cancelled: state.cancelled,
    log,
  })
  const operator = sourceErrors(deps, async () => json)
  const stage = { className: 'io.acme.T', predicate: null, negate: false }
  const chain = new TransformationChain(transform === null ? [] : [{ ...stage, transform }])
  const main = { producer: null as FakeProducer | null }
  const done = new SourceTaskRunner({
    id: deps.id,
    log,
    state,
    onStatus: () => {},
    startTask: async () => task,
    openDelivery: (failed) =>
      new AtLeastOnceDelivery({
        id: deps.id,
        log,
        state,
        activeTopics: null,
        report: new TaskReport(),
        openProducer: (listener) => (main.producer = new FakeProducer(listener)),
        operator,
        offsets: {
          put: (changes) => changes.forEach((to, from) => offsets.set(from, to)),
          flush: async () => {},
        },
        flushIntervalMs: 60_000,
        flushTimeoutMs: 50,
        failed,
      }),
    pipeline: new SourcePipeline(chain, converters, operator),
    operator,
    topicCreator: null,
  }).run()
  done.catch(() => {})
  onTestFinished(() => state.cancel())
  const sent = (count: number) =>
    until(() => (main.producer !== null && main.producer.sent.length >= count ? main.producer : null))
  const letters = (count: number) =>
    until(() => (dead.producer !== null && dead.producer.sent.length >= count ? dead.producer : null))
  const stop = async () => {
    state.stop()
    await done
  }
  return { done, stop, state, sent, letters, admin, counts, committed, offsets, lines }
}

const quick = { 'errors.retry.timeout': 5000, 'errors.retry.delay.max.ms': 1 }
const tolerant = { 'errors.tolerance': 'all' }
const withQueue = {
  'errors.deadletterqueue.topic.name': 'dead',
  'errors.deadletterqueue.topic.replication.factor': 1,
}
const withContext = { ...withQueue, 'errors.deadletterqueue.context.headers.enable': true }

describe('a source task tries again', () => {
  test('a transform that fails twice for each record', async () => {
    const { sent, counts, stop } = run([record(1), record(2)], quick, { transform: transforming(2) })
    const producer = await sent(2)
    expect(producer.sent.map(({ topic, value }) => `${topic} ${value?.toString()}`)).toEqual([
      'transformed v1',
      'transformed v2',
    ])
    expect(counts).toMatchObject({ failures: 4, retries: 4, errors: 0, skipped: 0 })
    producer.acknowledge()
    await stop()
  })

  test('a transform and a converter that fail twice each', async () => {
    const { sent, counts, stop } = run([record(1), record(2)], quick, {
      transform: transforming(2),
      value: failing(2),
    })
    const producer = await sent(2)
    expect(counts).toMatchObject({ failures: 8, errors: 0, skipped: 0 })
    producer.acknowledge()
    await stop()
  })

  test('a converter of headers that promises and then fails', async () => {
    const slow = failing(1)
    const header: Converter = {
      ...slow,
      fromConnectData: async (topic, data) => slow.fromConnectData(topic, data),
    }
    const { sent, counts, stop } = run([record(1)], quick, { header })
    const producer = await sent(1)
    expect(headerTexts(producer.sent[0]!.headers)).toEqual([['h', 'h1']])
    expect(producer.sent[0]!.value?.toString()).toBe('v1')
    expect(counts).toMatchObject({ failures: 1, retries: 1, errors: 0 })
    producer.acknowledge()
    await stop()
  })

  test('nothing by default: the task fails, and no offset passes the record', async () => {
    const { done, sent, offsets } = run([record(1), record(2)], {}, { value: failing(1) })
    await expect(done).rejects.toMatchObject({
      message: 'Tolerance exceeded in error handler',
      cause: {
        message: expect.stringMatching(/ failed, where source record is at \{.*=1\} of \{.*\}\.$/) as string,
        cause: { message: 'busy' },
      },
    })
    expect((await sent(0)).sent).toEqual([])
    expect(offsets.size).toBe(0)
  })
})

describe('a source task without dead letters', () => {
  test('skips and logs the record that was polled', async () => {
    const options = { ...tolerant, 'errors.log.enable': true, 'errors.log.include.messages': true }
    const { sent, lines, committed, offsets, counts, admin, stop } = run([record(1), record(2)], options, {
      transform: transforming(0, ['v1']),
    })
    ;(await sent(1)).acknowledge()
    await stop()
    expect(committed).toEqual([
      [1, null],
      [2, 0],
    ])
    expect([...offsets]).toEqual([[partition, { n: 2 }]])
    expect(counts).toMatchObject({ skipped: 1, logged: 1, deadLetterRequests: 0 })
    expect(admin.described).toEqual([])
    const line = lines.find((each) => each.includes('Error encountered'))
    expect(line).toContain(
      "Executing stage 'TRANSFORMATION' with class 'io.acme.T', where source record is = SourceRecord{",
    )
    expect(line).toContain("topic='t'")
    expect(line).toContain('v1')
  })
})

describe('dead letters of a source task', () => {
  test('are the record as it was polled, and say where it was read', async () => {
    const { letters, sent, admin, stop } = run(
      [record(1), record(2)],
      { ...tolerant, ...withContext },
      { transform: transforming(0, ['v1']) },
    )
    const dead = await letters(1)
    expect(admin.created).toEqual([{ name: 'dead', partitions: 1, replicationFactor: 1, configs: {} }])
    const letter = dead.sent[0]!
    expect([letter.topic, letter.partition, letter.timestamp]).toEqual(['dead', null, 1001])
    expect([letter.key?.toString(), letter.value?.toString()]).toEqual(['k1', 'v1'])
    const headers = headerTexts(letter.headers)
    expect(headers.slice(0, -1)).toEqual([
      ['h', 'h1'],
      ['__connect.errors.topic', 't'],
      ['__connect.errors.source.partition', '{"file":"a"}'],
      ['__connect.errors.source.offset', '{"n":1}'],
      ['__connect.errors.connector.name', 'c'],
      ['__connect.errors.task.id', '0'],
      ['__connect.errors.stage', 'TRANSFORMATION'],
      ['__connect.errors.class.name', 'io.acme.T'],
      ['__connect.errors.exception.class.name', 'org.apache.kafka.connect.errors.DataException'],
      ['__connect.errors.exception.message', 'bad v1'],
    ])
    expect(headers.at(-1)![1]).toMatch(/^org\.apache\.kafka\.connect\.errors\.DataException: bad v1\n\tat /)
    dead.acknowledge()
    ;(await sent(1)).acknowledge()
    await stop()
  })

  test('hold up the offset until they are written, and the task hears of it only then', async () => {
    const { letters, sent, committed, offsets, stop } = run(
      [record(1), record(2)],
      { ...tolerant, ...withQueue },
      { transform: transforming(0, ['v1']) },
    )
    ;(await sent(1)).acknowledge()
    expect(offsets.size).toBe(0)
    expect(committed).toEqual([[2, 0]])
    ;(await letters(1)).acknowledge()
    await until(() => committed.length === 2)
    expect([...offsets]).toEqual([[partition, { n: 2 }]])
    expect(committed[1]).toEqual([1, null])
    await stop()
  })

  test('move the offset on where nothing follows them', async () => {
    const { letters, offsets, stop } = run(
      [record(1)],
      { ...tolerant, ...withQueue },
      { transform: transforming(0, ['v1']) },
    )
    ;(await letters(1)).acknowledge()
    await stop()
    expect([...offsets]).toEqual([[partition, { n: 1 }]])
  })

  for (const { what, value, written } of [
    { what: 'JSON where the converter fails', value: { a: [1, null] }, written: '{"a":[1,null]}' },
    { what: 'text where even JSON fails', value: new Date(0), written: String(new Date(0)) },
  ]) {
    test(`are ${what}`, async () => {
      const never = failing(Infinity, text, () => new DataError('cannot write'))
      const { letters, counts, stop } = run(
        [record(1, value)],
        { ...tolerant, ...withQueue },
        { value: never },
      )
      const dead = await letters(1)
      const letter = dead.sent[0]!
      expect([letter.key?.toString(), letter.value?.toString()]).toEqual(['k1', written])
      expect(headerTexts(letter.headers)).toEqual([['h', 'h1']])
      dead.acknowledge()
      await stop()
      expect(counts).toMatchObject({ skipped: 1, deadLetterRequests: 1, deadLetterFailures: 0 })
    })
  }

  test('keep their order, also when a converter takes its time over the first', async () => {
    const slow: Converter = {
      ...text,
      async fromConnectData(topic, data) {
        if (topic !== 'dead') throw new DataError('cannot write')
        if (data.value === 'v1') await new Promise((resolve) => setTimeout(resolve, 20))
        return text.fromConnectData(topic, data)
      },
      toConnectData: (topic, bytes) => text.toConnectData(topic, bytes),
    }
    const { letters, stop } = run([record(1), record(2)], { ...tolerant, ...withQueue }, { value: slow })
    const dead = await letters(2)
    expect(dead.sent.map(({ value }) => value?.toString())).toEqual(['v1', 'v2'])
    dead.acknowledge()
    await stop()
  })

  test('are written before the task fails with tolerance none, and the record is read again', async () => {
    const { done, letters, offsets } = run([record(1), record(2)], withQueue, {
      transform: transforming(0, ['v1']),
    })
    await expect(done).rejects.toThrow('Tolerance exceeded in error handler')
    const dead = await letters(1)
    expect(dead.isClosed).toBe(true)
    expect(offsets.size).toBe(0)
  })

  test('that Kafka refuses fail the task, and the record is read again', async () => {
    const { done, letters, offsets, counts } = run(
      [record(1)],
      { ...tolerant, ...withQueue },
      { transform: transforming(0, ['v1']) },
    )
    ;(await letters(1)).fail(new KafkaError('too large'))
    await expect(done).rejects.toMatchObject({
      message:
        'The record of {"file":"a"} at {"n":1} failed, and its dead letter could not be written. It will be read again.',
      cause: { message: 'too large' },
    })
    expect(offsets.size).toBe(0)
    expect(counts.deadLetterFailures).toBe(1)
  })

  test('are also made of what the producer gave up', async () => {
    const { letters, sent, committed, offsets, counts, stop } = run([record(1)], {
      ...tolerant,
      ...withContext,
    })
    ;(await sent(1)).fail(new KafkaError('unknown topic'))
    const dead = await letters(1)
    const headers = new Map(headerTexts(dead.sent[0]!.headers))
    expect(headers.get('__connect.errors.stage')).toBe('KAFKA_PRODUCE')
    expect(headers.get('__connect.errors.class.name')).toBe(
      'org.apache.kafka.connect.runtime.WorkerSourceTask',
    )
    expect([committed, offsets.size]).toEqual([[], 0])
    dead.acknowledge()
    await until(() => committed.length === 1)
    expect(committed).toEqual([[1, null]])
    expect([...offsets]).toEqual([[partition, { n: 1 }]])
    expect(counts).toMatchObject({ failures: 1, errors: 0, skipped: 0 })
    await stop()
  })
})
