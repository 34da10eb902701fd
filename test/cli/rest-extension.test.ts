import { describe, expect, test } from 'vitest'
import { jaasFileOf } from '../../src/cli/jaas-file.ts'
import { restExtension } from '../../src/cli/rest-extension.ts'
import { silentLogger } from '../../src/util/logger.ts'

describe('rest.extension.classes', () => {
  test('may be empty', () => {
    expect(restExtension([], {}, silentLogger)).toBeNull()
    expect(restExtension([''], {}, silentLogger)).toBeNull()
  })

  test('refuses what is not there, before the REST API is open to anybody', () => {
    const classes = ['BasicAuthSecurityRestExtension', 'io.acme.Guard']
    expect(() => restExtension(classes, {}, silentLogger)).toThrow(
      'Invalid value io.acme.Guard for configuration rest.extension.classes',
    )
  })

  for (const name of [
    'BasicAuthSecurityRestExtension',
    'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
  ]) {
    test(`knows ${name}, which wants a JAAS file`, () => {
      expect(() => restExtension([name], {}, silentLogger)).toThrow('Failed to retrieve JAAS configuration')
      expect(() => restExtension([name], { TSCONNECT_JAAS_CONFIG: '/no/jaas' }, silentLogger)).toThrow(
        '/no/jaas',
      )
    })
  }
})

describe('the JAAS file', () => {
  const option = '-Djava.security.auth.login.config='
  for (const { env, file } of [
    { env: {}, file: null },
    { env: { KAFKA_OPTS: '' }, file: null },
    { env: { KAFKA_OPTS: `-Xmx1g ${option}/a.conf -Dx=y` }, file: '/a.conf' },
    { env: { KAFKA_OPTS: `${option}/a.conf ${option}=/b.conf` }, file: '/b.conf' },
    { env: { KAFKA_OPTS: `${option}file:///a%20b.conf` }, file: '/a b.conf' },
    { env: { KAFKA_OPTS: `-Dother.java.security.auth.login.config=/a.conf` }, file: null },
    { env: { KAFKA_OPTS: `${option}/a.conf`, TSCONNECT_JAAS_CONFIG: '/own.conf' }, file: '/own.conf' },
  ]) {
    test(`of ${JSON.stringify(env)} is ${file}`, () => expect(jaasFileOf(env)).toBe(file))
  }
})
