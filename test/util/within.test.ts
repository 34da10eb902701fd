import { describe, expect, test } from 'vitest'
import { pause, within } from '../../src/util/within.ts'

const never = new Promise<void>(() => {})

describe('within', () => {
  test('is true when the promise was first', async () => {
    expect(await within(60_000, Promise.resolve('x'))).toBe(true)
    expect(await within(Number.POSITIVE_INFINITY, Promise.resolve())).toBe(true)
  })

  for (const ms of [1, 0, -5]) {
    test(`is false when ${ms} ms were over first`, async () => expect(await within(ms, never)).toBe(false))
  }

  test('passes a rejection on', async () => {
    await expect(within(60_000, Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})

describe('pause', () => {
  test('ends by itself', async () => {
    await pause(1, new AbortController().signal)
  })

  test('ends at once when the signal is aborted, before or meanwhile', async () => {
    const controller = new AbortController()
    const paused = pause(3_600_000, controller.signal)
    controller.abort()
    await paused
    await pause(3_600_000, controller.signal)
  })
})
