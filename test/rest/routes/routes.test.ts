import { describe, expect, test } from 'vitest'
import { FakeHerder } from '../fake-herder.ts'
import { openRest } from '../open-rest.ts'

const config = { 'connector.class': 'FileStreamSource', 'file': '${env:FILE}' }

async function get(herder: FakeHerder, path: string, options?: { healthTimeoutMs: number }) {
  const { call } = await openRest(herder, options)
  const { status, body, text } = await call('GET', path)
  return { status, body, text }
}

describe('GET /', () => {
  test('names version, commit and cluster, in this order', async () => {
    const { text } = await get(new FakeHerder(), '/')
    expect(text).toBe('{"version":"1.2.3","commit":"abc","kafka_cluster_id":"cluster-1"}')
  })
})

describe('GET /health', () => {
  const never = new Promise<void>(() => {})

  test('is 200 while the worker gives signs of life', async () => {
    expect(await get(new FakeHerder(), '/health')).toMatchObject({
      status: 200,
      body: {
        status: 'healthy',
        message: 'Worker has completed startup and is ready to handle requests.',
      },
    })
  })

  for (const { isReady, status, text, message } of [
    { isReady: false, status: 503, text: 'starting', message: 'Worker is still starting up.' },
    {
      isReady: true,
      status: 500,
      text: 'unhealthy',
      message: 'Worker was unable to handle this request and may be unable to handle other requests.',
    },
  ]) {
    test(`is ${status} when ${isReady ? 'a started' : 'a starting'} worker gives none in time`, async () => {
      const herder = new FakeHerder()
      herder.idle = () => never
      herder.isReady = isReady
      expect(await get(herder, '/health', { healthTimeoutMs: 1 })).toMatchObject({
        status,
        body: { status: text, message },
      })
    })
  }

  test('is an ordinary error when the worker says no', async () => {
    const herder = new FakeHerder()
    herder.idle = () => Promise.reject(new Error('no'))
    expect(await get(herder, '/health')).toMatchObject({
      status: 500,
      body: { error_code: 500, message: 'no' },
    })
  })
})

describe('GET /connectors', () => {
  const herder = new FakeHerder().add('a', config).add('b', config)
  const info = (name: string) => ({
    name,
    config: { ...config, name },
    tasks: [{ connector: name, task: 0 }],
    type: 'source',
  })
  const status = (name: string) => ({
    name,
    connector: { state: 'RUNNING', worker_id: 'worker-1:8083', version: '4.5.6' },
    tasks: [{ id: 0, state: 'RUNNING', worker_id: 'worker-1:8083', version: '4.5.6' }],
    type: 'source',
  })

  for (const { query, body } of [
    { query: '', body: ['a', 'b'] },
    { query: '?expand=info', body: { a: { info: info('a') }, b: { info: info('b') } } },
    { query: '?expand=status', body: { a: { status: status('a') }, b: { status: status('b') } } },
    {
      query: '?expand=info&expand=status',
      body: { a: { status: status('a'), info: info('a') }, b: { status: status('b'), info: info('b') } },
    },
    { query: '?expand=colour', body: { a: {}, b: {} } },
  ]) {
    test(`answers ${query === '' ? 'names' : query}`, async () => {
      expect(await get(herder, `/connectors${query}`)).toMatchObject({ status: 200, body })
    })
  }
})

describe('one connector', () => {
  const herder = new FakeHerder().add('my files', config, { trace: 'java.lang.Exception: no\n\tat x\n' })

  test('is answered with its raw settings', async () => {
    const { text } = await get(herder, '/connectors/my%20files')
    expect(text).toBe(
      '{"name":"my files","config":{"connector.class":"FileStreamSource","file":"${env:FILE}","name":"my files"},' +
        '"tasks":[{"connector":"my files","task":0}],"type":"source"}',
    )
    expect((await get(herder, '/connectors/my%20files/config')).body).toEqual({ ...config, name: 'my files' })
  })

  test('has a status, with the trace of what failed and only there', async () => {
    const { text } = await get(herder, '/connectors/my%20files/status')
    expect(text).toBe(
      '{"name":"my files","connector":{"state":"RUNNING","worker_id":"worker-1:8083","version":"4.5.6"},' +
        '"tasks":[{"id":0,"state":"FAILED","worker_id":"worker-1:8083","version":"4.5.6",' +
        '"trace":"java.lang.Exception: no\\n\\tat x\\n"}],"type":"source"}',
    )
  })

  test('has tasks', async () => {
    expect((await get(herder, '/connectors/my%20files/tasks/')).body).toEqual([
      { id: { connector: 'my files', task: 0 }, config: { ...config, name: 'my files' } },
    ])
  })

  for (const { path, message } of [
    { path: '', message: 'Connector x not found' },
    { path: '/config', message: 'Connector x not found' },
    { path: '/tasks', message: 'Connector x not found' },
    { path: '/status', message: 'No status found for connector x' },
  ]) {
    test(`that is unknown: 404 "${message}"`, async () => {
      expect(await get(herder, `/connectors/x${path}`)).toMatchObject({
        status: 404,
        body: { error_code: 404, message },
      })
    })
  }
})
