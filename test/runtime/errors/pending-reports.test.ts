import { describe, expect, test } from 'vitest'
import { PendingReports } from '../../../src/runtime/errors/pending-reports.ts'
import { deferred } from '../../../src/util/deferred.ts'

const p0 = { topic: 't', partition: 0 }
const p1 = { topic: 't', partition: 1 }

describe('reports that are not safe yet', () => {
  test('are kept by partition until they are', async () => {
    const reports = new PendingReports()
    const [one, two] = [deferred<Error | null>(), deferred<Error | null>()]
    reports.add(p0, one.promise, true)
    reports.add(p0, two.promise, true)
    expect([reports.isPending(p0), reports.isPending(p1)]).toEqual([true, false])
    await reports.settled([p1])
    let isSettled = false
    const settled = reports.settled([p0]).then(() => (isSettled = true))
    one.resolve(null)
    await new Promise((resolve) => setImmediate(resolve))
    expect([isSettled, reports.isPending(p0)]).toEqual([false, true])
    two.resolve(null)
    await settled
    expect(reports.isPending(p0)).toBe(false)
    expect(reports.lost([p0, p1])).toBeNull()
  })

  for (const isRequired of [true, false]) {
    test(`${isRequired ? 'fail' : 'do not fail'} the task when lost if ${isRequired ? 'it' : 'only the runtime'} reported`, async () => {
      const reports = new PendingReports()
      const error = new Error('refused')
      reports.add(p0, Promise.resolve(error), isRequired)
      await reports.settled([p0])
      expect(reports.isPending(p0)).toBe(false)
      expect(reports.lost([p0])).toBe(isRequired ? error : null)
      expect(reports.lost([p1])).toBeNull()
    })
  }

  test('are forgotten with their partition, and do not count against it when it comes back', async () => {
    const reports = new PendingReports()
    const [old, recent] = [deferred<Error | null>(), deferred<Error | null>()]
    reports.add(p0, old.promise, true)
    reports.forget([p0])
    expect(reports.isPending(p0)).toBe(false)
    reports.add(p0, recent.promise, true)
    old.resolve(new Error('refused'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(reports.isPending(p0)).toBe(true)
    expect(reports.lost([p0])).toBeNull()
    recent.resolve(null)
    await reports.settled([p0])
    expect(reports.isPending(p0)).toBe(false)
  })
})
