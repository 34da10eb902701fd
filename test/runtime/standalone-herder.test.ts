import { describe, expect, onTestFinished, test } from 'vitest'
import {
  configDef,
  int,
  nonEmpty,
  string,
  type Props,
  type SourceConnector,
  type SourceConnectorContext,
} from '../../src/index.ts'
import type { KafkaClients } from '../../src/kafka/client.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry, type PluginEntry } from '../../src/plugins/registry.ts'
import { ActiveTopics } from '../../src/runtime/active-topics.ts'
import { ConnectorOffsets } from '../../src/runtime/connector-offsets.ts'
import { StandaloneHerder } from '../../src/runtime/standalone-herder.ts'
import { type SourceOffset, Worker } from '../../src/runtime/worker.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { FakeAdmin } from '../support/fake-admin.ts'
import { FakeConsumer } from '../support/fake-consumer.ts'
import { FakeProducer } from '../support/fake-producer.ts'
import { unusedOffsetsTopic } from '../support/offsets-topic.ts'
import { until } from '../support/until.ts'

const source = { 'name': 's', 'connector.class': 'ProbeSource', 'topic': 't' }

/** A source that makes as many tasks as its setting `makes` says, and notes what is asked of it. */
class Probe {
  readonly events: string[] = []
  readonly topics: string[] = []
  context: SourceConnectorContext | null = null
  makes = 1
  startError: Error | null = null
  taskConfigsError: Error | null = null

  readonly plugin: SourceConnector<{ topic: string; n: number }> = {
    kind: 'source',
    name: 'io.acme.ProbeSourceConnector',
    version: '9.9',
    config: configDef({
      topic: string({ importance: 'high', validate: nonEmpty, doc: 'Topic.' }),
      n: int({ importance: 'low', default: 0, doc: 'Number of the task.' }),
    }),
    start: (_, context) => {
      this.events.push('start')
      this.context = context
      if (this.startError !== null) throw this.startError
      return { stop: () => void this.events.push('stop') }
    },
    taskConfigs: (_, maxTasks, props) => {
      this.events.push(`configs for ${maxTasks}`)
      if (this.taskConfigsError !== null) throw this.taskConfigsError
      return Array.from({ length: this.makes }, (_, n) => ({ ...props, n: String(n) }))
    },
    startTask: ({ n, topic }) => {
      this.topics.push(topic)
      this.events.push(`task ${n} starts`)
      return {
        async poll(stopping) {
          if (!stopping.aborted)
            await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }))
          return null
        },
        stop: () => void this.events.push(`task ${n} stops`),
      }
    },
  }
}

function setUp({
  resolve,
  shutdownTimeoutMs = 5000,
  ttlMs = () => null,
}: {
  resolve?: (props: object) => object
  shutdownTimeoutMs?: number
  ttlMs?: () => number | null
} = {}) {
  const probe = new Probe()
  const entry: PluginEntry<'source'> = {
    kind: 'source',
    name: probe.plugin.name,
    load: async () => probe.plugin,
  }
  const plugins = new PluginRegistry([...builtinPlugins, entry as PluginEntry])
  const offsets = {
    reader: () => ({ offset: async () => null, offsets: async () => [] }),
    store: () => ({
      put: () => {},
      flush: async () => {},
      alter: (changes: readonly SourceOffset[]) => void stored.push(...changes),
    }),
    list: () => stored.filter(({ offset }) => offset !== null),
  }
  const stored: SourceOffset[] = []
  const topics = new ActiveTopics()
  const workerProps = { 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' }
  const clients: KafkaClients = {
    producer: (_, listener) => new FakeProducer(listener),
    consumer: () => new FakeConsumer(),
    admin: () => new FakeAdmin(),
    topicReader: () => {
      throw new Error('nobody reads topics here')
    },
  }
  const offsetsTopic = unusedOffsetsTopic(clients)
  const worker = new Worker({
    props: workerProps,
    flushIntervalMs: 60_000,
    flushTimeoutMs: 1000,
    isTopicCreationEnabled: true,
    plugins,
    clients,
    offsets,
    offsetsTopic,
    topics,
    log: silentLogger,
  })
  const herder = new StandaloneHerder({
    worker,
    plugins,
    connectorOffsets: new ConnectorOffsets({
      offsets,
      offsetsTopic,
      clients,
      workerProps,
      flushTimeoutMs: 1000,
      log: silentLogger,
    }),
    topics,
    resolve: (props) => ({
      props: resolve === undefined ? props : (resolve(props) as Props),
      ttlMs: ttlMs(),
    }),
    workerProps,
    shutdownTimeoutMs,
    workerId: 'here:8083',
    version: '1.2.3',
    commit: 'abc',
    clusterId: 'cluster',
    log: silentLogger,
  })
  onTestFinished(() => herder.stop())
  const states = (name = 's') => herder.connectorStatus(name)?.tasks.map(({ state }) => state)
  return { herder, probe, states, topics, stored }
}

describe('creating a connector', () => {
  test('starts it and its tasks, and shows all of it', async () => {
    const { herder, probe, states } = setUp()
    const info = await herder.createConnector('s', source)
    expect(info).toEqual({ name: 's', config: source, tasks: [{ connector: 's', task: 0 }], type: 'source' })
    await until(() => states()?.[0] === 'RUNNING')
    expect(herder.connectors()).toEqual(['s'])
    expect(herder.connector('s')).toEqual(info)
    expect(herder.connectorStatus('s')).toEqual({
      type: 'source',
      version: '9.9',
      connector: { state: 'RUNNING', trace: null },
      tasks: [{ id: 0, state: 'RUNNING', trace: null }],
    })
    expect(herder.taskInfos('s')).toEqual([
      {
        id: { connector: 's', task: 0 },
        config: { ...source, 'n': '0', 'task.class': 'io.acme.ProbeSourceTask' },
      },
    ])
    expect(probe.events).toEqual(['start', 'configs for 1', 'task 0 starts'])
  })

  test('gives a sink tasks.max tasks, each with the topics', async () => {
    const { herder, states } = setUp()
    const sink = {
      'name': 'out',
      'connector.class': 'FileStreamSink',
      'topics': 'a,b',
      'file': '/dev/null',
      'tasks.max': '3',
    }
    await herder.createConnector('out', sink)
    await until(() => states('out')?.every((state) => state === 'RUNNING'))
    const configs = herder.taskInfos('out')!.map(({ config }) => config)
    expect(configs).toHaveLength(3)
    for (const config of configs) {
      expect(config['topics']).toBe('a,b')
      expect(config['task.class']).toBe('org.apache.kafka.connect.file.FileStreamSinkTask')
    }
  })

  for (const { target, state } of [
    { target: 'PAUSED', state: 'PAUSED' },
    { target: 'STOPPED', state: 'STOPPED' },
  ] as const) {
    test(`${target} from the beginning starts nothing`, async () => {
      const { herder, probe } = setUp()
      const info = await herder.createConnector('s', source, target)
      expect(info.tasks).toEqual([])
      expect(herder.connectorStatus('s')).toMatchObject({ connector: { state }, tasks: [] })
      expect(herder.taskInfos('s')).toEqual([])
      expect(probe.events).toEqual([])
    })
  }

  test('keeps nothing of settings that are wrong', async () => {
    const { herder, probe } = setUp()
    await expect(herder.createConnector('s', { ...source, topic: '' })).rejects.toThrow(
      'contains the following 1 error(s):\nInvalid value  for configuration topic',
    )
    expect(herder.connectors()).toEqual([])
    expect(probe.events).toEqual([])
  })

  test('is refused for a name that is taken, but for wrong settings first', async () => {
    const { herder } = setUp()
    await herder.createConnector('s', source)
    await expect(herder.createConnector('s', source)).rejects.toThrow('Connector s already exists')
    await expect(herder.createConnector('s', { ...source, topic: '' })).rejects.toThrow('1 error(s)')
  })

  test('whose start fails leaves it FAILED, without tasks', async () => {
    const { herder, probe } = setUp()
    probe.startError = new Error('no database')
    await expect(herder.createConnector('s', source)).rejects.toThrow(
      'Failed to transition connector s to state STARTED',
    )
    const status = herder.connectorStatus('s')!
    expect(status.connector.state).toBe('FAILED')
    expect(status.connector.trace).toContain('no database')
    expect(status.tasks).toEqual([])
  })

  test('fails when its tasks cannot be made', async () => {
    const { herder, probe } = setUp()
    probe.taskConfigsError = new Error('no tables')
    await expect(herder.createConnector('s', source)).rejects.toThrow('no tables')
    expect(herder.connectorStatus('s')!.tasks).toEqual([])
  })

  test('goes on although a task cannot be built: only the task is FAILED', async () => {
    const { herder, states, probe } = setUp()
    const startTask = () => {
      throw new Error('cannot be built')
    }
    Object.assign(probe.plugin, { startTask })
    await herder.createConnector('s', source)
    await until(() => states()?.[0] === 'FAILED')
    const status = herder.connectorStatus('s')!
    expect(status.connector.state).toBe('RUNNING')
    expect(status.tasks[0]!.trace).toContain('cannot be built')
  })
})

describe('tasks.max', () => {
  const tooMany =
    'The connector s has generated 3 tasks, which is greater than 2, the maximum number of tasks it is configured to create. ' +
    'This behaviour should be considered a bug and is disallowed.'

  test('fails a connector that makes more tasks', async () => {
    const { herder, probe } = setUp()
    probe.makes = 3
    await expect(herder.createConnector('s', { ...source, 'tasks.max': '2' })).rejects.toThrow(tooMany)
    const status = herder.connectorStatus('s')!
    expect(status.connector.state).toBe('FAILED')
    expect(status.connector.trace).toContain(tooMany)
    expect(status.tasks).toEqual([])
  })

  test('is only a wish with tasks.max.enforce=false', async () => {
    const { herder, probe } = setUp()
    probe.makes = 3
    await herder.createConnector('s', { ...source, 'tasks.max': '2', 'tasks.max.enforce': 'false' })
    expect(herder.connector('s')!.tasks).toHaveLength(3)
  })
})

describe('a connector that asks for other tasks', () => {
  test('gets them when they differ, and keeps the old ones when not', async () => {
    const { herder, probe, states } = setUp()
    await herder.createConnector('s', { ...source, 'tasks.max': '2' })
    await until(() => states()?.[0] === 'RUNNING')
    probe.context!.requestTaskReconfiguration()
    await until(() => probe.events.filter((event) => event === 'configs for 2').length === 2)
    expect(probe.events.filter((event) => event === 'task 0 starts')).toHaveLength(1)

    probe.makes = 2
    probe.context!.requestTaskReconfiguration()
    await until(() => probe.events.includes('task 1 starts'))
    expect(herder.connector('s')!.tasks).toHaveLength(2)
    await until(() => states()?.every((state) => state === 'RUNNING'))
    expect(probe.events.slice(-4)).toEqual([
      'configs for 2',
      'task 0 stops',
      'task 0 starts',
      'task 1 starts',
    ])
  })

  test('is FAILED when they cannot be made; running tasks go on', async () => {
    const { herder, probe, states } = setUp()
    await herder.createConnector('s', source)
    await until(() => states()?.[0] === 'RUNNING')
    probe.taskConfigsError = new Error('no tables')
    probe.context!.requestTaskReconfiguration()
    await until(() => herder.connectorStatus('s')!.connector.state === 'FAILED')
    expect(herder.connectorStatus('s')).toMatchObject({
      connector: { state: 'FAILED' },
      tasks: [{ state: 'RUNNING' }],
    })
  })

  test('may raise an error of its own, which is not that of a later connector of its name', async () => {
    const { herder, probe, states } = setUp()
    await herder.createConnector('s', source)
    await until(() => states()?.[0] === 'RUNNING')
    const old = probe.context!
    old.raiseError(new Error('lost'))
    expect(herder.connectorStatus('s')).toMatchObject({
      connector: { state: 'FAILED' },
      tasks: [{ state: 'RUNNING' }],
    })
    await herder.deleteConnector('s')
    await herder.createConnector('s', source)
    expect(() => old.raiseError(new Error('late'))).toThrow(
      "The request to fail the connector has been rejected because this instance of the connector 's' has already been shut down.",
    )
    expect(herder.connectorStatus('s')!.connector.state).toBe('RUNNING')
  })
})

describe('the end of a connector', () => {
  test('stops its tasks first, then itself; then nobody knows it', async () => {
    const { herder, probe, states } = setUp()
    await herder.createConnector('s', source)
    await until(() => states()?.[0] === 'RUNNING')
    await herder.deleteConnector('s')
    expect(probe.events.slice(-2)).toEqual(['task 0 stops', 'stop'])
    expect([herder.connector('s'), herder.connectorStatus('s'), herder.taskInfos('s')]).toEqual([
      null,
      null,
      null,
    ])
    await expect(herder.deleteConnector('s')).rejects.toThrow('Connector s not found')
  })

  test('comes for every connector when the worker stops', async () => {
    const { herder, probe, states } = setUp()
    await herder.createConnector('s', source)
    await herder.createConnector('u', { ...source, name: 'u' }, 'STOPPED')
    await until(() => states()?.[0] === 'RUNNING')
    await herder.stop()
    expect(probe.events.slice(-2)).toEqual(['task 0 stops', 'stop'])
    expect(herder.connectorStatus('s')).toMatchObject({ connector: { state: 'UNASSIGNED' }, tasks: [] })
  })
})

describe('a running connector', () => {
  const running = async (options: Parameters<typeof setUp>[0] = {}) => {
    const made = setUp(options)
    await made.herder.createConnector('s', source)
    await until(() => made.states()?.[0] === 'RUNNING')
    made.probe.events.length = 0
    return made
  }

  test('pauses and goes on: the connector stops, its tasks only wait', async () => {
    const { herder, probe, states } = await running()
    herder.pauseConnector('s')
    await until(() => herder.connectorStatus('s')!.connector.state === 'PAUSED')
    expect(probe.events).toEqual(['stop'])
    herder.resumeConnector('s')
    await until(() => herder.connectorStatus('s')!.connector.state === 'RUNNING')
    await until(() => states()?.[0] === 'RUNNING')
    expect(probe.events).toEqual(['stop', 'start', 'configs for 1'])
  })

  test('that is stopped has no tasks; resuming makes them anew', async () => {
    const { herder, probe, states } = await running()
    await herder.stopConnector('s')
    expect(herder.connectorStatus('s')).toMatchObject({ connector: { state: 'STOPPED' }, tasks: [] })
    expect(probe.events).toEqual(['task 0 stops', 'stop'])
    herder.resumeConnector('s')
    await until(() => states()?.[0] === 'RUNNING')
  })

  test('restarts by itself without touching tasks whose settings stay', async () => {
    const { herder, probe, states } = await running()
    await herder.restartConnector('s')
    expect(probe.events).toEqual(['stop', 'start', 'configs for 1'])
    expect(states()).toEqual(['RUNNING'])
  })

  test('restarts with its tasks, and the answer is the plan', async () => {
    const { herder, probe, states } = await running()
    const plan = await herder.restartConnectorAndTasks('s', { includeTasks: true, onlyFailed: false })
    expect(plan).toMatchObject({ connector: { state: 'RESTARTING' }, tasks: [{ state: 'RESTARTING' }] })
    await until(
      () => states()?.[0] === 'RUNNING' && herder.connectorStatus('s')!.connector.state === 'RUNNING',
    )
    expect(probe.events).toEqual(expect.arrayContaining(['task 0 stops', 'stop', 'start', 'task 0 starts']))
  })

  test('restarts nothing of what has not failed when only that is asked for', async () => {
    const { herder, probe } = await running()
    const plan = await herder.restartConnectorAndTasks('s', { includeTasks: true, onlyFailed: true })
    expect(plan).toMatchObject({ connector: { state: 'RUNNING' }, tasks: [{ state: 'RUNNING' }] })
    expect(probe.events).toEqual([])
  })

  test('restarts one task; one that is not there is not found', async () => {
    const { herder, probe, states } = await running()
    await herder.restartTask('s', 0)
    await until(() => states()?.[0] === 'RUNNING')
    expect(probe.events).toEqual(['task 0 stops', 'task 0 starts'])
    await expect(herder.restartTask('s', 7)).rejects.toThrow('Task s-7 not found')
  })

  test('takes new settings: its tasks are replaced only where something changed', async () => {
    const { herder, probe } = await running()
    await herder.putConnectorConfig('s', { ...source })
    expect(probe.events).toEqual(['stop', 'start', 'configs for 1'])
    const { isNew, info } = await herder.putConnectorConfig('s', { ...source, topic: 'u' })
    expect([isNew, info.config['topic']]).toEqual([false, 'u'])
    await until(() => probe.events.at(-1) === 'task 0 starts')
    expect(probe.events.slice(3)).toEqual(['stop', 'start', 'configs for 1', 'task 0 stops', 'task 0 starts'])
  })

  test('keeps running with its old settings when new ones are wrong', async () => {
    const { herder, probe, states } = await running()
    await expect(herder.putConnectorConfig('s', { ...source, topic: '' })).rejects.toThrow('1 error(s)')
    await expect(herder.patchConnectorConfig('s', { topic: null })).rejects.toThrow('Missing required')
    expect([probe.events, states(), herder.connector('s')!.config]).toEqual([[], ['RUNNING'], source])
  })

  test('can be changed in part; null takes a setting away', async () => {
    const { herder } = await running()
    await herder.patchConnectorConfig('s', { extra: 'yes', topic: 'v' })
    expect(herder.connector('s')!.config).toEqual({ ...source, topic: 'v', extra: 'yes' })
    await herder.patchConnectorConfig('s', { extra: null })
    expect(herder.connector('s')!.config).toEqual({ ...source, topic: 'v' })
  })

  test('starts again with what a config provider gives when that has expired', async () => {
    let secret = 'first'
    let ttlMs: number | null = 30
    const resolve = (props: object) => ({ ...props, topic: secret })
    const { herder, probe, states } = setUp({ resolve, ttlMs: () => ttlMs })
    await herder.createConnector('s', { ...source, topic: '${vault:topic}' })
    await until(() => states()?.[0] === 'RUNNING')
    secret = 'second'
    ttlMs = null
    await until(() => probe.topics.at(-1) === 'second')
    expect(probe.topics).toEqual(['first', 'second'])
    expect(herder.taskInfos('s')![0]!.config['topic']).toBe('${vault:topic}')
  })

  test('shows and changes offsets only when it is stopped', async () => {
    const { herder, stored } = await running()
    const entry = { partition: { file: 'a' }, offset: { position: 3 } }
    await expect(herder.alterConnectorOffsets('s', [entry])).rejects.toThrow(
      "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/s/stop' endpoint",
    )
    await herder.stopConnector('s')
    expect(await herder.alterConnectorOffsets('s', [{ ...entry, offset: { position: 1 } }, entry])).toBe(
      false,
    )
    expect(await herder.connectorOffsets('s')).toEqual([entry])
    stored.length = 0
    stored.push(entry)
    await herder.resetConnectorOffsets('s')
    expect(stored.at(-1)).toEqual({ partition: { file: 'a' }, offset: null })
    await expect(herder.connectorOffsets('nobody')).rejects.toThrow('Connector nobody not found')
  })
})

describe('a plugin that does not come back', () => {
  const never = () => new Promise<never>(() => {})

  test('holds up neither other connectors nor its own deletion', async () => {
    const { herder, probe, states } = setUp()
    const start = probe.plugin.start!
    let isAsked = false
    Object.assign(probe.plugin, {
      start: () => {
        isAsked = true
        return never()
      },
    })
    const hanging = herder.createConnector('s', source)
    await until(() => isAsked)
    Object.assign(probe.plugin, { start })
    await herder.createConnector('other', { ...source, name: 'other' })
    await until(() => states('other')?.[0] === 'RUNNING')
    expect(herder.stage).toMatch(/^The worker is currently starting connector s, which began at \d{4}-.*Z\.$/)
    const refused = expect(hanging).rejects.toThrow(
      'The connector s did not answer and has been left behind.',
    )
    await herder.deleteConnector('s')
    await refused
    expect(herder.connectors()).toEqual(['other'])
  }, 15_000)

  test('is cancelled after the grace period, and its connector can be started again', async () => {
    const { herder, probe, states } = setUp({ shutdownTimeoutMs: 20 })
    const startTask = probe.plugin.startTask
    Object.assign(probe.plugin, { startTask: () => ({ poll: never }) })
    await herder.createConnector('s', source)
    await until(() => states()?.[0] === 'RUNNING')
    Object.assign(probe.plugin, { startTask })
    await herder.restartTask('s', 0)
    await until(() => states()?.[0] === 'RUNNING' && probe.events.at(-1) === 'task 0 starts')
  })
})

describe('variables', () => {
  test('are resolved for tasks and stay as they are in what is shown', async () => {
    const resolve = (props: object) =>
      Object.fromEntries(
        Object.entries(props).map(([key, value]) => [
          key,
          value === '${env:TOPIC}' ? 'secret' : (value as string),
        ]),
      )
    const { herder, probe } = setUp({ resolve })
    const given = { ...source, topic: '${env:TOPIC}' }
    let seen: unknown = null
    const startTask = probe.plugin.startTask.bind(probe.plugin)
    Object.assign(probe.plugin, {
      startTask: (...[settings, context]: Parameters<typeof startTask>) => {
        seen = [settings.topic, context.configs()['topic']]
        return startTask(settings, context)
      },
    })
    await herder.createConnector('s', given)
    await until(() => seen !== null)
    expect(seen).toEqual(['secret', 'secret'])
    expect(herder.connector('s')!.config['topic']).toBe('${env:TOPIC}')
    expect(herder.taskInfos('s')![0]!.config['topic']).toBe('${env:TOPIC}')
  })
})

test('the herder is idle only when it is ready', async () => {
  const { herder } = setUp()
  let isIdle = false
  const idle = herder.whenIdle().then(() => (isIdle = true))
  await herder.createConnector('s', source, 'STOPPED')
  expect({ isReady: herder.isReady, isIdle }).toEqual({ isReady: false, isIdle: false })
  herder.setReady()
  await idle
  expect(herder.isReady).toBe(true)
})

test('settings no topic can be created with fail the connector, which is kept', async () => {
  const { herder, probe } = setUp()
  const partitions = (text: string) => ({ ...source, 'topic.creation.default.partitions': text })
  await expect(herder.createConnector('s', partitions('3'))).rejects.toThrow(
    'Missing required configuration "topic.creation.default.replication.factor"',
  )
  await expect(herder.createConnector('t', partitions('many'))).rejects.toThrow(
    'Invalid value many for configuration topic.creation.default.partitions: Not a number of type INT',
  )
  expect(herder.connectorStatus('s')?.connector.state).toBe('FAILED')
  expect(probe.events).not.toContain('start')
})
