import { describe, expect, test } from 'vitest'
import { retryDelay } from '../../../src/runtime/errors/retry-delay.ts'

describe('the pause after a failed attempt', () => {
  for (const { attempt, nowMs, delay } of [
    { attempt: 1, nowMs: 0, delay: 300 },
    { attempt: 2, nowMs: 300, delay: 600 },
    { attempt: 3, nowMs: 900, delay: 1200 },
    { attempt: 4, nowMs: 2100, delay: 2400 },
    { attempt: 5, nowMs: 4500, delay: 500 },
    { attempt: 5, nowMs: 5000, delay: 0 },
    { attempt: 5, nowMs: 5001, delay: 0 },
  ]) {
    test(`is ${delay} ms at attempt ${attempt} with ${5000 - nowMs} ms left`, () => {
      expect(retryDelay(attempt, { maxMs: 5000, leftMs: 5000 - nowMs })).toBe(delay)
    })
  }

  test('is random below the longest one where it would be longer', () => {
    const delay = (random: number) => retryDelay(6, { maxMs: 5000, leftMs: Infinity }, () => random)
    expect([0, 0.5, 0.9999].map(delay)).toEqual([0, 2500, 4999])
  })

  test('is what a timer can take, however many attempts there were', () => {
    const maxMs = Number.MAX_SAFE_INTEGER
    expect(retryDelay(5000, { maxMs, leftMs: Infinity }, () => 1)).toBe(0x7fffffff)
  })

  test('is none where no delay is allowed', () => {
    expect(retryDelay(1, { maxMs: 0, leftMs: 1000 })).toBe(0)
    expect(retryDelay(1, { maxMs: -1, leftMs: 1000 }, () => 0.5)).toBe(0)
  })
})
