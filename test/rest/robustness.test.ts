import { Agent, get, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { FakeHerder } from './fake-herder.ts'
import { openRest } from './open-rest.ts'

/** A bare connection: what is sent is what is written. */
function bare(port: number) {
  const socket: Socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  const closed = new Promise<string>((resolve) =>
    socket.on('error', () => {}).on('close', () => resolve(text)),
  )
  return { socket, closed, received: () => text }
}

test('a crowd of slow and of quick clients gets the right answers', { timeout: 10_000 }, async () => {
  const names = ['a', 'b', 'c', 'd']
  const herder = new FakeHerder()
  for (const name of names) herder.add(name, { file: `${name}.txt` })
  const { rest } = await openRest(herder)
  const slow = Array.from({ length: 200 }, () => bare(rest.port))
  for (const { socket } of slow) socket.write('GET /connectors HTTP/1.1\r\nHost: localhost\r\nX-Sl')
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 })
  onTestFinished(() => agent.destroy())
  const one = (name: string) =>
    new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port: rest.port, path: `/connectors/${name}/config`, agent }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve(`${response.statusCode} ${text}`))
      }).on('error', reject)
    })
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => one(names[i % 4]!)))
  expect(answers).toEqual(
    answers.map((_, i) => `200 {"file":"${names[i % 4]}.txt","name":"${names[i % 4]}"}`),
  )
  for (const { socket } of slow) socket.write('ow: x\r\nConnection: close\r\n\r\n')
  const late = await Promise.all(slow.map(({ closed }) => closed))
  expect(late.filter((text) => /^HTTP\/1\.1 200 OK\r\n[^]*\["a","b","c","d"\]$/.test(text))).toHaveLength(200)
})

describe('what is no request', () => {
  for (const { what, sent, status } of [
    { what: 'another protocol', sent: '\x16\x03\x01\x02\x00\x01\x00', status: 400 },
    { what: 'a line without a path', sent: 'GET\r\n\r\n', status: 400 },
    { what: 'HTTP/2', sent: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400 },
    {
      what: 'two lengths',
      sent: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      status: 400,
    },
    { what: 'no Host', sent: 'GET / HTTP/1.1\r\n\r\n', status: 400 },
    { what: 'headers without end', sent: `GET / HTTP/1.1\r\nX: ${'x'.repeat(200_000)}`, status: 431 },
    { what: 'an endless path', sent: `GET /${'x'.repeat(200_000)} HTTP/1.1\r\n\r\n`, status: 431 },
    {
      what: 'a broken chunk',
      sent: 'POST /connectors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      status: 400,
    },
  ]) {
    test(`is answered with ${status}, in JSON: ${what}`, async () => {
      const { rest, call } = await openRest(new FakeHerder())
      const { socket, closed, received } = bare(rest.port)
      socket.write(sent, 'latin1')
      await expect.poll(received).toContain('}')
      socket.end()
      const [head = '', body = ''] = (await closed).split('\r\n\r\n')
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(head).toContain('Content-Type: application/json')
      expect(JSON.parse(body)).toMatchObject({ error_code: status, message: expect.any(String) as unknown })
      expect((await call('GET', '/')).status).toBe(200)
    })
  }

  test('never ends up in the answer to the request before it', async () => {
    const { rest } = await openRest(null)
    let release = () => {}
    const waiting = new Promise<void>((resolve) => (release = resolve))
    const handle = async () => {
      await waiting
      return { status: 200, body: 'first' }
    }
    rest.serve([{ method: 'GET', path: '/slow', handle }])
    const { socket, closed } = bare(rest.port)
    socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n')
    expect(await closed).toBe('')
    release()
  })

  test('an old client need not say whom it asks', async () => {
    const { rest } = await openRest(new FakeHerder())
    const { socket, closed } = bare(rest.port)
    socket.write('GET / HTTP/1.0\r\n\r\n')
    expect(await closed).toMatch(/^HTTP\/1.1 200 OK/)
  })

  test('a path may be a whole URL, whose host counts', async () => {
    const { call, rest } = await openRest(new FakeHerder())
    expect((await call('GET', `http://127.0.0.1:${rest.port}/connectors?expand=info`)).body).toEqual({})
    expect((await call('GET', 'http://evil.example/', { host: 'localhost' })).status).toBe(403)
  })
})

describe('a body of 50 MB', () => {
  const size = 50 * 1024 * 1024
  const json = { 'content-type': 'application/json' }

  for (const { how, headers } of [
    { how: 'with its length', headers: { ...json, 'content-length': String(size) } },
    { how: 'in chunks', headers: { ...json, 'transfer-encoding': 'chunked' } },
  ]) {
    test(`${how} is answered with 413, and the client reads the answer`, async () => {
      const { rest, call } = await openRest(new FakeHerder())
      const answer = await new Promise<string>((resolve, reject) => {
        const options = { host: '127.0.0.1', port: rest.port, path: '/connectors', method: 'POST', headers }
        const sent = request({ ...options, agent: false }, (response) => {
          let text = ''
          response.on('data', (chunk: Buffer) => (text += chunk.toString()))
          response.on('end', () => resolve(`${response.statusCode} ${response.headers.connection} ${text}`))
        })
        sent.on('error', reject)
        const chunk = Buffer.alloc(1024 * 1024, 'x')
        for (let i = 0; i < 50; i++) sent.write(chunk)
        sent.end()
      })
      expect(answer).toBe(
        '413 close {"error_code":413,"message":"The request is longer than 10485760 bytes."}',
      )
      expect((await call('GET', '/')).status).toBe(200)
    })
  }

  test('is not asked for by a server that will not take it', async () => {
    const { rest } = await openRest(new FakeHerder())
    const head = (length: number) =>
      `POST /connectors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`
    const long = bare(rest.port)
    long.socket.write(head(size))
    expect(await long.closed).toMatch(/^HTTP\/1.1 413 /)
    const short = bare(rest.port)
    short.socket.write(head(25))
    await expect.poll(short.received).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    short.socket.write('{"name":"a","config": {}}')
    await expect.poll(short.received).toContain('HTTP/1.1 201 Created')
  })
})

describe('a request that takes too long', () => {
  test('is answered with 500, and what comes later goes nowhere', async () => {
    const { rest, call } = await openRest(null, { answerTimeoutMs: 20 })
    let fail = (_: Error) => {}
    const never = new Promise<never>((_, reject) => (fail = reject))
    rest.serve([{ method: 'GET', path: '/', handle: () => never }])
    expect((await call('GET', '/')).body).toEqual({ error_code: 500, message: 'Request timed out' })
    rest.serve(
      [{ method: 'GET', path: '/', handle: () => never }],
      () => 'The worker is currently starting connector s, which began at 2026-01-02T03:04:05.678Z.',
    )
    expect((await call('GET', '/')).body).toMatchObject({
      message:
        'Request timed out. The worker is currently starting connector s, which began at 2026-01-02T03:04:05.678Z.',
    })
    fail(new Error('too late'))
    await delay(5)
  })

  test('and a client that leaves in the middle of one is no error of the worker', async () => {
    const lines: string[] = []
    const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
    const { rest, call } = await openRest(new FakeHerder(), { log })
    const { socket, closed } = bare(rest.port)
    socket.write(
      'POST /connectors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    )
    await delay(20)
    socket.destroy()
    await closed
    expect((await call('GET', '/')).status).toBe(200)
    expect(lines.filter((line) => /WARN|ERROR/.test(line))).toEqual([])
  })
})

describe('a request that changes something', () => {
  for (const { origin, status } of [
    { origin: undefined, status: 204 },
    { origin: 'http://localhost:3000', status: 204 },
    { origin: 'https://connect.example', status: 204 },
    { origin: 'http://evil.example', status: 403 },
    { origin: 'null', status: 403 },
  ]) {
    test(`from a page of ${origin ?? 'nobody'} is answered with ${status} on a loopback listener`, async () => {
      const { call } = await openRest(new FakeHerder().add('a', {}), { knownHost: 'connect.example' })
      const headers = origin === undefined ? {} : { origin }
      expect((await call('POST', '/connectors/a/restart', headers)).status).toBe(status)
      expect((await call('GET', '/connectors', headers)).status).toBe(200)
    })
  }
})
