import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readBrokerSecurity, readUsers } from '../../src/cli/broker-security.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { temporaryFolder } from '../broker/open-broker.ts'

const pem = (name: string) => fileURLToPath(new URL(`../fixtures/rest-tls/${name}.pem`, import.meta.url))
const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url))
const deps = { env: { BEN: 'from the environment' }, log: silentLogger }

function write(name: string, text: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}

describe('a users file', () => {
  test('has names and passwords, which may come from elsewhere', () => {
    const secrets = write('secrets.properties', 'cem=from a file\n')
    const path = write(
      'users.properties',
      `# people\nann = correct horse \\= battery\nben=\${env:BEN}\ncem=\${file:${secrets}:cem}\n__proto__=p\n`,
    )
    expect(Object.entries(readUsers(path, deps))).toEqual([
      ['ann', 'correct horse = battery'],
      ['ben', 'from the environment'],
      ['cem', 'from a file'],
      ['__proto__', 'p'],
    ])
  })

  for (const [what, text, problem] of [
    ['no password', 'ann\n', ':1:1: the user ann has no password.'],
    ['no name', 'ann=a\n=b\n', ':2:1: a line of --users begins with the name of a user.'],
    ['a user twice', 'ann=a\nben=b\nann=c\n', /The user ann stands twice .*:1:1, .*:3:1\.$/],
    ['a variable for nothing', 'ann=${env:NOBODY}\n', ':1:1: nothing is found for a variable'],
    [
      'a file that is not there',
      'ann=${file:/no/such/file:ann}\n',
      '--users: Could not read properties from file',
    ],
    ['nobody', '# nobody\n', 'names no user'],
  ] as const) {
    test(`is refused with ${what}, without the passwords`, () => {
      const path = write('users.properties', text)
      expect(() => readUsers(path, deps)).toThrow(problem)
    })
  }

  test('is named when it is not there', () => {
    expect(() => readUsers('/no/such/users', deps)).toThrow('--users: Could not read /no/such/users')
  })
})

describe('the options of TLS', () => {
  const [tlsKey, tlsCert, tlsCa] = [pem('server'), pem('server'), pem('clients-ca')]
  const read = (options: object) => readBrokerSecurity(options, deps)

  test('give what the broker takes', () => {
    expect(read({})).toEqual({})
    expect(read({ tlsKey, tlsCert })).toMatchObject({ tls: { clientAuth: 'none' } })
    const { tls } = read({ tlsKey, tlsCert, tlsCa })
    expect(tls?.clientAuth).toBe('required')
    for (const part of [tls?.key, tls?.cert, tls?.ca]) expect(part).toContain('-----BEGIN ')
    expect(read({ tlsKey, tlsCert, tlsCa, tlsClientAuth: 'requested' }).tls?.clientAuth).toBe('requested')
  })

  for (const [options, problem] of [
    [{ tlsKey }, '--tls-key and --tls-cert are needed together.'],
    [{ tlsCa }, '--tls-ca needs --tls-key and --tls-cert.'],
    [{ tlsClientAuth: 'required' }, '--tls-client-auth needs --tls-key and --tls-cert.'],
    [{ tlsKey, tlsCert, tlsClientAuth: 'required' }, '--tls-client-auth required needs --tls-ca'],
    [{ tlsKey, tlsCert, tlsCa, tlsClientAuth: 'maybe' }, 'It takes none, requested, required.'],
    [{ tlsKey: '/no/key', tlsCert }, '--tls-key: Could not read /no/key'],
    [{ tlsKey: tlsCa, tlsCert }, `--tls-key ${tlsCa} has no private key in PEM`],
    [{ tlsKey: fixture('kafka-tls/client-encrypted.key'), tlsCert }, 'client-encrypted.key is encrypted'],
    [{ tlsKey, tlsCert: fixture('kafka-tls/client.p12') }, 'client.p12 has no certificate in PEM'],
    [{ tlsKey: pem('client'), tlsCert }, 'is not the key of the certificate that stands first'],
    [{ tlsKey, tlsCert, tlsCa: fixture('rest-tls/make.sh') }, '--tls-ca'],
  ] as const) {
    test(`are refused: ${problem}`, () => {
      expect(() => read(options)).toThrow(problem)
    })
  }
})
