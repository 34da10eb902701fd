import { describe, expect, test } from 'vitest'
import { hasVariable, resolveVariables, type ConfigProvider } from '../../src/config/variables.ts'

/** Knows `path/key` under the name given; counts how often it is asked. */
function provider(values: Record<string, string>, ttlMs: number | null = null) {
  const asked: string[] = []
  const made: ConfigProvider = {
    get(path, keys) {
      asked.push(`${path}[${[...keys].join(',')}]`)
      const known = [...keys].filter((key) => Object.hasOwn(values, `${path}/${key}`))
      return { data: Object.fromEntries(known.map((key) => [key, values[`${path}/${key}`]!])), ttlMs }
    },
  }
  return { asked, made }
}

describe('resolveVariables', () => {
  test('asks each path once for all of its keys', () => {
    const { asked, made } = provider({ 'p/a': '1', 'p/b': '2', 'q/a': '3' })
    const settings = { x: '${f:p:a}-${f:p:b}', y: '${f:p:a}${f:q:a}', z: null }
    expect({ ...resolveVariables(settings, new Map([['f', made]])).settings }).toEqual({
      x: '1-2',
      y: '13',
      z: null,
    })
    expect(asked).toEqual(['p[a,b]', 'q[a]'])
  })

  test('puts values in as they are', () => {
    const { made } = provider({ '/a': '$& ${f:b} $1', '/b': 'never' })
    expect(resolveVariables({ x: '<${f:a}>' }, new Map([['f', made]])).settings['x']).toBe('<$& ${f:b} $1>')
  })

  test('leaves alone what nobody knows, even names of Object.prototype', () => {
    const { made } = provider({})
    const settings = { x: '${f:toString} ${__proto__:a} ${g:a}', __proto__: null }
    expect(resolveVariables(settings, new Map([['f', made]])).settings['x']).toBe(settings.x)
  })

  test('tells for how long values are good', () => {
    const providers = new Map([
      ['f', provider({ 'p/a': '1' }, 500).made],
      ['g', provider({ 'p/a': '1' }).made],
    ])
    expect(resolveVariables({ x: '${f:p:a}${g:p:a}' }, providers).ttls).toEqual([
      { provider: 'f', path: 'p', ttlMs: 500 },
    ])
  })
})

test('hasVariable sees what resolveVariables would look into', () => {
  expect(['${a:b}', 'x${a:b:c}y', '${a}', '${', null].map(hasVariable)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
