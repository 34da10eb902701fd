import { describe, expect, onTestFinished, test } from 'vitest'
import { PluginCall, watchEventLoop } from '../../src/runtime/plugin-calls.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { until } from '../support/until.ts'

function watched() {
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  onTestFinished(watchEventLoop({ log, alarmMs: 50, intervalMs: 5 }))
  return lines
}

function call(owner: string): PluginCall {
  const made = new PluginCall(owner)
  onTestFinished(() => made.close())
  return made
}

function compute(ms: number) {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('a plugin that computes for long', () => {
  test('is named in the log', async () => {
    const lines = watched()
    const burning = call('task s-0')
    const idle = call('task t-0')
    idle.begin('put()')
    idle.end()
    await new Promise((resolve) => setTimeout(resolve, 10))
    burning.begin('poll()')
    compute(200)
    burning.end()
    await until(() => lines.length > 0)
    expect(lines[0]).toMatch(
      /WARN The worker could do nothing else for 0\.\d s\. At work was task s-0 in poll\(\)\./,
    )
  })

  test('is not blamed for what happens outside of its calls', async () => {
    const lines = watched()
    const ended = call('task s-0')
    ended.begin('poll()')
    ended.end()
    ended.close()
    compute(200)
    await until(() => lines.length > 0)
    expect(lines[0]).toContain('No task was in a call to its plugin')
  })
})
