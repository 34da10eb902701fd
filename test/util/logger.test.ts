import { describe, expect, test } from 'vitest'
import { createLogger, describeError, LogOutput, silentLogger } from '../../src/util/logger.ts'
import { stderrLines } from '../../src/util/log/stderr.ts'
import { secrets } from '../../src/util/secrets.ts'

function recorder(name = 'org.apache.kafka.connect.runtime.Worker') {
  const lines: string[] = []
  const output = new LogOutput((line) => lines.push(line))
  return { lines, output, log: createLogger(output, name) }
}

describe('a log line', () => {
  test("has Kafka Connect's pattern: time, level, context, text, logger", () => {
    const { lines, log } = recorder()
    log.inContext('[files|task-0] ').info('Hello.')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] INFO \[files\|task-0\] Hello\. \(org\.apache\.kafka\.connect\.runtime\.Worker\)\n$/,
    )
  })

  test('has no context outside of one, and the inner one inside of two', () => {
    const { lines, log } = recorder()
    log.warn('out')
    log.inContext('[a|worker] ').inContext('[a|task-1] ').warn('in')
    expect(lines.map((line) => line.replace(/^\[.*?\] /, ''))).toEqual([
      'WARN out (org.apache.kafka.connect.runtime.Worker)\n',
      'WARN [a|task-1] in (org.apache.kafka.connect.runtime.Worker)\n',
    ])
  })

  test('keeps its context under another name', () => {
    const { lines, log } = recorder()
    log.inContext('[a|task-0] ').named('other.Logger').error('x')
    expect(lines[0]).toContain('ERROR [a|task-0] x (other.Logger)\n')
  })

  test('is followed by the error with its causes', () => {
    const { lines, log } = recorder()
    log.error('Failed.', new TypeError('outer', { cause: new Error('inner', { cause: 'a text' }) }))
    const text = lines[0]!
    expect(text).toContain('Failed. (org.apache.kafka.connect.runtime.Worker)\nTypeError: outer\n    at ')
    expect(text).toContain('\nCaused by: Error: inner\n')
    expect(text).toContain('\nCaused by: a text\n')
  })
})

describe('causes', () => {
  test('that go round in a circle end', () => {
    const a = new Error('a')
    const b = new Error('b', { cause: a })
    a.cause = b
    expect(describeError(b).match(/Caused by/g)).toHaveLength(1)
  })

  test('of what is no error are its text', () => expect(describeError('plain')).toBe('plain'))
})

describe('a log that cannot be written', () => {
  function fillingLog() {
    const disk = { isFull: false, lines: [] as string[] }
    const output = new LogOutput((line) => {
      if (disk.isFull) throw new Error('ENOSPC: simulated')
      disk.lines.push(line.replace(/^\[.*?\] /, ''))
    })
    return { disk, log: createLogger(output, 'x') }
  }

  test('stops nobody, and says how many lines are lost as soon as it can', () => {
    const { disk, log } = fillingLog()
    disk.isFull = true
    log.info('one')
    log.error('two', new Error('reason'))
    disk.isFull = false
    log.info('three')
    log.info('four')
    expect(disk.lines).toEqual([
      'WARN 2 lines of the log could not be written and are lost. (log)\n',
      'INFO three (x)\n',
      'INFO four (x)\n',
    ])
  })

  test('ends a line that was cut short ahead of the next one', () => {
    let room = 3
    let written = ''
    const line = stderrLines((bytes, from) => {
      if (room === 0) throw new Error('ENOSPC: simulated')
      const count = Math.min(room, bytes.length - from)
      room -= count
      written += Buffer.from(bytes.subarray(from, from + count)).toString()
      return count
    })
    expect(() => line('first\n')).toThrow('ENOSPC')
    expect(() => line('second\n')).toThrow('ENOSPC')
    room = 100
    line('third\n')
    line('fourth\n')
    expect(written).toBe('fir\nthird\nfourth\n')
  })
})

describe('levels', () => {
  for (const { levels, logger, level } of [
    { levels: {}, logger: 'a.b', level: 'INFO' },
    { levels: { root: 'WARN' }, logger: 'a.b', level: 'WARN' },
    { levels: { a: 'DEBUG' }, logger: 'a.b', level: 'DEBUG' },
    { levels: { 'a': 'DEBUG', 'a.b': 'ERROR' }, logger: 'a.b.c', level: 'ERROR' },
    { levels: { 'a.b': 'ERROR' }, logger: 'a.bc', level: 'INFO' },
    { levels: { 'a.b': 'ERROR', 'root': 'TRACE' }, logger: 'a', level: 'TRACE' },
  ] as const) {
    test(`of ${logger} with ${JSON.stringify(levels)}: ${level}`, () => {
      const { output } = recorder()
      for (const [name, value] of Object.entries(levels)) output.loggers.setInitial(name, value)
      expect(output.loggers.level(logger)).toBe(level)
    })
  }

  test('decide what is written, also of loggers that are there already', () => {
    const { lines, output, log } = recorder('a.b')
    const say = () => {
      log.trace('trace')
      log.debug('debug')
      log.info('info')
      log.warn('warn')
      log.error('error')
      return lines.splice(0).length
    }
    expect(say()).toBe(3)
    output.loggers.setInitial('a', 'ERROR')
    expect(say()).toBe(1)
    expect(log.isEnabled('WARN')).toBe(false)
    output.loggers.setInitial('a.b', 'TRACE')
    expect(say()).toBe(5)
    output.loggers.setInitial('a.b', 'OFF')
    expect(say()).toBe(0)
  })
})

describe('secrets in what is logged', () => {
  test('are hidden, in the message and in the error', () => {
    const { lines, log } = recorder()
    secrets.add('logger-test-secret')
    log.error(
      'Cannot reach mongodb://app:logger-test-secret@db:27017/x.',
      new Error('logger-test-secret was refused', { cause: new Error('password=other-one') }),
    )
    expect(lines[0]).toContain('mongodb://[hidden]@db:27017/x.')
    expect(lines[0]).toContain('Error: [hidden] was refused\n')
    expect(lines[0]).toContain('Caused by: Error: password=[hidden]\n')
    expect(lines[0]).not.toMatch(/logger-test-secret|other-one/)
  })
})

test('the silent logger says nothing and knows contexts all the same', () => {
  expect(() => silentLogger.inContext('[x] ').named('y').error('z', new Error('e'))).not.toThrow()
})
