import { describe, expect, test } from 'vitest'
import { corsOf } from '../../src/rest/cors.ts'
import { FakeHerder } from './fake-herder.ts'
import { openRest } from './open-rest.ts'

async function open(origins: string, methods = '') {
  const { call } = await openRest(new FakeHerder(), { cors: corsOf(origins, methods) })
  return async (method: string, headers: Record<string, string>, path = '/connectors') => {
    const answer = await call(method, path, headers)
    const found = Object.entries(answer.headers).filter(([name]) => name.startsWith('access-control'))
    return { status: answer.status, cors: Object.fromEntries(found), headers: answer.headers }
  }
}

const origin = 'http://ui.example'
const preflight = { origin, 'access-control-request-method': 'PUT' }

describe('without access.control.allow.origin', () => {
  test('no answer has a header for other origins, and requests are answered all the same', async () => {
    const send = await open(' ')
    expect(await send('GET', { origin })).toMatchObject({ status: 200, cors: {} })
    const options = await send('OPTIONS', preflight)
    expect(options).toMatchObject({ status: 200, cors: {} })
    expect(options.headers['allow']).toBe('GET,HEAD,OPTIONS,POST')
  })
})

describe('an allowed origin', () => {
  for (const { allowed, given, isAllowed } of [
    { allowed: '*', given: origin, isAllowed: true },
    { allowed: 'http://a.example, http://ui.example', given: origin, isAllowed: true },
    { allowed: 'http://a.example', given: origin, isAllowed: false },
    { allowed: 'http://*.example', given: origin, isAllowed: true },
    { allowed: 'http://*.example', given: 'http://ui.example.evil', isAllowed: false },
    { allowed: 'http://ui.example', given: 'http://uiXexample', isAllowed: false },
    { allowed: 'https://ui.example', given: origin, isAllowed: false },
  ]) {
    test(`${given} ${isAllowed ? 'is' : 'is not'} one of ${allowed}`, async () => {
      const answer = await (await open(allowed))('GET', { origin: given })
      expect(answer.status).toBe(200)
      expect(answer.cors).toEqual(isAllowed ? { 'access-control-allow-origin': given } : {})
      expect(answer.headers['vary']).toBe(allowed === '*' ? undefined : 'Origin')
    })
  }

  test('is told so in answers that are errors, too', async () => {
    const answer = await (await open('*'))('GET', { origin }, '/nothing')
    expect(answer).toMatchObject({ status: 404, cors: { 'access-control-allow-origin': origin } })
  })

  test('does not matter where no Origin is sent', async () => {
    expect((await (await open('*'))('GET', {})).cors).toEqual({})
  })
})

describe('a preflight request', () => {
  test('learns methods, headers and for how long they hold', async () => {
    const send = await open(origin, 'GET, PUT')
    expect(await send('OPTIONS', preflight)).toMatchObject({
      status: 200,
      cors: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET,PUT',
        'access-control-allow-headers': 'X-Requested-With,Content-Type,Accept,Origin',
        'access-control-max-age': '1800',
      },
    })
  })

  for (const { what, methods, headers } of [
    { what: 'a method beyond GET, POST and HEAD, by default', methods: '', headers: preflight },
    {
      what: 'a header that is not allowed',
      methods: 'PUT',
      headers: { ...preflight, 'access-control-request-headers': 'content-type, x-own' },
    },
    { what: 'another origin', methods: 'PUT', headers: { ...preflight, origin: 'http://b.example' } },
  ]) {
    test(`for ${what} learns nothing`, async () => {
      expect(await (await open(origin, methods))('OPTIONS', headers)).toMatchObject({ status: 200, cors: {} })
    })
  }

  test('needs no password, for browsers send none; what follows does', async () => {
    const options = { cors: corsOf(origin, ''), authenticate: () => false }
    const { call } = await openRest(new FakeHerder(), options)
    const asked = { origin, 'access-control-request-method': 'GET' }
    expect((await call('OPTIONS', '/connectors', asked)).status).toBe(200)
    const refused = await call('GET', '/connectors', { origin })
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, origin])
    expect((await call('OPTIONS', '/connectors')).status).toBe(401)
  })
})
