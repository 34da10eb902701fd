import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadDotEnv } from '../../src/config/dotenv.ts'
import { resolveVariables } from '../../src/config/variables.ts'
import { configProviders } from '../../src/providers/config-providers.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'

const dir = mkdtempSync(join(tmpdir(), 'providers-'))
afterAll(() => rmSync(dir, { recursive: true }))
mkdirSync(join(dir, 'secrets'))
writeFileSync(join(dir, 'secrets', 'token'), 'one\n')
writeFileSync(join(dir, 'outside'), 'no')
writeFileSync(join(dir, 's.properties'), 'k = v\u20ac\n')
writeFileSync(join(dir, 'latin.properties'), Buffer.from('k=\u00e9', 'latin1'))

const env = { A: 'alpha', HOME: '/home/x', EMPTY: '' }

function resolve(text: string, worker: Record<string, string> = {}) {
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => void lines.push(line)), 'providers')
  const { settings } = resolveVariables({ x: text }, configProviders(worker, { env, log }))
  return { text: settings['x'], logged: lines.join('') }
}

describe('configProviders', () => {
  test('has env, file and dir without any declaration', () => {
    const text = `\${env:A} \${file:${dir}/s.properties:k} \${dir:${dir}/secrets:token}`
    expect(resolve(text).text).toBe('alpha v\u20ac one\n')
  })

  test('lets the worker file declare the same names otherwise', () => {
    const worker = {
      'config.providers': 'env, e',
      'config.providers.env.class': 'EnvVarConfigProvider',
      'config.providers.env.param.allowlist.pattern': 'HO.*',
      'config.providers.e.class': ' org.apache.kafka.common.config.provider.EnvVarConfigProvider ',
    }
    expect(resolve('${env:A} ${env:HOME} ${e:A}', worker).text).toBe('${env:A} /home/x alpha')
  })

  test('names a provider whose class is missing or unknown', () => {
    expect(() => resolve('', { 'config.providers': 'x' })).toThrow('config.providers.x.class')
    expect(() => resolve('', { 'config.providers': 'x', 'config.providers.x.class': 'a.B' })).toThrow(
      'Invalid value a.B for configuration config.providers.x.class: Class a.B could not be found.',
    )
  })

  test('asks for other classes elsewhere', () => {
    const log = createLogger(new LogOutput(() => {}), 'providers')
    const other = () => ({ get: () => ({ data: { k: 'mine' }, ttlMs: null }) })
    const worker = { 'config.providers': 'x', 'config.providers.x.class': 'a.B' }
    const providers = configProviders(worker, { env, log, other })
    expect(resolveVariables({ x: '${x:k}' }, providers).settings['x']).toBe('mine')
  })

  test('says why a file could not be read', () => {
    expect(() => resolve(`\${file:${dir}/nope:k}`)).toThrow(`Could not read properties from file ${dir}/nope`)
    expect(() => resolve(`\${file:${dir}/latin.properties:k}`)).toThrow('Could not read properties from file')
  })

  test('never leaves the directory of the directory provider', () => {
    for (const key of ['../outside', '..', '.', '', 'token/../token']) {
      expect(resolve(`\${dir:${dir}/secrets:${key}}`).text).toBe(`\${dir:${dir}/secrets:${key}}`)
    }
  })

  test('warns about a path that is not allowed, or no directory, and leaves the variable', () => {
    const worker = {
      'config.providers': 'd',
      'config.providers.d.class': 'Directory',
      'config.providers.d.param.allowed.paths': `${dir}/secrets`,
    }
    const { text, logged } = resolve(`\${d:${dir}/secrets/../secrets2:x}`, worker)
    expect(text).toContain('${d:')
    expect(logged).toContain('is not allowed to be accessed')
    expect(resolve(`\${dir:${dir}/outside:x}`).logged).toContain('is not a directory')
    expect(() => resolve('', { ...worker, 'config.providers.d.param.allowed.paths': 'relative' })).toThrow(
      'Path relative is not absolute',
    )
  })
})

describe('loadDotEnv', () => {
  test('adds what is not set, and nothing without a file', () => {
    expect(loadDotEnv(join(dir, 'secrets'), env)).toBe(env)
    writeFileSync(join(dir, '.env'), 'A=other\nNEW="two words"\nEMPTY=x # set to nothing counts as set\n')
    expect(loadDotEnv(dir, env)).toEqual({ ...env, NEW: 'two words' })
  })
})
