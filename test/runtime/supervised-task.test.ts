import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectError, RetriableError } from '../../src/errors.ts'
import { restartConfig } from '../../src/config/restart-config.ts'
import type { TaskBody } from '../../src/runtime/running-task.ts'
import { SupervisedTask } from '../../src/runtime/supervised-task.ts'
import type { TaskReport } from '../../src/runtime/task-report.ts'
import { aborted } from '../../src/util/within.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { until } from '../support/until.ts'

const slow = { 'errors.restart.backoff.initial.ms': '200', 'errors.restart.backoff.max.ms': '200' }
const busy = () => new RetriableError('database is starting')

/** A task that fails with these errors, one a run, and then runs on. */
function supervised(
  failures: readonly Error[],
  { settings = {}, isPaused = false }: { settings?: Record<string, string>; isPaused?: boolean } = {},
) {
  const runs: string[] = []
  const lines: string[] = []
  const reports: TaskReport[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  const body =
    (report: TaskReport): TaskBody =>
    async (state, onStatus) => {
      reports.push(report)
      const failure = failures[runs.push('run') - 1]
      if (state.isPaused) onStatus('PAUSED')
      await state.untilActive()
      if (failure !== undefined) throw failure
      onStatus('RUNNING')
      await aborted(state.stopping)
    }
  const parsed = restartConfig.parse({
    'errors.restart.backoff.initial.ms': '2',
    'errors.restart.backoff.max.ms': '4',
    ...settings,
  })
  const task = new SupervisedTask({ connector: 'c', task: 0 }, isPaused, {
    body,
    settings: () => parsed,
    log,
  })
  onTestFinished(async () => {
    task.stop()
    await task.ended(performance.now() + 5000)
  })
  task.start()
  return { task, runs, lines, reports }
}

describe('a task that fails', () => {
  test('for a reason that passes is FAILED with its trace, then runs again by itself', async () => {
    const states: string[] = []
    const { task, runs, lines } = supervised([busy(), busy()], {
      settings: { 'errors.restart.backoff.initial.ms': '40', 'errors.restart.backoff.max.ms': '40' },
    })
    await until(() => task.status.state === 'FAILED')
    expect(task.status.trace).toContain('RetriableException: database is starting')
    expect(task.health).toMatchObject({
      lastError: {
        message: 'database is starting',
        class: 'org.apache.kafka.connect.errors.RetriableException',
      },
      restarts: 0,
    })
    const { failingSince, nextRestart } = task.health
    expect(nextRestart! - failingSince!).toBeGreaterThanOrEqual(20)
    expect(nextRestart! - failingSince!).toBeLessThanOrEqual(41)
    await until(() => {
      states.push(task.status.state)
      return task.status.state === 'RUNNING'
    })
    expect(new Set(states)).toEqual(new Set(['FAILED', 'RUNNING']))
    expect(runs).toHaveLength(3)
    expect(task.health).toMatchObject({ restarts: 2, nextRestart: null })
    expect(lines.join('')).toMatch(/WARN Task c-0 failed and is started again in \d+ ms/)
    expect(lines.join('')).toContain(
      'WARN Task c-0 failed again without having got on, and is started again.',
    )
  })

  for (const { what, failure, policy, heals } of [
    { what: 'a bug', failure: new Error('bug'), policy: 'retriable', heals: false },
    { what: 'a bug', failure: new Error('bug'), policy: 'all', heals: true },
    { what: 'a time-out', failure: busy(), policy: 'none', heals: false },
    {
      what: 'a refused connection behind a wrapper',
      failure: new ConnectError('Exiting WorkerSinkTask due to unrecoverable exception.', {
        cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      }),
      policy: 'retriable',
      heals: true,
    },
  ]) {
    test(`with ${what} ${heals ? 'heals' : 'stays FAILED'} under the policy ${policy}`, async () => {
      const { task, lines } = supervised([failure], { settings: { 'errors.restart.policy': policy } })
      if (heals) {
        await until(() => task.status.state === 'RUNNING')
        return
      }
      await until(() => lines.some((line) => line.includes('will not recover until manually restarted')))
      expect(task.status.state).toBe('FAILED')
      expect(task.health.nextRestart).toBe(null)
    })
  }

  test('raises the alarm once when it does not get on, and says where it stands', async () => {
    const { task, lines, reports } = supervised(Array.from({ length: 14 }, busy))
    reports[0]!.position = () => 't-0@7'
    await until(() => task.status.state === 'RUNNING')
    const alarms = lines.filter((line) => line.includes(' ERROR '))
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toContain('Task c-0 was started 10 times without getting on from t-0@7')
  })

  test('waits short again once it has got on', async () => {
    let position = 0
    const { task, lines, reports } = supervised(Array.from({ length: 5 }, busy))
    reports[0]!.position = () => String(position++)
    await until(() => task.status.state === 'RUNNING')
    expect(lines.filter((line) => /failed and is started again in \d+ ms\./.test(line))).toHaveLength(5)
    expect(lines.join('')).not.toContain('without having got on')
  })

  test('starts at once when somebody asks for it', async () => {
    const { task } = supervised([busy()], {
      settings: { 'errors.restart.backoff.initial.ms': '60000', 'errors.restart.backoff.max.ms': '60000' },
    })
    await until(() => task.health.nextRestart !== null)
    task.stop()
    await task.ended(performance.now() + 5000)
    task.start()
    await until(() => task.status.state === 'RUNNING')
    expect(task.health).toMatchObject({ restarts: 0, nextRestart: null })
  })

  test('is not started again when it was stopped meanwhile', async () => {
    const { task, runs } = supervised([busy()], { settings: slow })
    await until(() => task.health.nextRestart !== null)
    task.stop()
    await task.ended(performance.now() + 5000)
    expect(task.health.nextRestart).toBe(null)
    expect(runs).toHaveLength(1)
  })

  test('comes back PAUSED when it was paused meanwhile', async () => {
    const { task } = supervised([busy()], { settings: slow })
    await until(() => task.status.state === 'FAILED')
    task.pause()
    await until(() => task.status.state === 'PAUSED')
    task.resume()
    await until(() => task.status.state === 'RUNNING')
  })
})
