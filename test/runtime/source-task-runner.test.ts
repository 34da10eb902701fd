import { describe, expect, test } from 'vitest'
import { stringConverter } from '../../src/converters/string.ts'
import {
  KafkaError,
  RetriableError,
  Schema,
  SourceRecord,
  type OffsetMap,
  type SourceTask,
} from '../../src/index.ts'
import { AtLeastOnceDelivery } from '../../src/runtime/at-least-once-delivery.ts'
import { RunState } from '../../src/runtime/run-state.ts'
import { SourcePipeline } from '../../src/runtime/source-pipeline.ts'
import { SourceTaskRunner } from '../../src/runtime/source-task-runner.ts'
import type { State } from '../../src/runtime/status.ts'
import { TaskReport } from '../../src/runtime/task-report.ts'
import { sourceErrors } from '../../src/runtime/errors/task-errors.ts'
import { TransformationChain } from '../../src/runtime/transformation-chain.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { fakeTaskErrors } from '../support/fake-errors.ts'
import { FakeProducer } from '../support/fake-producer.ts'
import { textRun } from '../support/text-run.ts'
import { until } from '../support/until.ts'

const id = { connector: 'c', task: 0 }
const partition = { p: 1 }

function record(n: number, extra: { timestamp?: number | null } = {}): SourceRecord {
  const value = { schema: Schema.STRING, value: `v${n}` }
  return new SourceRecord({ topic: 't', value, sourcePartition: partition, sourceOffset: { n }, ...extra })
}

/** A task that polls these batches one after the other and then has nothing more. */
class BatchTask implements SourceTask {
  readonly #batches: (readonly SourceRecord[] | null | Error)[]
  commits = 0
  readonly committed: [unknown, number | null][] = []
  isStopped = false

  constructor(...batches: (readonly SourceRecord[] | null | Error)[]) {
    this.#batches = batches
  }

  async poll(stopping: AbortSignal): Promise<readonly SourceRecord[] | null> {
    const batch = this.#batches.shift()
    if (batch instanceof Error) throw batch
    if (batch !== undefined) return batch
    if (!stopping.aborted)
      await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }))
    return null
  }

  commit(): void {
    this.commits++
  }

  commitRecord(source: SourceRecord, metadata: { offset: number } | null): void {
    this.committed.push([source.sourceOffset?.['n'], metadata?.offset ?? null])
  }

  stop(): void {
    this.isStopped = true
  }
}

/** A task that has these texts, and does not ask what becomes of them. */
function textTask(...texts: string[]): SourceTask {
  const runs = [textRun(texts)]
  return {
    async poll(stopping) {
      const found = runs.shift()
      if (found !== undefined) return found
      if (!stopping.aborted)
        await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }))
      return null
    },
  }
}

function run(
  task: SourceTask,
  {
    isPaused = false,
    tolerance = 'none',
    flushIntervalMs = 60_000,
    chain = new TransformationChain([]),
    hasRoom = true,
  }: {
    isPaused?: boolean
    tolerance?: 'none' | 'all'
    flushIntervalMs?: number
    chain?: TransformationChain
    hasRoom?: boolean
  } = {},
) {
  const states: State[] = []
  const offsets = new Map<OffsetMap | null, OffsetMap | null>()
  const activeTopics = new Set<string>()
  const report = new TaskReport()
  const state = new RunState(isPaused)
  const converter = stringConverter.create({ 'converter.encoding': 'UTF-8' }, 'value')
  const named = { className: stringConverter.name, converter }
  const converters = { key: named, value: named, header: named }
  const errors = fakeTaskErrors({ 'errors.tolerance': tolerance }, { converters, cancelled: state.cancelled })
  const operator = sourceErrors(errors.deps, async () => converter)
  let producer: FakeProducer | null = null
  const runner = new SourceTaskRunner({
    id,
    log: silentLogger,
    state,
    onStatus: (next) => states.push(next),
    startTask: async () => task,
    openDelivery: (failed) =>
      new AtLeastOnceDelivery({
        id,
        log: silentLogger,
        state,
        activeTopics,
        report,
        openProducer: (listener) => (producer = new FakeProducer(listener, hasRoom)),
        operator,
        offsets: {
          put(changes) {
            for (const [from, to] of changes) offsets.set(from, to)
          },
          flush: async () => {},
        },
        flushIntervalMs,
        flushTimeoutMs: 50,
        failed,
      }),
    pipeline: new SourcePipeline(chain, converters, operator),
    operator,
    topicCreator: null,
  })
  const done = runner.run()
  done.catch(() => {})
  const sent = (count: number) => until(() => producer !== null && producer.sent.length >= count && producer)
  return {
    activeTopics,
    report,
    done,
    state,
    states,
    offsets,
    counts: errors.counts,
    sent,
    producer: () => producer,
  }
}

describe('a source task', () => {
  test('sends in order, stores offsets as they are acknowledged and commits at its stop', async () => {
    const task = new BatchTask([record(1), record(2)], [], null, [record(3)])
    const { done, state, states, offsets, sent } = run(task)
    const producer = await sent(3)
    expect(producer.sent.map(({ value }) => value?.toString())).toEqual(['v1', 'v2', 'v3'])
    producer.acknowledge(2)
    expect([...offsets]).toEqual([[partition, { n: 2 }]])
    producer.acknowledge()
    state.stop()
    await done
    expect([...offsets]).toEqual([[partition, { n: 3 }]])
    expect(task.committed).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
    expect(states).toEqual(['RUNNING'])
    expect(task).toMatchObject({ commits: 1, isStopped: true })
    expect(producer.isClosed).toBe(true)
  })

  for (const heard of [false, true]) {
    test(`sends a run of texts and stores offsets up to what is acknowledged${heard ? ', with a task that listens' : ''}`, async () => {
      const texts = Array.from({ length: 21 }, (_, i) => `v${i + 1}`)
      const task = textTask(...texts)
      const committed: unknown[] = []
      if (heard) task.commitRecord = ({ sourceOffset }) => void committed.push(sourceOffset?.['n'])
      const { done, state, offsets, sent } = run(task)
      const producer = await sent(21)
      expect(producer.sent.map(({ value }) => value?.toString())).toEqual(texts)
      producer.acknowledge(1)
      // Texts that were sent together count together.
      expect([...offsets.values()]).toEqual(heard ? [{ n: 1 }] : [])
      producer.acknowledge(1)
      expect([...offsets.values()]).toEqual([{ n: 2 }])
      producer.acknowledge()
      expect([...offsets]).toEqual([[partition, { n: 21 }]])
      state.stop()
      await done
      expect(committed).toEqual(heard ? texts.map((_, i) => i + 1) : [])
    })
  }

  test('waits within a run of texts while the producer has no room', async () => {
    const texts = Array.from({ length: 16 }, (_, i) => `v${i}`)
    const { done, state, sent, producer } = run(textTask(...texts), { hasRoom: false })
    await sent(2)
    await new Promise((resolve) => setImmediate(resolve))
    expect(producer()!.sent).toHaveLength(2)
    producer()!.makeRoom()
    ;(await sent(16)).acknowledge()
    state.stop()
    await done
  })

  test('skips single texts of a run that the producer gives up when errors are tolerated', async () => {
    const { done, state, sent, offsets, counts } = run(textTask('v1', 'v2'), { tolerance: 'all' })
    ;(await sent(2)).fail(new KafkaError('too large'))
    expect([...offsets]).toEqual([[partition, { n: 2 }]])
    expect(counts).toMatchObject({ failures: 2 })
    state.stop()
    await done
  })

  test('calls commit at every interval', async () => {
    const task = new BatchTask()
    const { done, state } = run(task, { flushIntervalMs: 5 })
    await until(() => task.commits >= 3)
    state.stop()
    await done
  })

  test('waits while the producer has no room', async () => {
    const { done, state, sent, producer } = run(new BatchTask([record(1), record(2)], [record(3)]), {
      hasRoom: false,
    })
    await sent(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(producer()!.sent).toHaveLength(1)
    producer()!.makeRoom()
    ;(await sent(3)).acknowledge()
    state.stop()
    await done
  })

  test('does nothing while paused from the start, and goes on when resumed', async () => {
    const { done, state, states, sent, producer } = run(new BatchTask([record(1)]), { isPaused: true })
    await until(() => states.length === 1)
    expect(producer()).toBeNull()
    state.setPaused(false)
    ;(await sent(1)).acknowledge()
    state.stop()
    await done
    expect(states).toEqual(['PAUSED', 'RUNNING'])
  })

  test('never starts when it is stopped while paused', async () => {
    const task = new BatchTask([record(1)])
    const { done, state, producer } = run(task, { isPaused: true })
    state.stop()
    await done
    expect(producer()).toBeNull()
  })

  test('tries again after a retriable failure of poll', async () => {
    const { done, state, sent } = run(new BatchTask(new RetriableError('busy'), [record(1)]))
    ;(await sent(1)).acknowledge()
    state.stop()
    await done
  })

  test('fails with what poll throws, after a last commit', async () => {
    const task = new BatchTask([record(1)], new Error('broken'))
    const { done, sent } = run(task)
    ;(await sent(1)).acknowledge()
    await expect(done).rejects.toThrow('broken')
    expect(task).toMatchObject({ commits: 1, isStopped: true })
  })

  test('fails when the producer gives up, without passing the record', async () => {
    const task = new BatchTask([record(1)])
    const { done, sent, offsets } = run(task)
    ;(await sent(1)).fail(new KafkaError('too large'))
    await expect(done).rejects.toThrow('Unrecoverable exception from producer send callback')
    expect(offsets.size).toBe(0)
  })

  test('skips what the producer gives up when errors are tolerated', async () => {
    const task = new BatchTask([record(1)], [record(2)])
    const { done, state, sent, offsets, counts } = run(task, { tolerance: 'all' })
    ;(await sent(2)).fail(new KafkaError('too large'))
    expect([...offsets]).toEqual([[partition, { n: 2 }]])
    expect(counts).toMatchObject({ failures: 2, skipped: 0 })
    expect(task.committed).toEqual([
      [1, null],
      [2, null],
    ])
    state.stop()
    await done
  })

  test('refuses a timestamp below zero and takes -1 for none', async () => {
    const { done, sent } = run(new BatchTask([record(1, { timestamp: -1 }), record(2, { timestamp: -5 })]))
    expect((await sent(1)).sent[0]!.timestamp).toBeNull()
    await expect(done).rejects.toThrow('Invalid record timestamp -5')
  })

  test('does not register what a transform drops', async () => {
    const dropsOdd = new TransformationChain([
      {
        className: 'Drop',
        predicate: null,
        negate: false,
        transform: { apply: (r) => (String(r.value.value).endsWith('1') ? null : r) },
      },
    ])
    const task = new BatchTask([record(1), record(2)])
    const { done, state, sent, offsets } = run(task, { chain: dropsOdd })
    const producer = await sent(1)
    producer.acknowledge()
    expect(producer.sent.map(({ value }) => value?.toString())).toEqual(['v2'])
    expect([...offsets]).toEqual([[partition, { n: 2 }]])
    expect(task.committed).toEqual([
      [1, null],
      [2, 0],
    ])
    state.stop()
    await done
  })

  test('waits for transforms that answer later, in order', async () => {
    const slow = new TransformationChain([
      {
        className: 'Slow',
        predicate: null,
        negate: false,
        transform: { apply: async (r) => r.with({ topic: 'slow' }) },
      },
    ])
    const { done, state, sent } = run(new BatchTask([record(1), record(2)]), { chain: slow })
    const producer = await sent(2)
    expect(producer.sent.map(({ topic, value }) => `${topic} ${value?.toString()}`)).toEqual([
      'slow v1',
      'slow v2',
    ])
    producer.acknowledge()
    state.stop()
    await done
  })

  for (const tolerance of ['none', 'all'] as const) {
    test(`with errors.tolerance=${tolerance} a failing transform ${tolerance === 'all' ? 'skips the record' : 'fails the task'}`, async () => {
      const fails = new TransformationChain([
        {
          className: 'Fails',
          predicate: { test: ({ value }) => value.value === 'v1' },
          negate: false,
          transform: {
            apply: () => {
              throw new Error('cannot')
            },
          },
        },
      ])
      const { done, state, sent, counts } = run(new BatchTask([record(1), record(2)]), {
        chain: fails,
        tolerance,
      })
      if (tolerance === 'none') {
        await expect(done).rejects.toThrow('Tolerance exceeded in error handler')
        return
      }
      ;(await sent(1)).acknowledge()
      expect(counts.skipped).toBe(1)
      state.stop()
      await done
    })
  }

  test('waits at its stop for acknowledgements, but not for ever', async () => {
    const task = new BatchTask([record(1), record(2)])
    const { done, state, sent, offsets } = run(task)
    const producer = await sent(2)
    state.stop()
    producer.acknowledge(1)
    await done
    expect([...offsets]).toEqual([[partition, { n: 1 }]])
    expect(producer.isClosed).toBe(true)
  })

  test('commits nothing after it was cancelled', async () => {
    const task = new BatchTask([record(1)])
    const { done, state, sent } = run(task)
    const producer = await sent(1)
    state.cancel()
    await done
    expect(task.commits).toBe(0)
    expect(producer.isClosed).toBe(true)
  })
})
