import { EventEmitter } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { guardProcess } from '../../src/cli/process-guard.ts'
import { inScope } from '../../src/runtime/plugin-scope.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { until } from '../support/until.ts'

/** The guard over code that belongs to `task s-0`; vitest's own listeners are out of the way meanwhile. */
function guarded() {
  const failures: Error[] = []
  const lines: string[] = []
  const others = (['uncaughtException', 'unhandledRejection'] as const).map(
    (event) => [event, process.listeners(event as 'uncaughtException')] as const,
  )
  for (const [event] of others) process.removeAllListeners(event)
  const release = guardProcess(createLogger(new LogOutput((line) => lines.push(line)), 'test'))
  onTestFinished(() => {
    release()
    for (const [event, listeners] of others) for (const listener of listeners) process.on(event, listener)
  })
  const scope = { owner: 'task s-0', fail: (error: Error) => void failures.push(error) }
  return { failures, lines, inTask: (body: () => void) => inScope(scope, body) }
}

describe('what a plugin does wrong', () => {
  for (const { what, mistake, message } of [
    {
      what: 'an exception in a timer',
      mistake: () =>
        void setTimeout(() => {
          throw new Error('late')
        }, 1),
      message: 'The code of task s-0 threw an exception that nobody caught: late',
    },
    {
      what: 'an error event without a listener',
      mistake: () => void setImmediate(() => new EventEmitter().emit('error', new Error('socket'))),
      message: 'The code of task s-0 threw an exception that nobody caught: socket',
    },
    {
      what: 'a promise that nobody listens to',
      mistake: () => void Promise.reject(new Error('forgotten')),
      message: 'The code of task s-0 rejected a promise that nobody listened to: forgotten',
    },
    {
      what: 'a call of process.exit',
      mistake: () => void setTimeout(() => process.exit(7), 1),
      message: 'The code of task s-0 called process.exit(7). The worker goes on without it.',
    },
  ]) {
    test(`${what} fails its task, which is named`, async () => {
      const { failures, inTask } = guarded()
      inTask(mistake)
      await until(() => failures.length > 0)
      expect(failures[0]!.message).toBe(message)
    })
  }

  test('without a task to blame is logged, and the worker goes on', async () => {
    const { lines } = guarded()
    setImmediate(() => {
      throw new Error('whose?')
    })
    await until(() => lines.length > 0)
    expect(lines[0]).toContain('ERROR Something threw an exception that nobody caught. The worker goes on.')
    expect(lines[0]).toContain('whose?')
  })
})
