import { describe, expect, test } from 'vitest'
import { AlreadyExistsError, BadRequestError, ConfigError, NotFoundError } from '../../src/errors.ts'
import { errorAnswer, RestError } from '../../src/rest/errors.ts'
import { Router, type Method, type RestRequest } from '../../src/rest/router.ts'

function router(...paths: readonly [Method, string][]) {
  const seen: RestRequest[] = []
  const routes = paths.map(([method, path]) => ({
    method,
    path,
    handle: (request: RestRequest) => {
      seen.push(request)
      return { status: 200, body: `${method} ${path}` }
    },
  }))
  const found = new Router(routes)
  return {
    seen,
    answer: async (method: string, url: string) => {
      const [path = '', query = ''] = url.split('?')
      return found.find(method, path)({ method, path, query: new URLSearchParams(query), base: '', body: '' })
    },
  }
}

describe('the router', () => {
  test('chooses by method among routes of one path', async () => {
    const { answer } = router(['GET', '/connectors/{name}'], ['DELETE', '/connectors/{name}'])
    expect((await answer('DELETE', '/connectors/a')).body).toBe('DELETE /connectors/{name}')
    await expect(answer('PUT', '/connectors/a')).rejects.toMatchObject({ status: 405 })
    await expect(answer('PUT', '/connector/a')).rejects.toMatchObject({ status: 404 })
  })

  for (const { path, name } of [
    { path: '/connectors/files/config', name: 'files' },
    { path: '/connectors/files/config/', name: 'files' },
    { path: '/connectors/my%20files/config', name: 'my files' },
    { path: '/connectors/a%2Fb/config', name: 'a/b' },
    { path: '/connectors/100%25/config', name: '100%' },
    { path: '/connectors/caf%C3%A9/config', name: 'café' },
  ]) {
    test(`finds the name ${name} in ${path}`, async () => {
      const { answer, seen } = router(['GET', '/connectors/{name}/config'])
      await answer('GET', path)
      expect(seen[0]!.params).toEqual({ name })
    })
  }

  test('says in an answer to OPTIONS what a path allows', async () => {
    const { answer } = router(['GET', '/connectors'], ['POST', '/connectors'])
    const { status, headers } = await answer('OPTIONS', '/connectors')
    expect([status, headers]).toEqual([200, { Allow: 'GET,HEAD,OPTIONS,POST' }])
    await expect(answer('OPTIONS', '/nothing')).rejects.toMatchObject({ status: 404 })
  })

  test('hands on the query', async () => {
    const { answer, seen } = router(['GET', '/connectors'])
    await answer('GET', '/connectors/?expand=info&expand=status')
    expect(seen[0]!.query.getAll('expand')).toEqual(['info', 'status'])
  })
})

describe('an error becomes a status', () => {
  for (const { error, status, message } of [
    { error: new RestError(403, 'not here'), status: 403, message: 'not here' },
    { error: new BadRequestError('not so'), status: 400, message: 'not so' },
    { error: new NotFoundError('no such thing'), status: 404, message: 'no such thing' },
    { error: new AlreadyExistsError('there already'), status: 409, message: 'there already' },
    { error: new ConfigError('wrong setting'), status: 500, message: 'wrong setting' },
    { error: 'a text', status: 500, message: 'a text' },
  ]) {
    test(`${String(error)}: ${status}`, () => {
      expect(errorAnswer(error)).toEqual({ status, body: { error_code: status, message } })
    })
  }
})
