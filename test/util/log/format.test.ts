import { describe, expect, test } from 'vitest'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'
import { jsonFormat } from '../../../src/util/log/format.ts'

function recorder() {
  const lines: string[] = []
  const output = new LogOutput((line) => lines.push(line), { format: jsonFormat })
  const objects = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { lines, objects, log: createLogger(output, 'a.Logger') }
}

describe('the JSON form', () => {
  test('is one object in one line, whatever the message holds', () => {
    const { lines, objects, log } = recorder()
    log.info('two\nlines and a "quote"')
    expect(lines[0]).toMatch(/^[^\n]*\n$/)
    expect(objects()[0]).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
      level: 'INFO',
      logger: 'a.Logger',
      message: 'two\nlines and a "quote"',
    })
  })

  for (const { context, place } of [
    { context: '', place: {} },
    { context: '[files|worker] ', place: { connector: 'files' } },
    { context: '[files|task-12] ', place: { connector: 'files', task: 12 } },
    { context: '[files|task-0|offsets] ', place: { connector: 'files', task: 0 } },
    { context: '[a|task-1|b]|task-2] ', place: { connector: 'a|task-1|b]', task: 2 } },
  ]) {
    test(`has of the context "${context}" ${JSON.stringify(place)}`, () => {
      const { objects, log } = recorder()
      log.inContext(context).warn('x')
      const { connector, task } = objects()[0]!
      expect({ connector, task }).toEqual({ connector: undefined, task: undefined, ...place })
    })
  }

  test('has the error with its class, message and trace, causes included', () => {
    const { objects, log } = recorder()
    log.error('Failed.', new TypeError('outer', { cause: new Error('inner') }))
    expect(objects()[0]!['error']).toEqual({
      class: 'TypeError',
      message: 'outer',
      stack: expect.stringMatching(/^TypeError: outer\n {4}at [^]*\nCaused by: Error: inner\n/) as unknown,
    })
  })

  test('takes for an error whatever was thrown', () => {
    const { objects, log } = recorder()
    log.error('Failed.', 'a text')
    expect(objects()[0]!['error']).toEqual({ class: 'string', message: 'a text', stack: 'a text' })
  })
})
