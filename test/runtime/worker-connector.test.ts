import { describe, expect, test } from 'vitest'
import type { RunningConnector } from '../../src/index.ts'
import type { TargetState } from '../../src/runtime/status.ts'
import { WorkerConnector } from '../../src/runtime/worker-connector.ts'
import { silentLogger } from '../../src/util/logger.ts'

/** A connector that notes its calls and fails where it is told to. */
function connector({
  failsTo = '',
  running = {},
}: { failsTo?: 'start' | 'stop' | ''; running?: object } = {}) {
  const calls: string[] = []
  const call = (name: string) => {
    calls.push(name)
    if (failsTo === name) throw new Error(`cannot ${name}`)
  }
  const body = {
    start(): RunningConnector {
      call('start')
      return { stop: () => call('stop'), ...running }
    },
    taskConfigs: (maxTasks: number) => [{ from: 'body', maxTasks: String(maxTasks) }],
  }
  return { calls, instance: new WorkerConnector('c', body, silentLogger) }
}

describe('a connector instance', () => {
  for (const { targets, calls, state, isRunning = false } of [
    { targets: [], calls: [], state: 'UNASSIGNED' },
    { targets: ['STARTED'], calls: ['start'], state: 'RUNNING', isRunning: true },
    { targets: ['STARTED', 'STARTED'], calls: ['start'], state: 'RUNNING', isRunning: true },
    { targets: ['PAUSED'], calls: [], state: 'PAUSED' },
    { targets: ['STOPPED'], calls: [], state: 'STOPPED' },
    { targets: ['PAUSED', 'STARTED'], calls: ['start'], state: 'RUNNING', isRunning: true },
    { targets: ['STARTED', 'PAUSED', 'PAUSED'], calls: ['start', 'stop'], state: 'PAUSED' },
    { targets: ['STARTED', 'STOPPED'], calls: ['start', 'stop'], state: 'STOPPED' },
    { targets: ['STARTED', 'PAUSED', 'STOPPED'], calls: ['start', 'stop'], state: 'STOPPED' },
    {
      targets: ['STARTED', 'PAUSED', 'STARTED'],
      calls: ['start', 'stop', 'start'],
      state: 'RUNNING',
      isRunning: true,
    },
  ] as readonly { targets: TargetState[]; calls: string[]; state: string; isRunning?: boolean }[]) {
    test(`asked to be ${targets.join(', then ') || 'nothing yet'} is ${state}`, async () => {
      const made = connector()
      for (const target of targets) await made.instance.transitionTo(target)
      expect(made.calls).toEqual(calls)
      expect(made.instance.status).toEqual({ state, trace: null })
      expect(made.instance.isRunning).toBe(isRunning)
    })
  }

  test('shuts down: stopped if it was started, and UNASSIGNED', async () => {
    const started = connector()
    await started.instance.transitionTo('STARTED')
    await started.instance.shutdown()
    const fresh = connector()
    await fresh.instance.shutdown()
    expect([started.calls, fresh.calls]).toEqual([['start', 'stop'], []])
    for (const { instance } of [started, fresh]) expect(instance.status.state).toBe('UNASSIGNED')
  })

  test('makes the settings of tasks itself, or leaves it to the definition', async () => {
    const plain = connector()
    await plain.instance.transitionTo('STARTED')
    expect(await plain.instance.taskConfigs(3)).toEqual([{ from: 'body', maxTasks: '3' }])

    const own = connector({ running: { taskConfigs: (max: number) => [{ own: String(max) }] } })
    await own.instance.transitionTo('STARTED')
    expect(await own.instance.taskConfigs(3)).toEqual([{ own: '3' }])
  })
})

describe('a failure', () => {
  test('of the start is FAILED with its trace, and final for everything but a stop', async () => {
    const { calls, instance } = connector({ failsTo: 'start' })
    await expect(instance.transitionTo('STARTED')).rejects.toMatchObject({
      message: 'Failed to transition connector c to state STARTED',
      cause: { message: 'cannot start' },
    })
    expect(instance.status.state).toBe('FAILED')
    expect(instance.status.trace).toMatch(/^java\.lang\.RuntimeException: cannot start\n\tat /)
    expect(instance.isRunning).toBe(false)
    for (const target of ['STARTED', 'PAUSED'] as const) {
      await expect(instance.transitionTo(target)).rejects.toThrow(
        `WorkerConnector{id=c} Cannot transition connector to ${target} since it has failed`,
      )
    }
    await instance.transitionTo('STOPPED')
    expect(calls).toEqual(['start'])
    expect(instance.status).toEqual({ state: 'STOPPED', trace: null })
  })

  test('that the connector raises itself is FAILED; it can be stopped and started again', async () => {
    const { calls, instance } = connector()
    await instance.transitionTo('STARTED')
    instance.fail(new Error('lost the database'))
    expect(instance.status.state).toBe('FAILED')
    expect(instance.status.trace).toContain('lost the database')
    expect(instance.isRunning).toBe(false)
    await instance.transitionTo('STOPPED')
    await instance.transitionTo('STARTED')
    expect(instance.status).toEqual({ state: 'RUNNING', trace: null })
    expect(calls.filter((call) => call === 'start')).toHaveLength(2)
  })

  test('to stop makes a pause FAILED, a stop STOPPED and a shutdown FAILED', async () => {
    const pausing = connector({ failsTo: 'stop' })
    await pausing.instance.transitionTo('STARTED')
    await expect(pausing.instance.transitionTo('PAUSED')).rejects.toThrow(
      'Failed to transition connector c to state PAUSED',
    )
    expect(pausing.instance.status.state).toBe('FAILED')

    const stopping = connector({ failsTo: 'stop' })
    await stopping.instance.transitionTo('STARTED')
    await stopping.instance.transitionTo('STOPPED')
    expect(stopping.instance.status.state).toBe('STOPPED')

    const ending = connector({ failsTo: 'stop' })
    await ending.instance.transitionTo('STARTED')
    await ending.instance.shutdown()
    expect(ending.instance.status.state).toBe('FAILED')
    expect(ending.instance.status.trace).toContain('cannot stop')
  })
})
