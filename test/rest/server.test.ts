import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { RestServer } from '../../src/rest/server.ts'
import { createLogger, LogOutput, silentLogger } from '../../src/util/logger.ts'
import { FakeHerder } from './fake-herder.ts'
import { openRest, plainListener } from './open-rest.ts'

describe('the REST server', () => {
  test('says which port it has where any was asked for', async () => {
    const lines: string[] = []
    const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
    const admin = plainListener('http://127.0.0.1:0', 'admin.listeners')
    const { rest } = await openRest(null, { listener: 'http://:0', adminListeners: [admin], log })
    const said = lines.join('')
    expect(said).toContain(`WARN The REST API listens on http://:${rest.port} without authentication`)
    expect(said).toContain(`INFO REST API listens on http://:${rest.port} `)
    expect(said).toContain(`INFO REST API listens on http://127.0.0.1:${rest.adminPorts[0]} (admin)`)
  })

  test('answers 404 to every path until it has something to serve', async () => {
    const { rest, call } = await openRest(null)
    for (const path of ['/', '/health', '/connectors']) {
      const { status, body } = await call('GET', path)
      expect({ status, body }).toEqual({
        status: 404,
        body: { error_code: 404, message: 'HTTP 404 Not Found' },
      })
    }
    rest.serve([{ method: 'GET', path: '/', handle: () => ({ status: 200, body: 'ready' }) }])
    expect((await call('GET', '/')).body).toBe('ready')
  })

  for (const { method, path, status, message } of [
    { method: 'GET', path: '/nothing', status: 404, message: 'HTTP 404 Not Found' },
    { method: 'GET', path: '/connectors/a/b/c', status: 404, message: 'HTTP 404 Not Found' },
    { method: 'GET', path: '/connectors//config', status: 404, message: 'HTTP 404 Not Found' },
    { method: 'POST', path: '/', status: 405, message: 'HTTP 405 Method Not Allowed' },
    { method: 'DELETE', path: '/connectors', status: 405, message: 'HTTP 405 Method Not Allowed' },
    { method: 'GET', path: '/connectors/x', status: 404, message: 'Connector x not found' },
    {
      method: 'GET',
      path: '/connectors/%zz',
      status: 400,
      message: 'The path segment %zz is not valid percent-encoding.',
    },
  ]) {
    test(`answers ${method} ${path} with ${status} and Kafka's error body`, async () => {
      const { call } = await openRest(new FakeHerder())
      const answer = await call(method, path)
      expect(answer.status).toBe(status)
      expect(answer.text).toBe(JSON.stringify({ error_code: status, message }))
      expect(answer.headers['content-type']).toBe('application/json')
    })
  }

  test('answers HEAD as GET, without the body', async () => {
    const { call } = await openRest(new FakeHerder().add('files', {}))
    const get = await call('GET', '/connectors')
    const head = await call('HEAD', '/connectors')
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
    expect((await call('HEAD', '/connectors/x')).status).toBe(404)
  })

  test('answers with 500 and logs what it did not expect', async () => {
    const lines: string[] = []
    const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
    const { rest, call } = await openRest(null, { log })
    const handle = () => {
      throw new Error('broken inside')
    }
    rest.serve([{ method: 'GET', path: '/oops', handle }])
    const { status, body } = await call('GET', '/oops')
    expect({ status, body }).toEqual({ status: 500, body: { error_code: 500, message: 'broken inside' } })
    expect(lines.join('')).toContain('ERROR Uncaught exception in REST call to /oops')
  })

  test('drops an idle connection when it is closed', async () => {
    const { rest, call } = await openRest(new FakeHerder())
    await call('GET', '/', { connection: 'keep-alive' })
    await rest.close()
    await expect(call('GET', '/')).rejects.toThrow('ECONNREFUSED')
  })
})

describe('a loopback listener', () => {
  for (const { host, status } of [
    { host: 'localhost:8083', status: 200 },
    { host: '127.0.0.1', status: 200 },
    { host: '[::1]:8083', status: 200 },
    { host: 'worker.localhost:8083', status: 200 },
    { host: 'evil.example:8083', status: 403 },
    { host: '127.0.0.1.evil.example', status: 403 },
    { host: '192.168.1.1:8083', status: 403 },
  ]) {
    test(`answers a request for the host ${host} with ${status}`, async () => {
      const { call } = await openRest(new FakeHerder())
      const answer = await call('GET', '/', { host })
      expect(answer.status).toBe(status)
      if (status === 403) expect(answer.body).toMatchObject({ error_code: 403 })
    })
  }

  test('that is open to everybody serves every host', async () => {
    const { call } = await openRest(new FakeHerder(), { listener: 'http://0.0.0.0:0' })
    expect((await call('GET', '/', { host: 'worker.example' })).status).toBe(200)
  })
})

describe('opening listeners', () => {
  test('says which setting is to blame for a port that is in use, and leaves nothing open', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const listeners = [plainListener(`http://127.0.0.1:${port}`)]
    const error = await RestServer.open({ listeners }, silentLogger).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({
      key: 'listeners',
      message: expect.stringMatching(
        `^Unable to listen on http://127.0.0.1:${port}: the port is in use`,
      ) as unknown,
    })
  })

  test('serves all of several listeners', async () => {
    const rest = await RestServer.open(
      { listeners: [plainListener('http://127.0.0.1:0'), plainListener('http://localhost:0')] },
      silentLogger,
    )
    onTestFinished(() => rest.close())
    rest.serve([{ method: 'GET', path: '/', handle: () => ({ status: 200, body: {} }) }])
    expect((await fetch(`http://127.0.0.1:${rest.port}/`)).status).toBe(200)
  })
})
