import { describe, expect, test } from 'vitest'
import { errorAnswer } from '../../../src/rest/errors.ts'
import type { Method } from '../../../src/rest/router.ts'
import { loggerRoutes } from '../../../src/rest/routes/loggers.ts'
import { Loggers } from '../../../src/util/log/loggers.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'

const modified = expect.any(Number) as unknown

function api(...known: readonly string[]) {
  const lines: string[] = []
  const loggers = new Loggers()
  for (const name of known) loggers.add(name)
  const routes = loggerRoutes(loggers, createLogger(new LogOutput((line) => lines.push(line)), 'x'))
  const call = async (method: Method, path: string, body?: unknown) => {
    const url = new URL(path, 'http://localhost')
    const [, logger] = /^\/admin\/loggers\/(.+)$/.exec(url.pathname) ?? []
    const wanted = logger === undefined ? '/admin/loggers' : '/admin/loggers/{logger}'
    const route = routes.find((candidate) => candidate.method === method && candidate.path === wanted)!
    try {
      const answer = await route.handle({
        method,
        path: url.pathname,
        query: url.searchParams,
        params: { logger: logger ?? '' },
        base: '',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      return [answer.status, answer.body]
    } catch (error) {
      const { status, body: refused } = errorAnswer(error)
      return [status, refused.message]
    }
  }
  return { call, lines, loggers }
}

describe('GET /admin/loggers', () => {
  test('lists the loggers that have a level of their own, by name', async () => {
    const { call } = api('b', 'a.c')
    expect(await call('GET', '/admin/loggers')).toEqual([
      200,
      { root: { level: 'INFO', last_modified: null } },
    ])
    await call('PUT', '/admin/loggers/a', { level: 'debug' })
    const [, body] = await call('GET', '/admin/loggers')
    expect(Object.entries(body as object)).toEqual([
      ['a', { level: 'DEBUG', last_modified: modified }],
      ['a.c', { level: 'DEBUG', last_modified: modified }],
      ['root', { level: 'INFO', last_modified: null }],
    ])
  })
})

describe('GET /admin/loggers/{logger}', () => {
  test('gives the level that is in effect', async () => {
    const { call } = api('a.b')
    expect(await call('GET', '/admin/loggers/a.b')).toEqual([200, { level: 'INFO', last_modified: null }])
    expect(await call('GET', '/admin/loggers/RooT')).toEqual([200, { level: 'INFO', last_modified: null }])
  })

  test('is 404 for a logger that nobody uses, and does not make it', async () => {
    const { call } = api()
    for (let i = 0; i < 2; i++)
      expect(await call('GET', '/admin/loggers/a.b')).toEqual([404, 'Logger a.b not found.'])
  })
})

describe('PUT /admin/loggers/{logger}', () => {
  test('changes all whose names start with the text, and answers with the changed ones', async () => {
    const { call, loggers } = api('org.apache.kafka.connect.B', 'org.apache.kafka.connect.A', 'org.other')
    const changed = ['org.apache.kafka.conn', 'org.apache.kafka.connect.A', 'org.apache.kafka.connect.B']
    expect(await call('PUT', '/admin/loggers/org.apache.kafka.conn', { level: 'Trace' })).toEqual([
      200,
      changed,
    ])
    expect(await call('PUT', '/admin/loggers/org.apache.kafka.conn', { level: 'TRACE' })).toEqual([200, []])
    expect(loggers.level('org.other')).toBe('INFO')
  })

  test('of root changes all', async () => {
    const { call } = api('a', 'b')
    expect(await call('PUT', '/admin/loggers/ROOT', { level: 'OFF' })).toEqual([200, ['a', 'b', 'root']])
  })

  for (const level of ['OFF', 'FATAL', 'ERROR', 'WARN', 'DEBUG', 'TRACE', 'ALL']) {
    test(`knows ${level}`, async () => {
      const { call } = api()
      expect(await call('PUT', '/admin/loggers/a', { level: level.toLowerCase() })).toEqual([200, ['a']])
      expect(await call('GET', '/admin/loggers/a')).toEqual([200, { level, last_modified: modified }])
    })
  }

  test('for the cluster does the same and answers without a body', async () => {
    const { call, loggers } = api()
    expect(await call('PUT', '/admin/loggers/a?scope=cluster', { level: 'WARN' })).toEqual([204, undefined])
    expect(loggers.level('a')).toBe('WARN')
  })

  test('takes an unknown scope for the worker, and says so', async () => {
    const { call, lines } = api()
    expect(await call('PUT', '/admin/loggers/a?scope=world', { level: 'WARN' })).toEqual([200, ['a']])
    expect(lines).toEqual([
      expect.stringContaining('WARN The scope world of a change of log levels is unknown'),
    ])
  })

  for (const { body, answer } of [
    { body: {}, answer: [400, "Desired 'level' parameter was not specified in request."] },
    { body: { level: null }, answer: [400, "Desired 'level' parameter was not specified in request."] },
    { body: { level: 'LOUD' }, answer: [404, "invalid log level 'LOUD'."] },
    { body: { level: 7 }, answer: [404, "invalid log level '7'."] },
    { body: [], answer: [500, expect.stringContaining('LinkedHashMap')] },
    { body: '', answer: [500, expect.stringContaining('no body')] },
  ]) {
    test(`answers ${JSON.stringify(body)} with ${answer[0]} and makes no logger`, async () => {
      const { call, loggers } = api()
      expect(await call('PUT', '/admin/loggers/a', body)).toEqual(answer)
      expect(loggers.find('a')).toBeNull()
    })
  }
})

test('an error message shows no secrets', () => {
  expect(errorAnswer(new Error('No answer from http://me:tiger@host/')).body.message).toBe(
    'No answer from http://[hidden]@host/',
  )
})
