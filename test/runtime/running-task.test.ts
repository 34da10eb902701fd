import { describe, expect, test } from 'vitest'
import { currentScope } from '../../src/runtime/plugin-scope.ts'
import type { RunState } from '../../src/runtime/run-state.ts'
import { RunningTask, type TaskBody } from '../../src/runtime/running-task.ts'
import { StatusHolder } from '../../src/runtime/status.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { until } from '../support/until.ts'

const soon = () => performance.now() + 10_000
const now = () => performance.now()

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function task(body: TaskBody, { isPaused = false } = {}) {
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  const status = new StatusHolder()
  const running = new RunningTask({ connector: 'c', task: 3 }, body, {
    isPaused,
    onStatus: status.listener,
    log,
  })
  return { task: running, status: () => status.current, lines }
}

const untilStopped: TaskBody = async ({ stopping }, onStatus) => {
  onStatus('RUNNING')
  await whenAborted(stopping)
}

describe('a running task', () => {
  test('is UNASSIGNED until it says otherwise, and again after a graceful stop', async () => {
    const { task: running, status, lines } = task(untilStopped)
    expect(status().state).toBe('RUNNING')
    running.stop()
    await running.ended(soon())
    expect(status()).toEqual({ state: 'UNASSIGNED', trace: null })
    expect(lines).toEqual([])
  })

  test('is told when to pause and to go on', async () => {
    const states: (RunState | boolean)[] = []
    const { task: running } = task(
      async (state) => {
        states.push(state.isPaused)
        await state.untilActive()
        states.push(state.isPaused)
        await whenAborted(state.stopping)
      },
      { isPaused: true },
    )
    running.pause()
    running.resume()
    await until(() => states.length === 2)
    running.stop()
    await running.ended(soon())
    expect(states).toEqual([true, false])
  })

  test('that fails is FAILED with the trace, and stays so when stopped', async () => {
    const { task: running, status } = task(async (_, onStatus) => {
      onStatus('RUNNING')
      throw new Error('broken', { cause: new Error('by the network') })
    })
    await until(() => status().state === 'FAILED')
    expect(status().trace).toMatch(
      /^java\.lang\.RuntimeException: broken\n\tat [\s\S]*Caused by: java\.lang\.RuntimeException: by the network\n\tat /,
    )
    expect((await running.outcome)?.message).toBe('broken')
    running.stop()
    await running.ended(soon())
    expect(status().state).toBe('FAILED')
  })

  test('that fails although it was asked to stop is only logged', async () => {
    const {
      task: running,
      status,
      lines,
    } = task(async ({ stopping }) => {
      await whenAborted(stopping)
      throw new Error('interrupted')
    })
    running.stop()
    await running.ended(soon())
    expect(status()).toEqual({ state: 'UNASSIGNED', trace: null })
    expect(lines.join('')).toContain('Task c-3 threw an exception during its stop.')
  })

  test('that does not stop in time is cancelled and left behind; its later states are ignored', async () => {
    let end: () => void = () => {}
    const seen: string[] = []
    const {
      task: running,
      status,
      lines,
    } = task(async (state, onStatus) => {
      onStatus('RUNNING')
      state.cancelled.addEventListener('abort', () => seen.push('cancelled'))
      await new Promise<void>((resolve) => (end = resolve))
      onStatus('PAUSED')
      seen.push('ended')
    })
    running.stop()
    await running.ended(now())
    expect(seen).toEqual(['cancelled'])
    expect(lines.join('')).toContain('ERROR Graceful stop of task c-3 failed.')
    end()
    await until(() => seen.includes('ended'))
    expect(status().state).toBe('UNASSIGNED')
  })

  test('fails by what is thrown in a later tick of its own code, with a name to blame', async () => {
    const { task: running, status } = task(async ({ stopping }, onStatus) => {
      onStatus('RUNNING')
      setImmediate(() => currentScope()!.fail(new Error(`in ${currentScope()!.owner}`)))
      await whenAborted(stopping)
    })
    expect((await running.outcome)?.message).toBe('in task c-3')
    expect(status().state).toBe('FAILED')
    expect(currentScope()).toBe(undefined)
  })
})
