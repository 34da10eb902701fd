import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { headerWriter } from '../../src/rest/response-headers.ts'
import { FakeHerder } from './fake-herder.ts'
import { openRest } from './open-rest.ts'

async function headersOf(rules: string, path = '/') {
  const { call } = await openRest(new FakeHerder(), { writeHeaders: headerWriter(rules) })
  return (await call('GET', path)).headers
}

describe('header rules', () => {
  test('set and add, quoted ones with commas', async () => {
    const rules =
      'set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store", add X-A: 1, ADD X-A: 2, set X-B: 1, set X-B: 2'
    expect(await headersOf(rules)).toMatchObject({
      'x-frame-options': 'DENY',
      'cache-control': 'no-cache, no-store',
      'x-a': '1, 2',
      'x-b': '2',
    })
  })

  test('apply to errors, too', async () => {
    expect(await headersOf('set X-Frame-Options: DENY', '/nothing')).toMatchObject({
      'x-frame-options': 'DENY',
      'content-type': 'application/json',
    })
  })

  test('with dates count from now', async () => {
    const headers = await headersOf('setDate Expires: 86400000, addDate Last-Modified: 0')
    const days =
      (Date.parse(headers['expires'] as string) - Date.parse(headers['last-modified'] as string)) / 864e5
    expect(days).toBeCloseTo(1, 3)
    expect(headers['expires']).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
  })

  for (const { rule, problem } of [
    { rule: 'setDate Expires: tomorrow', problem: 'tomorrow is not a number of ms' },
    { rule: 'set Content-Length: 3', problem: 'says where an answer ends' },
    { rule: 'set Transfer-Encoding: chunked', problem: 'says where an answer ends' },
    { rule: 'set X-Ä: 1', problem: 'must be a valid HTTP token' },
    { rule: 'set X-A: \u0001', problem: 'Invalid character in header content' },
    { rule: 'delete X-A: 1', problem: "Invalid header config action: 'delete'" },
  ]) {
    test(`are refused at the start: ${JSON.stringify(rule)}`, () => {
      expect(() => headerWriter(rule)).toThrow(problem)
      expect(() => headerWriter(rule)).toThrow(ConfigError)
    })
  }
})
