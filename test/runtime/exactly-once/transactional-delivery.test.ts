import { describe, expect, onTestFinished, test } from 'vitest'
import { stringConverter } from '../../../src/converters/string.ts'
import {
  ConnectError,
  KafkaError,
  Schema,
  SourceRecord,
  type SourceTask,
  type TextRun,
  type Transform,
} from '../../../src/index.ts'
import { sourceErrors } from '../../../src/runtime/errors/task-errors.ts'
import {
  ConnectorBoundary,
  intervalBoundary,
  pollBoundary,
  type TransactionBoundary,
} from '../../../src/runtime/exactly-once/transaction-boundary.ts'
import { TransactionalDelivery } from '../../../src/runtime/exactly-once/transactional-delivery.ts'
import { OffsetNamespace } from '../../../src/runtime/offsets/offset-namespace.ts'
import { RunState } from '../../../src/runtime/run-state.ts'
import { SourcePipeline } from '../../../src/runtime/source-pipeline.ts'
import { SourceTaskRunner } from '../../../src/runtime/source-task-runner.ts'
import { TaskReport } from '../../../src/runtime/task-report.ts'
import { TransformationChain } from '../../../src/runtime/transformation-chain.ts'
import { silentLogger } from '../../../src/util/logger.ts'
import { fakeTaskErrors } from '../../support/fake-errors.ts'
import { MemoryKafka, type MemoryProducer } from '../../support/memory-kafka.ts'
import { textRun } from '../../support/text-run.ts'
import { until } from '../../support/until.ts'

const id = { connector: 'c', task: 0 }

function record(n: number, topic = 't', p = 1): SourceRecord {
  const value = { schema: Schema.STRING, value: `v${n}` }
  return new SourceRecord({ topic, value, sourcePartition: { p }, sourceOffset: { n } })
}

/** Runs a task whose polls give these batches, one after the other. */
function run(
  polls: readonly (readonly SourceRecord[] | TextRun | (() => readonly SourceRecord[]))[],
  {
    boundary = pollBoundary,
    drop = () => false,
    tolerance = 'none',
    prepare = async () => {},
    hears = true,
  }: {
    boundary?: TransactionBoundary
    drop?: (record: SourceRecord) => boolean | Error
    tolerance?: 'none' | 'all'
    prepare?: () => Promise<void>
    /** Whether the task asks what becomes of its records. */
    hears?: boolean
  } = {},
) {
  const kafka = new MemoryKafka()
  const state = new RunState(false)
  const batches = [...polls]
  const heard: [unknown, number | null][] = []
  const file = new Map<string, string | null>()
  let commits = 0
  const task: SourceTask = {
    async poll(stopping) {
      const batch = batches.shift()
      if (batch !== undefined) return typeof batch === 'function' ? batch() : batch
      if (!stopping.aborted) await new Promise((resolve) => stopping.addEventListener('abort', resolve))
      return null
    },
    commit: () => void commits++,
    ...(hears && {
      commitRecord: ({ sourceOffset }, metadata) =>
        void heard.push([sourceOffset?.['n'], metadata?.offset ?? null]),
    }),
  }
  const converter = stringConverter.create({ 'converter.encoding': 'UTF-8' }, 'value')
  const named = { className: stringConverter.name, converter }
  const converters = { key: named, value: named, header: named }
  const errors = fakeTaskErrors(
    {
      'errors.tolerance': tolerance,
      ...(tolerance === 'all' && { 'errors.deadletterqueue.topic.name': 'dead' }),
    },
    { converters, cancelled: state.cancelled },
  )
  const operator = sourceErrors(errors.deps, async () => converter)
  const transform: Transform = {
    isUniform: true,
    apply(given) {
      const verdict = drop(given as unknown as SourceRecord)
      if (verdict instanceof Error) throw verdict
      return verdict ? null : given
    },
  }
  const report = new TaskReport()
  let producer: MemoryProducer | null = null
  const done = new SourceTaskRunner({
    id,
    log: silentLogger,
    state,
    onStatus: () => {},
    startTask: async () => task,
    openDelivery: (failed) =>
      new TransactionalDelivery({
        id,
        log: silentLogger,
        state,
        openProducer: (listener) => (producer = kafka.producer({}, listener)),
        offsets: {
          topic: 'offsets',
          prepare,
          change: (partition, offset) => new OffsetNamespace(file, 'c').change(partition, offset),
          committed: (changes) => changes.forEach(([key, value]) => file.set(key, value)),
        },
        boundary,
        activeTopics: null,
        report,
        failed,
      }),
    pipeline: new SourcePipeline(
      new TransformationChain([{ className: 'T', predicate: null, negate: false, transform }]),
      converters,
      operator,
    ),
    operator,
    topicCreator: null,
  }).run()
  done.catch(() => {})
  onTestFinished(() => state.cancel())
  const values = (topic = 't') => (kafka.topics.get(topic) ?? []).map(([, value]) => value)
  const committed = (count: number) => until(() => values('offsets').length >= count)
  const stop = async () => {
    state.stop()
    await done
  }
  const letters = (count: number) =>
    until(
      () =>
        errors.dead.producer !== null && errors.dead.producer.sent.length >= count && errors.dead.producer,
    )
  return {
    kafka,
    state,
    done,
    stop,
    values,
    committed,
    heard,
    file,
    report,
    letters,
    commits: () => commits,
    producer: () => producer!,
  }
}

describe('a source task in transactions', () => {
  test('commits the records of a poll with the newest offset of each source partition', async () => {
    const { committed, stop, kafka, heard, file, commits, producer, report, values } = run([
      [record(1), record(2), record(3, 't', 2)],
      [record(4)],
    ])
    await committed(3)
    await stop()
    expect(values()).toEqual(['v1', 'v2', 'v3', 'v4'])
    expect(kafka.topics.get('offsets')).toEqual([
      ['["c",{"p":1}]', '{"n":2}'],
      ['["c",{"p":2}]', '{"n":3}'],
      ['["c",{"p":1}]', '{"n":4}'],
    ])
    expect(producer().calls).toEqual(['init', 'begin', 'commit', 'begin', 'commit', 'close'])
    expect(heard).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
    ])
    expect([...file]).toEqual([
      ['["c",{"p":1}]', '{"n":4}'],
      ['["c",{"p":2}]', '{"n":3}'],
    ])
    expect(commits()).toBe(3)
    expect(report.position()).toBe('{"p":1} at {"n":4}')
  })

  test('commits a run of texts with the offset behind its last one', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `v${i + 1}`)
    const polls = [textRun(texts), [record(21)]]
    const { committed, stop, kafka, producer, values } = run(polls, { hears: false })
    await committed(2)
    await stop()
    expect(values()).toEqual([...texts, 'v21'])
    expect(kafka.topics.get('offsets')).toEqual([
      ['["c",{"p":1}]', '{"n":20}'],
      ['["c",{"p":1}]', '{"n":21}'],
    ])
    expect(producer().calls).toEqual(['init', 'begin', 'commit', 'begin', 'commit', 'close'])
  })

  test('reads no record before topic and file are brought together', async () => {
    let isPrepared = false
    let wasPrepared: boolean | null = null
    const poll = () => {
      wasPrepared = isPrepared
      return [record(1)]
    }
    const prepare = async () => {
      await new Promise(setImmediate)
      isPrepared = true
    }
    const { committed, stop } = run([poll], { prepare })
    await committed(1)
    await stop()
    expect(wasPrepared).toBe(true)
  })

  test('drops records that are filtered out, and hears of them', async () => {
    const { committed, stop, kafka, heard } = run([[record(1), record(2), record(3)]], {
      drop: ({ sourceOffset }) => sourceOffset?.['n'] !== 2,
    })
    await committed(1)
    await stop()
    expect(kafka.topics.get('offsets')).toEqual([['["c",{"p":1}]', '{"n":2}']])
    expect(heard).toEqual([
      [1, null],
      [2, 0],
      [3, null],
    ])
  })

  test('by interval: commits a source that has gone quiet, and at its stop', async () => {
    const { committed, stop, producer, values } = run([[record(1)], [record(2)]], {
      boundary: intervalBoundary(20),
    })
    await committed(1)
    expect(values()).toEqual(['v1', 'v2'])
    expect(producer().calls).toEqual(['init', 'begin', 'commit'])
    await stop()
    const late = run([[record(1)]], { boundary: intervalBoundary(60_000) })
    await until(() => late.kafka.producers[0]?.calls.includes('begin'))
    await late.stop()
    expect(late.values()).toEqual(['v1'])
  })

  test('by the connector: commits and aborts where it says; what is aborted is passed over', async () => {
    const boundary = new ConnectorBoundary()
    const [first, second, third, fourth] = [record(1), record(2), record(3), record(4)]
    const { committed, stop, producer, values, kafka, heard } = run(
      [
        () => {
          boundary.commitTransaction(first)
          boundary.abortTransaction(third)
          return [first, second, third, fourth]
        },
        [record(5)],
      ],
      { boundary },
    )
    await committed(2)
    expect(values()).toEqual(['v1'])
    expect(kafka.topics.get('offsets')!.map(([, value]) => value)).toEqual(['{"n":1}', '{"n":3}'])
    await until(() => producer().calls.filter((call) => call === 'begin').length === 4)
    await stop()
    expect(producer().calls.slice(0, 7)).toEqual([
      'init',
      'begin',
      'commit',
      'begin',
      'abort',
      'begin',
      'commit',
    ])
    // The fourth and fifth record are of a transaction that the task never ended.
    expect(values()).toEqual(['v1'])
    expect(heard.map(([n]) => n)).toEqual([1, 2, 3])
  })

  test('fails as a whole when a commit fails; nothing of it counts', async () => {
    const { done, state, producer, file } = run([
      () => {
        producer().failure = new KafkaError('No.', { code: 'TOPIC_AUTHORIZATION_FAILED' })
        return [record(1)]
      },
    ])
    await expect(done).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' })
    expect(file.size).toBe(0)
    expect(state.isStopping).toBe(false)
  })

  test('starts again by itself after its producer was replaced or its transaction took too long', async () => {
    const { done, producer } = run([
      () => {
        producer().failure = new KafkaError('Fenced.', { code: 'PRODUCER_FENCED' })
        return [record(1)]
      },
    ])
    await expect(done).rejects.toMatchObject({ name: 'RetriableError' })
  })

  test('says what to do where the broker has no transactions', async () => {
    const prepare = async () => {
      throw new KafkaError('What?', { code: 'UNSUPPORTED_VERSION' })
    }
    await expect(run([], { prepare }).done).rejects.toThrow(/The broker has no transactions.*"disabled"/)
  })

  test('cannot write to the topic of its offsets', async () => {
    const { done } = run([[record(1, 'offsets')]])
    await expect(done).rejects.toThrow(ConnectError)
  })

  test('refuses offsets that cannot be stored, before anything is committed', async () => {
    const bad = new SourceRecord({
      topic: 't',
      value: { schema: Schema.STRING, value: 'v' },
      sourcePartition: { p: 1 },
      sourceOffset: { n: { deep: 1 } },
    })
    const { done, values } = run([[bad]])
    await expect(done).rejects.toThrow(/Offsets may only contain primitive types/)
    expect(values()).toEqual([])
  })

  test('commits behind a dead letter when that is there', async () => {
    const { letters, committed, stop, values, kafka } = run([[record(1), record(2)]], {
      tolerance: 'all',
      drop: ({ sourceOffset }) => (sourceOffset?.['n'] === 2 ? new Error('poison') : false),
    })
    const dead = await letters(1)
    await new Promise(setImmediate)
    expect(values('offsets')).toEqual([])
    dead.acknowledge()
    await committed(1)
    await stop()
    expect(values()).toEqual(['v1'])
    expect(kafka.topics.get('offsets')).toEqual([['["c",{"p":1}]', '{"n":2}']])
  })

  test('commits nothing behind a dead letter that is lost', async () => {
    const { letters, done, values } = run([[record(1), record(2)]], {
      tolerance: 'all',
      drop: ({ sourceOffset }) => (sourceOffset?.['n'] === 2 ? new Error('poison') : false),
    })
    const dead = await letters(1)
    dead.fail(new KafkaError('No.'))
    await expect(done).rejects.toThrow(/its dead letter could not be written/)
    expect(values('offsets')).toEqual([])
  })

  test('a stop before the broker answers does not wait for it', async () => {
    const { state, producer } = run([], { prepare: () => new Promise(() => {}) })
    await until(() => producer() !== null)
    state.stop()
    // The real producer ends what waits for it when it is closed.
    await until(() => producer().calls.includes('close'))
  })
})
