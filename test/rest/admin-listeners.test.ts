import { describe, expect, test } from 'vitest'
import { corsOf } from '../../src/rest/cors.ts'
import { headerWriter } from '../../src/rest/response-headers.ts'
import { Loggers } from '../../src/util/log/loggers.ts'
import { FakeHerder } from './fake-herder.ts'
import { call, openRest, plainListener } from './open-rest.ts'

const loggers = new Loggers()
const get = (port: number, path: string, headers?: Record<string, string>) =>
  call(port, { method: 'GET', path, headers, body: undefined })

describe('the admin paths', () => {
  test('are on the main listener by default', async () => {
    const { rest } = await openRest(new FakeHerder(), { loggers })
    expect((await get(rest.port, '/admin/loggers')).status).toBe(200)
  })

  test('are nowhere when admin.listeners is empty', async () => {
    const { rest } = await openRest(new FakeHerder(), { loggers, adminListeners: [] })
    expect((await get(rest.port, '/admin/loggers')).body).toEqual({
      error_code: 404,
      message: 'HTTP 404 Not Found',
    })
    expect((await get(rest.port, '/connectors')).status).toBe(200)
  })

  test('are on listeners of their own, where nothing else is', async () => {
    const adminListeners = [plainListener('http://127.0.0.1:0', 'admin.listeners')]
    const { rest } = await openRest(new FakeHerder(), { loggers, adminListeners })
    const [adminPort] = rest.adminPorts
    expect((await get(rest.port, '/admin/loggers')).status).toBe(404)
    expect((await get(adminPort!, '/admin/loggers/root')).body).toMatchObject({ level: 'INFO' })
    for (const path of ['/', '/health', '/connectors']) expect((await get(adminPort!, path)).status).toBe(404)
    await rest.close()
    await expect(get(adminPort!, '/admin/loggers')).rejects.toThrow('ECONNREFUSED')
  })

  test('have neither CORS nor header rules nor passwords there', async () => {
    const { rest } = await openRest(new FakeHerder(), {
      loggers,
      adminListeners: [plainListener('http://127.0.0.1:0', 'admin.listeners')],
      cors: corsOf('*', ''),
      writeHeaders: headerWriter('set X-Own: 1'),
      authenticate: () => false,
    })
    const origin = { origin: 'http://ui.example' }
    const main = await get(rest.port, '/connectors', origin)
    expect([main.status, main.headers['x-own']]).toEqual([401, '1'])
    const admin = await get(rest.adminPorts[0]!, '/admin/loggers', origin)
    expect(admin.status).toBe(200)
    expect(admin.headers).not.toHaveProperty('x-own')
    expect(admin.headers).not.toHaveProperty('access-control-allow-origin')
  })
})
