import { describe, expect, test } from 'vitest'
import { SubmittedRecords } from '../../src/runtime/submitted-records.ts'

const a = { file: 'a' }
const b = { file: 'b' }

describe('submitted records', () => {
  test('commit nothing while the first is not acknowledged', () => {
    const submitted = new SubmittedRecords()
    submitted.submit(a, { n: 1 }, null)
    const second = submitted.submit(a, { n: 2 }, null)
    expect(submitted.acknowledge([second]).size).toBe(0)
    expect(submitted.unacked).toBe(1)
  })

  test('commit the end of the contiguous run at the head', () => {
    const submitted = new SubmittedRecords()
    const [one, two, three, four] = [1, 2, 3, 4].map((n) => submitted.submit(a, { n }, null))
    expect([...submitted.acknowledge([two!, one!])]).toEqual([[a, { n: 2 }]])
    expect(submitted.acknowledge([four!]).size).toBe(0)
    expect([...submitted.acknowledge([three!])]).toEqual([[a, { n: 4 }]])
    expect(submitted.unacked).toBe(0)
  })

  test('keep source partitions apart, whatever object names them', () => {
    const submitted = new SubmittedRecords()
    submitted.submit({ file: 'a' }, { n: 1 }, null)
    const other = submitted.submit(b, { n: 1 }, null)
    const late = submitted.submit({ file: 'a' }, { n: 2 }, null)
    expect([...submitted.acknowledge([other, late])]).toEqual([[b, { n: 1 }]])
  })

  test('know partitions and offsets of null', () => {
    const submitted = new SubmittedRecords()
    const record = submitted.submit(null, null, null)
    expect([...submitted.acknowledge([record])]).toEqual([[null, null]])
  })

  test('commit records in a row when the last of them is acknowledged', () => {
    const submitted = new SubmittedRecords()
    const run = submitted.submit(a, null, null)
    submitted.extend(run, 3, { n: 3 })
    const next = submitted.submit(a, { n: 4 }, null)
    expect(submitted.unacked).toBe(4)
    expect(submitted.acknowledge([run, run, next]).size).toBe(0)
    expect(submitted.unacked).toBe(1)
    expect([...submitted.acknowledge([run])]).toEqual([[a, { n: 4 }]])
    expect(submitted.unacked).toBe(0)
  })

  test('count an acknowledgement once', () => {
    const submitted = new SubmittedRecords()
    const record = submitted.submit(a, { n: 1 }, null)
    submitted.acknowledge([record])
    expect(submitted.acknowledge([record]).size).toBe(0)
    expect(submitted.unacked).toBe(0)
  })

  test('tell when all are acknowledged', async () => {
    const submitted = new SubmittedRecords()
    await submitted.whenAcknowledged()
    const record = submitted.submit(a, { n: 1 }, null)
    let isDone = false
    const done = submitted.whenAcknowledged().then(() => (isDone = true))
    await Promise.resolve()
    expect(isDone).toBe(false)
    submitted.acknowledge([record])
    await done
  })

  test('stay small over many records', () => {
    const submitted = new SubmittedRecords()
    let last = submitted.submit(a, { n: 0 }, null)
    for (let n = 1; n < 5000; n++) {
      const next = submitted.submit(a, { n }, null)
      expect([...submitted.acknowledge([last])]).toEqual([[a, { n: n - 1 }]])
      last = next
    }
  })
})
