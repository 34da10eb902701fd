import { describe, expect, test } from 'vitest'
import { stringConverter } from '../../src/converters/string.ts'
import {
  RetriableError,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type TopicPartition,
} from '../../src/index.ts'
import type { ConsumerRecord } from '../../src/kafka/client.ts'
import { RunState } from '../../src/runtime/run-state.ts'
import { SinkPipeline } from '../../src/runtime/sink-pipeline.ts'
import { SinkTaskRunner } from '../../src/runtime/sink-task-runner.ts'
import type { State } from '../../src/runtime/status.ts'
import { TaskReport } from '../../src/runtime/task-report.ts'
import { sinkErrors } from '../../src/runtime/errors/task-errors.ts'
import { TransformationChain } from '../../src/runtime/transformation-chain.ts'
import type { BackoffSettings } from '../../src/util/backoff.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { FakeConsumer } from '../support/fake-consumer.ts'
import { fakeTaskErrors } from '../support/fake-errors.ts'
import { until } from '../support/until.ts'

const id = { connector: 'c', task: 0 }
const p0 = { topic: 't', partition: 0 }
const p1 = { topic: 't', partition: 1 }

function records(partition: TopicPartition, ...offsets: number[]): { records: ConsumerRecord[] } {
  return {
    records: offsets.map((offset) => ({
      ...partition,
      offset,
      leaderEpoch: 0,
      timestamp: 1,
      timestampType: 'CreateTime',
      key: null,
      value: Buffer.from(`v${offset}`),
      headers: [],
    })),
  }
}

/** Keeps what it is given; `onPut` may refuse. */
class KeepingTask implements SinkTask {
  readonly events: string[] = []
  context!: SinkTaskContext
  onPut: ((records: readonly SinkRecord[]) => void) | null = null

  put(batch: readonly SinkRecord[]): void {
    if (batch.length > 0) this.events.push(`put ${batch.map(({ value }) => String(value.value)).join(' ')}`)
    this.onPut?.(batch)
  }

  flush(offsets: readonly { partition: number; offset: number }[]): void {
    this.events.push(`flush ${offsets.map(({ partition, offset }) => `${partition}:${offset}`).join(' ')}`)
  }

  open(partitions: readonly TopicPartition[]): void {
    this.events.push(`open ${partitions.map(({ partition }) => partition).join(' ')}`)
  }

  close(partitions: readonly TopicPartition[]): void {
    this.events.push(`close ${partitions.map(({ partition }) => partition).join(' ')}`)
  }

  stop(): void {
    this.events.push('stop')
  }
}

function run(
  task: SinkTask & { context?: SinkTaskContext } = new KeepingTask(),
  {
    flushIntervalMs = 60_000,
    redelivery = null,
  }: { flushIntervalMs?: number; redelivery?: BackoffSettings | null } = {},
) {
  const consumer = new FakeConsumer()
  const states: State[] = []
  const activeTopics = new Set<string>()
  const report = new TaskReport()
  const state = new RunState(false)
  const converter = stringConverter.create({ 'converter.encoding': 'UTF-8' }, 'value')
  const named = { className: stringConverter.name, converter }
  const converters = { key: named, value: named, header: named }
  const errors = sinkErrors(fakeTaskErrors({}, { converters, cancelled: state.cancelled }).deps)
  const runner = new SinkTaskRunner({
    id,
    log: silentLogger,
    state,
    onStatus: (next) => states.push(next),
    activeTopics,
    report,
    topics: ['t'],
    startTask: async (context) => {
      task.context = context
      return task
    },
    openConsumer: () => consumer,
    pipeline: new SinkPipeline(new TransformationChain([]), converters, errors.operator),
    errors,
    configs: () => ({}),
    flushIntervalMs,
    flushTimeoutMs: 1000,
    redelivery,
  })
  const done = runner.run()
  done.catch(() => {})
  const played = () => until(() => consumer.pending === 0 && consumer.timeouts.length > 1)
  const stop = async () => {
    state.stop()
    await done
  }
  return { activeTopics, report, consumer, state, states, done, played, stop }
}

describe('a sink task', () => {
  test('gets records in order and commits what it was given when it stops', async () => {
    const task = new KeepingTask()
    const { consumer, stop, states } = run(task)
    consumer.play({ assign: [p0, p1] }, records(p0, 0, 1), records(p1, 7))
    await until(() => task.events.length === 3)
    await stop()
    expect(task.events).toEqual(['open 0 1', 'put v0 v1', 'put v7', 'flush 0:2 1:8', 'close 0 1', 'stop'])
    expect(consumer.committed).toEqual([
      [
        { ...p0, offset: 2 },
        { ...p1, offset: 8 },
      ],
    ])
    expect(consumer.isClosed).toBe(true)
    expect(states).toEqual(['RUNNING'])
  })

  test('commits at every interval, and only what moved on', async () => {
    const { consumer, stop } = run(new KeepingTask(), { flushIntervalMs: 5 })
    consumer.play({ assign: [p0, p1] }, records(p0, 0))
    await until(() => consumer.committed.length === 1)
    consumer.play(records(p0, 1))
    await until(() => consumer.committed.length === 2)
    await stop()
    expect(consumer.committed).toEqual([[{ ...p0, offset: 1 }], [{ ...p0, offset: 2 }]])
  })

  test('commits when the task asks for it', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    consumer.play({ assign: [p0] }, records(p0, 0))
    await until(() => task.events.includes('put v0'))
    task.context.requestCommit()
    await until(() => consumer.committed.length === 1)
    await stop()
  })

  test('gets the same batch again after a RetriableError, with all partitions paused meanwhile', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    let refusals = 2
    const pausedThen: string[][] = []
    task.onPut = (batch) => {
      if (batch.length === 0 || refusals-- <= 0) return
      task.context.timeout(1)
      pausedThen.push([...consumer.paused])
      throw new RetriableError('busy')
    }
    consumer.play({ assign: [p0, p1] }, records(p0, 0, 1))
    await until(() => task.events.filter((event) => event === 'put v0 v1').length === 3)
    await until(() => consumer.paused.size === 0)
    expect(pausedThen).toEqual([[], ['t-0', 't-1']])
    await stop()
    expect(consumer.committed).toEqual([[{ ...p0, offset: 2 }]])
  })

  test('gets a refused batch again soon, later with every further refusal, but not later than a commit', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task, { redelivery: { initialMs: 4, maxMs: 10 } })
    let refusals = 0
    task.onPut = (batch) => {
      if (batch.length > 0 && refusals++ < 3) throw new RetriableError('busy')
    }
    consumer.play({ assign: [p0] }, records(p0, 0, 1))
    await until(() => task.events.includes('put v0 v1') && refusals === 4 && consumer.timeouts.length > 5)
    const waits = consumer.timeouts.slice(2, 5)
    for (const [i, most] of [4, 8, 10].entries()) {
      expect(waits[i]).toBeLessThanOrEqual(most)
      expect(waits[i]).toBeGreaterThanOrEqual(most / 2)
    }
    expect(consumer.timeouts[5]).toBeGreaterThan(1000)
    await stop()
  })

  test('fails for any other error without committing the batch', async () => {
    const task = new KeepingTask()
    const { consumer, done } = run(task)
    consumer.play({ assign: [p0] }, records(p0, 0))
    await until(() => task.events.includes('put v0'))
    task.onPut = () => {
      throw new Error('broken')
    }
    consumer.play(records(p0, 1))
    await expect(done).rejects.toThrow('Exiting WorkerSinkTask due to unrecoverable exception.')
    expect(consumer.committed).toEqual([[{ ...p0, offset: 1 }]])
    expect(task.events.at(-1)).toBe('stop')
  })

  test('commits and closes what is revoked before it is gone, and opens what comes', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    consumer.play({ assign: [p0] }, records(p0, 0), { revoke: [p0] }, { assign: [p1] })
    await until(() => task.events.includes('open 1'))
    expect(task.events).toEqual(['open 0', 'put v0', 'flush 0:1', 'close 0', 'open 1'])
    expect(consumer.committed).toEqual([[{ ...p0, offset: 1 }]])
    await stop()
    expect(task.events.slice(5)).toEqual(['flush 1:0', 'close 1', 'stop'])
  })

  test('only closes what is lost', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    consumer.play({ assign: [p0] }, records(p0, 0), { lose: [p0] })
    await until(() => task.events.includes('close 0'))
    await stop()
    expect(task.events).toEqual(['open 0', 'put v0', 'close 0', 'stop'])
    expect(consumer.committed).toEqual([])
  })

  test('drops a revoked partition from a batch that is to come again', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    task.onPut = (batch) => {
      if (batch.length !== 2) return
      task.context.timeout(1)
      throw new RetriableError('busy')
    }
    consumer.play({ assign: [p0, p1] }, { records: [...records(p0, 0).records, ...records(p1, 5).records] })
    await until(() => task.events.includes('put v0 v5'))
    consumer.play({ revoke: [p0] })
    await until(() => task.events.includes('put v5'))
    await stop()
  })

  test('goes back to what was committed when preCommit fails', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    let fails = false
    const flush = task.flush.bind(task)
    task.flush = (offsets) => {
      if (fails) throw new Error('cannot flush')
      flush(offsets)
    }
    consumer.play({ assign: [p0] }, records(p0, 0))
    await until(() => task.events.includes('put v0'))
    fails = true
    task.context.requestCommit()
    await until(() => consumer.seeks.length === 1)
    expect(consumer.seeks).toEqual([['t-0', 0]])
    expect(consumer.committed).toEqual([])
    fails = false
    await stop()
  })

  test('goes on when a commit fails', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    consumer.commitError = new Error('not now')
    consumer.play({ assign: [p0] }, records(p0, 0))
    await until(() => task.events.includes('put v0'))
    task.context.requestCommit()
    await until(() => task.events.includes('flush 0:1'))
    consumer.commitError = null
    consumer.play(records(p0, 1))
    await until(() => task.events.includes('put v1'))
    await stop()
    expect(consumer.committed).toEqual([[{ ...p0, offset: 2 }]])
  })

  test('ignores offsets that it did not give out', async () => {
    const task = new KeepingTask() as KeepingTask & Pick<SinkTask, 'preCommit'>
    task.preCommit = () => [
      { ...p0, offset: 99 },
      { topic: 'other', partition: 0, offset: 1 },
      { ...p1, offset: 1 },
    ]
    const { consumer, stop } = run(task)
    consumer.play({ assign: [p0, p1] }, records(p0, 0), records(p1, 0, 1))
    await until(() => task.events.includes('put v0 v1'))
    await stop()
    expect(consumer.committed).toEqual([[{ ...p1, offset: 1 }]])
  })

  test('rewinds where the task asks', async () => {
    const task = new KeepingTask()
    const { consumer, stop } = run(task)
    consumer.play({ assign: [p0] }, records(p0, 0, 1, 2))
    await until(() => task.events.includes('put v0 v1 v2'))
    task.context.offset([{ ...p0, offset: 1 }])
    task.context.requestCommit()
    await until(() => consumer.seeks.length > 0)
    expect(consumer.seeks).toEqual([['t-0', 1]])
    await stop()
  })

  test('pauses all partitions while paused, but not those that only the task paused when resumed', async () => {
    const task = new KeepingTask()
    const { consumer, state, states, stop } = run(task)
    consumer.play({ assign: [p0, p1] })
    await until(() => task.events.includes('open 0 1'))
    task.context.pause([p1])
    expect([...consumer.paused]).toEqual(['t-1'])
    state.setPaused(true)
    await until(() => states.at(-1) === 'PAUSED')
    expect([...consumer.paused].sort()).toEqual(['t-0', 't-1'])
    state.setPaused(false)
    await until(() => states.at(-1) === 'RUNNING')
    expect([...consumer.paused]).toEqual(['t-1'])
    expect(() => task.context.pause([{ topic: 'x', partition: 0 }])).toThrow(
      'SinkTasks may not pause partitions that are not currently assigned to them.',
    )
    await stop()
  })

  test('fails with what open throws', async () => {
    const task = new KeepingTask()
    task.open = () => {
      throw new Error('cannot open')
    }
    const { consumer, done } = run(task)
    consumer.play({ assign: [p0] })
    await expect(done).rejects.toThrow('cannot open')
    expect(task.events.at(-1)).toBe('stop')
  })

  test('commits nothing once cancelled', async () => {
    const task = new KeepingTask()
    const { consumer, state, done } = run(task)
    consumer.play({ assign: [p0] }, records(p0, 0))
    await until(() => task.events.includes('put v0'))
    state.cancel()
    await done
    expect(consumer.committed).toEqual([])
    expect(consumer.isClosed).toBe(true)
  })
})
