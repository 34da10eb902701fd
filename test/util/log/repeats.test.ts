import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function recorder() {
  const lines: string[] = []
  const output = new LogOutput((line) => lines.push(line.replace(/^\[.*?\] /, '')), { foldMs: 30_000 })
  const log = createLogger(output, 'x')
  return { log, output, written: () => lines.splice(0) }
}

/** The same message and the same error, from another place each time. */
const failure = () => new Error('refused')

describe('a warning or error that comes again', () => {
  test('is written whole, with its trace, when it comes first', () => {
    const { log, written } = recorder()
    log.error('Failed.', failure())
    expect(written()).toEqual([expect.stringMatching(/^ERROR Failed\. \(x\)\nError: refused\n {4}at /)])
  })

  test('is counted, and the count is written without trace when the time is over', () => {
    const { log, written } = recorder()
    log.error('Failed.', failure())
    written()
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(2000)
      log.error('Failed.', failure())
    }
    expect(written()).toEqual([])
    vi.advanceTimersByTime(20_000)
    expect(written()).toEqual(['ERROR Failed. (repeated 5 times within 10 s) (x)\nError: refused\n'])
  })

  test('is counted on as long as it goes on', () => {
    const { log, written } = recorder()
    for (let i = 0; i < 90; i++) {
      log.warn('Slow.')
      vi.advanceTimersByTime(1000)
    }
    expect(written()).toEqual([
      'WARN Slow. (x)\n',
      expect.stringMatching(/^WARN Slow\. \(repeated \d\d times within \d\d s\) \(x\)\n$/),
      expect.stringMatching(/^WARN Slow\. \(repeated \d\d times within \d\d s\) \(x\)\n$/),
      expect.stringMatching(/^WARN Slow\. \(repeated \d\d times within \d\d s\) \(x\)\n$/),
    ])
  })

  test('is written whole again when it was away for longer than that', () => {
    const { log, written } = recorder()
    log.error('Failed.', failure())
    vi.advanceTimersByTime(31_000)
    log.error('Failed.', failure())
    expect(written().map((line) => /\n {4}at /.test(line))).toEqual([true, true])
  })

  test('has its count written before the next line of its logger', () => {
    const { log, written } = recorder()
    log.warn('Slow.')
    log.warn('Slow.')
    log.named('y').info('Elsewhere.')
    log.info('Better.')
    expect(written()).toEqual([
      'WARN Slow. (x)\n',
      'INFO Elsewhere. (y)\n',
      'WARN Slow. (repeated once within 1 s) (x)\n',
      'INFO Better. (x)\n',
    ])
  })

  test('is folded too when two take turns', () => {
    const { log, output, written } = recorder()
    for (let i = 0; i < 10; i++) {
      log.warn('Slow.')
      log.error('Failed.')
    }
    output.flush()
    expect(written()).toEqual([
      'WARN Slow. (x)\n',
      'ERROR Failed. (x)\n',
      'WARN Slow. (repeated 9 times within 1 s) (x)\n',
      'ERROR Failed. (repeated 9 times within 1 s) (x)\n',
    ])
  })

  test('is said at the end of the process', () => {
    const { log, output, written } = recorder()
    log.warn('Slow.')
    log.warn('Slow.')
    output.flush()
    output.flush()
    expect(written()).toEqual(['WARN Slow. (x)\n', 'WARN Slow. (repeated once within 1 s) (x)\n'])
  })
})

describe('nothing is folded', () => {
  for (const { what, say } of [
    { what: 'with another error', say: (log: Log) => log.error('m', new Error('other')) },
    { what: 'without the error', say: (log: Log) => log.error('m') },
    { what: 'of another level', say: (log: Log) => log.warn('m', failure()) },
    { what: 'of another context', say: (log: Log) => log.inContext('[a|task-1] ').error('m', failure()) },
    { what: 'of another logger', say: (log: Log) => log.named('y').error('m', failure()) },
    { what: 'with another message', say: (log: Log) => log.error('n', failure()) },
  ]) {
    test(what, () => {
      const { log, written } = recorder()
      log.error('m', failure())
      say(log)
      expect(written()).toHaveLength(2)
    })
  }

  test('of what is not even a warning', () => {
    const { log, written } = recorder()
    log.info('Sink task paused')
    log.info('Sink task paused')
    expect(written()).toHaveLength(2)
  })

  test('that is longer than what is worth remembering', () => {
    const { log, written } = recorder()
    log.warn('x'.repeat(5000))
    log.warn('x'.repeat(5000))
    expect(written()).toHaveLength(2)
  })
})

test('of many different ones the oldest are forgotten, not their counts', () => {
  const { log, output, written } = recorder()
  for (let i = 0; i < 1000; i++) {
    log.named(`l${i}`).warn('m')
    log.named(`l${i}`).warn('m')
  }
  expect(written()).toHaveLength(1000 + 1000 - 256)
  output.flush()
  expect(written()).toHaveLength(256)
})

test('a clock that is set back keeps nothing for long', () => {
  const { log, written } = recorder()
  log.warn('m')
  vi.setSystemTime(Date.now() - 3_600_000)
  log.warn('m')
  expect(written()).toEqual(['WARN m (x)\n', 'WARN m (x)\n'])
})

type Log = ReturnType<typeof createLogger>
