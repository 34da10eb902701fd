import { appendFileSync, readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  configDef,
  defineSinkConnector,
  defineSourceConnector,
  type SinkTask,
  SourceRecord,
  string,
} from '../../src/index.ts'
import { until } from '../support/until.ts'
import { workerInProcess } from '../support/worker-in-process.ts'

/** How long a plugin computes without a break; ten seconds and more are for a look by hand. */
const burnMs = Number(process.env['TSCONNECT_BURN_MS'] ?? 2000)

const none = configDef({ topics: string({ importance: 'low', default: '', doc: 'Topics.' }) })
const untilAborted = (signal: AbortSignal) =>
  new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))

/** A sink whose put does this when there are records. */
function sinkOf(name: string, put: SinkTask['put']) {
  return defineSinkConnector({
    name,
    config: none,
    startTask: () => ({
      put: (records, cancelled) => (records.length === 0 ? undefined : put(records, cancelled)),
    }),
  })
}

/** A source that does this in its first poll, and then waits. */
function sourceOf(name: string, mistake: () => void) {
  return defineSourceConnector({
    name,
    config: none,
    startTask: () => ({
      async poll(stopping) {
        mistake()
        return untilAborted(stopping)
      },
    }),
  })
}

/** A worker whose file source and sink have to go on whatever the others do. */
async function withBystanders(plugins: Parameters<typeof workerInProcess>[0]) {
  const made = await workerInProcess(plugins, { 'task.shutdown.graceful.timeout.ms': '500' })
  const { herder, folder, taskStates, url } = made
  const [input, output] = [join(folder, 'in.txt'), join(folder, 'out.txt')]
  let lines = 0
  const write = () => appendFileSync(input, `line ${lines++}\n`)
  write()
  const source = { 'connector.class': 'FileStreamSource', 'file': input, 'topic': 't' }
  await herder.createConnector('in', { name: 'in', ...source })
  const sink = { 'connector.class': 'FileStreamSink', 'file': output, 'topics': 't' }
  await herder.createConnector('out', { name: 'out', ...sink })
  const arrived = () => (existsSync(output) ? readFileSync(output, 'utf8') : '')
  const goOn = async () => {
    write()
    await until(() => arrived().split('\n').length === lines + 1, { what: made.lines.slice(-20).join('') })
    expect(arrived()).toBe(Array.from({ length: lines }, (_, i) => `line ${i}\n`).join(''))
    expect([...taskStates('in'), ...taskStates('out')]).toEqual(['RUNNING', 'RUNNING'])
    expect((await fetch(`${url}/health`)).status).toBe(200)
  }
  await goOn()
  return { ...made, goOn }
}

describe('a plugin that goes astray keeps it to itself:', () => {
  test('a put that never returns', async () => {
    let isHanging = false
    const { herder, goOn, lines, url } = await withBystanders([
      sinkOf('HangingSink', () => {
        isHanging = true
        return new Promise(() => {})
      }),
    ])
    await herder.createConnector('bad', { 'name': 'bad', 'connector.class': 'HangingSink', 'topics': 't' })
    await until(() => isHanging)
    await goOn()
    const answer = await fetch(`${url}/connectors/bad/tasks/0/restart`, { method: 'POST' })
    expect(answer.status).toBe(204)
    expect(lines.join('')).toContain('Graceful stop of task bad-0 failed.')
    expect((await fetch(`${url}/connectors/bad`, { method: 'DELETE' })).status).toBe(204)
    await goOn()
  })

  for (const { what, mistake, message } of [
    {
      what: 'a poll that throws in a later tick',
      mistake: () =>
        void setTimeout(() => {
          throw new Error('much later')
        }, 5),
      message: 'The code of task bad-0 threw an exception that nobody caught: much later',
    },
    {
      what: 'a call of process.exit',
      mistake: () => process.exit(1),
      message: 'The code of task bad-0 called process.exit(1). The worker goes on without it.',
    },
  ]) {
    test(what, async () => {
      const { herder, goOn, taskStates, lines } = await withBystanders([sourceOf('AstraySource', mistake)])
      await herder.createConnector('bad', { 'name': 'bad', 'connector.class': 'AstraySource' })
      await until(() => taskStates('bad')[0] === 'FAILED')
      expect(herder.connectorStatus('bad')!.tasks[0]!.trace).toContain(message)
      expect(lines.join('')).toContain(message)
      await goOn()
    })
  }

  test('one that computes for long on the only thread', { timeout: burnMs + 60_000 }, async () => {
    let polls = 0
    const burning = defineSourceConnector({
      name: 'BurningSource',
      config: none,
      startTask: () => ({
        async poll(stopping) {
          await Promise.resolve()
          if (++polls > 1) return untilAborted(stopping)
          const end = performance.now() + burnMs
          while (performance.now() < end);
          const value = { schema: null, value: 'done' }
          return [new SourceRecord({ topic: 'burnt', sourcePartition: {}, sourceOffset: {}, value })]
        },
      }),
    })
    const { herder, goOn, taskStates, lines } = await withBystanders([burning])
    await herder.createConnector('bad', { 'name': 'bad', 'connector.class': 'BurningSource' })
    await until(() => lines.some((line) => line.includes('could do nothing else')))
    expect(lines.join('')).toMatch(
      /could do nothing else for \d+\.\d s\. At work was [^.]*task bad-0 in poll\(\)/,
    )
    await goOn()
    expect(taskStates('bad')).toEqual(['RUNNING'])
  })
})
