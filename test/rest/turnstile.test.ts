import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turnstile } from '../../src/rest/turnstile.ts'

test('lets so many through per turn of the event loop, first come, first served', async () => {
  const turnstile = new Turnstile(2)
  const through: number[] = []
  for (let i = 0; i < 5; i++) void turnstile.enter().then(() => through.push(i))
  const seen = []
  for (let i = 0; i < 4; i++) {
    seen.push([...through])
    await turn()
  }
  expect(seen).toEqual([[], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]])
})

test('is free again when the crowd is gone', async () => {
  const turnstile = new Turnstile(1)
  await turnstile.enter()
  await turnstile.enter()
  for (let i = 0; i < 3; i++) await turn()
  let isThrough = false
  void turnstile.enter().then(() => (isThrough = true))
  await Promise.resolve()
  await Promise.resolve()
  expect(isThrough).toBe(true)
})
