import { describe, expect, test } from 'vitest'
import { ConnectError, DataError, KafkaError, RetriableError } from '../../../src/errors.ts'
import { isTransient } from '../../../src/runtime/errors/transient.ts'

const coded = (code: string) => Object.assign(new Error(code), { code })
const answered = (status: number) => Object.assign(new Error(`HTTP ${status}`), { status })
const wrapped = (cause: Error) => new ConnectError('task failed', { cause })

describe('a failure is expected to pass', () => {
  for (const error of [
    new RetriableError('busy'),
    new KafkaError('no leader', { code: 'NOT_LEADER_OR_FOLLOWER', retriable: true }),
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ENOSPC',
      'EDQUOT',
      'EMFILE',
    ].map(coded),
    ...[408, 429, 500, 503, 599].map(answered),
    Object.assign(new Error('HTTP 502'), { statusCode: 502 }),
    AbortSignal.timeout(0).reason ?? new DOMException('too late', 'TimeoutError'),
    new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')], 'all addresses failed'),
    new TypeError('fetch failed', { cause: coded('UND_ERR_CONNECT_TIMEOUT') }),
  ] as Error[]) {
    test(`${error.name}: ${error.message}, alone and as a cause`, () => {
      expect(isTransient(error)).toBe(true)
      expect(isTransient(wrapped(wrapped(error)))).toBe(true)
    })
  }
})

describe('a failure is not expected to pass', () => {
  for (const error of [
    new Error('bug'),
    new TypeError('x is not a function'),
    new DataError('not a number'),
    new KafkaError('not allowed', { code: 'TOPIC_AUTHORIZATION_FAILED' }),
    ...['ENOENT', 'EACCES', 'EISDIR'].map(coded),
    ...[400, 401, 404, 409, 600].map(answered),
    new AggregateError([coded('ECONNREFUSED'), coded('EACCES')], 'mixed'),
  ]) {
    test(`${error.name}: ${error.message}`, () => expect(isTransient(wrapped(error))).toBe(false))
  }

  test('a ring of causes, or no error at all', () => {
    const ring = new Error('round')
    ring.cause = ring
    expect([isTransient(ring), isTransient('text'), isTransient(undefined)]).toEqual([false, false, false])
  })
})
