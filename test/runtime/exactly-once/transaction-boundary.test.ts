import { afterEach, describe, expect, test, vi } from 'vitest'
import { fileStreamSource } from '../../../src/connectors/file/source.ts'
import { Schema, SourceRecord } from '../../../src/index.ts'
import {
  chooseBoundary,
  ConnectorBoundary,
  intervalBoundary,
  pollBoundary,
} from '../../../src/runtime/exactly-once/transaction-boundary.ts'

afterEach(() => vi.useRealTimers())

function record(): SourceRecord {
  return new SourceRecord({
    topic: 't',
    value: { schema: Schema.STRING, value: 'v' },
    sourcePartition: null,
    sourceOffset: null,
  })
}

describe('the boundary of transactions', () => {
  test('poll: behind every batch, and what is open at a stop counts', () => {
    expect(pollBoundary.afterRecord(record())).toBeNull()
    expect(pollBoundary.afterBatch()).toBe('commit')
    expect(pollBoundary.atStop()).toBe('commit')
  })

  test('interval: behind the first batch so much later', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const boundary = intervalBoundary(100)
    expect(boundary.afterBatch()).toBeNull()
    vi.advanceTimersByTime(99)
    expect(boundary.afterBatch()).toBeNull()
    vi.advanceTimersByTime(1)
    expect(boundary.afterBatch()).toBe('commit')
    expect(boundary.afterBatch()).toBeNull()
    expect(boundary.atStop()).toBe('commit')
  })

  test('connector: where the task says, and nowhere else', () => {
    const boundary = new ConnectorBoundary()
    const [first, second, third] = [record(), record(), record()]
    boundary.commitTransaction(second)
    boundary.abortTransaction(third)
    expect([first, second, third].map((each) => boundary.afterRecord(each))).toEqual([
      null,
      'commit',
      'abort',
    ])
    expect(boundary.afterBatch()).toBeNull()
    boundary.abortTransaction()
    expect(boundary.afterBatch()).toBe('abort')
    expect(boundary.afterBatch()).toBeNull()
    boundary.commitTransaction()
    expect(boundary.atStop()).toBe('commit')
    expect(boundary.atStop()).toBe('abort')
  })

  test('connector: a record that the batch did not have is forgotten', () => {
    const boundary = new ConnectorBoundary()
    const missing = record()
    boundary.commitTransaction(missing)
    boundary.afterBatch()
    expect(boundary.afterRecord(missing)).toBeNull()
  })

  test('connector: nothing can be committed and aborted', () => {
    const boundary = new ConnectorBoundary()
    const both = record()
    boundary.commitTransaction(both)
    expect(() => boundary.abortTransaction(both)).toThrow('both to be committed and to be aborted')
    boundary.abortTransaction()
    boundary.abortTransaction()
    expect(() => boundary.commitTransaction()).toThrow('both to be committed and to be aborted')
  })

  test('is chosen by transaction.boundary, in any case', () => {
    const given = { plugin: fileStreamSource, props: {}, flushIntervalMs: 70 }
    const choose = (boundary: string, intervalMs: number | null = null) =>
      chooseBoundary(
        { 'transaction.boundary': boundary, 'transaction.boundary.interval.ms': intervalMs },
        given,
      )
    expect(choose('POLL')).toBe(pollBoundary)
    expect(choose('Interval').intervalMs).toBe(70)
    expect(choose('interval', 5).intervalMs).toBe(5)
    expect(() => choose('connector')).toThrow(/FileStreamSourceConnector does not define boundaries/)
    const definer = { ...fileStreamSource, canDefineTransactionBoundaries: () => 'supported' as const }
    expect(
      chooseBoundary(
        { 'transaction.boundary': 'connector', 'transaction.boundary.interval.ms': null },
        { ...given, plugin: definer },
      ),
    ).toBeInstanceOf(ConnectorBoundary)
  })
})
