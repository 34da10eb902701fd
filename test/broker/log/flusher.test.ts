import { describe, expect, test, vi } from 'vitest'
import { Flusher, type FlushPolicy } from '../../../src/broker/log/flusher.ts'
import { capturedLog } from '../open-broker.ts'

function flusher(policy: FlushPolicy) {
  const { log, lines } = capturedLog()
  return { flusher: new Flusher({ policy, intervalMs: 10, log }), lines }
}

describe('Flusher', () => {
  test('flushes once what was marked many times, and again what is marked later', async () => {
    const { flusher: interval } = flusher('interval')
    const target = { flush: vi.fn(() => Promise.resolve()) }
    for (let at = 0; at < 5; at++) interval.markDirty(target)
    await vi.waitFor(() => expect(target.flush).toHaveBeenCalledTimes(1))
    interval.markDirty(target)
    await vi.waitFor(() => expect(target.flush).toHaveBeenCalledTimes(2))
  })

  test('tells of a failure and flushes the others', async () => {
    const { flusher: interval, lines } = flusher('interval')
    const target = { flush: vi.fn(() => Promise.resolve()) }
    interval.markDirty({ flush: () => Promise.reject(new Error('EIO')) })
    interval.markDirty(target)
    await vi.waitFor(() => expect(target.flush).toHaveBeenCalledTimes(1))
    expect(lines.join('')).toMatch(/ERROR .*failed.*\n.*EIO/)
  })

  for (const policy of ['always', 'never'] as const) {
    test(`has no timer under the policy ${policy}`, () => {
      vi.useFakeTimers()
      flusher(policy).flusher.markDirty({ flush: () => Promise.resolve() })
      expect(vi.getTimerCount()).toBe(0)
      vi.useRealTimers()
    })
  }
})
