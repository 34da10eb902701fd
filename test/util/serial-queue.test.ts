import { expect, test } from 'vitest'
import { deferred } from '../../src/util/deferred.ts'
import { SerialQueue } from '../../src/util/serial-queue.ts'

test('a serial queue runs jobs one after the other, also behind one that failed', async () => {
  const queue = new SerialQueue()
  const events: string[] = []
  const gate = deferred()
  const first = queue.run(async () => {
    events.push('first begins')
    await gate.promise
    events.push('first ends')
    return 1
  })
  const second = queue.run(async () => {
    events.push('second')
    throw new Error('second is broken')
  })
  const third = queue.run(async () => {
    events.push('third')
    return 3
  })
  second.catch(() => {})
  gate.resolve()
  expect(await first).toBe(1)
  await expect(second).rejects.toThrow('second is broken')
  expect(await third).toBe(3)
  expect(events).toEqual(['first begins', 'first ends', 'second', 'third'])
})

test('a serial queue takes jobs from a running job', async () => {
  const queue = new SerialQueue()
  const events: string[] = []
  const inner: Promise<void>[] = []
  await queue.run(async () => {
    inner.push(queue.run(async () => void events.push('inner')))
    events.push('outer')
  })
  await Promise.all(inner)
  expect(events).toEqual(['outer', 'inner'])
})
