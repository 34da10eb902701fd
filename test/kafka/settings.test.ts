import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { ClientSettings } from '../../src/kafka/client.ts'
import { readConsumerSettings } from '../../src/kafka/consumer-settings.ts'
import { readProducerSettings } from '../../src/kafka/producer-settings.ts'
import { parseJaas } from '../../src/kafka/settings-sasl.ts'
import { createLogger, LogOutput, silentLogger } from '../../src/util/logger.ts'
import { readPkcs12 } from '../../src/util/tls/pkcs12.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/kafka-tls/${name}`, import.meta.url))
const text = (name: string) => readFileSync(fixture(name), 'utf8')
const producer = (settings: ClientSettings) =>
  readProducerSettings({ 'bootstrap.servers': 'a:1', ...settings }, silentLogger)
const consumer = (settings: ClientSettings) =>
  readConsumerSettings({ 'bootstrap.servers': 'a:1', 'group.id': 'g', ...settings }, silentLogger)

describe('bootstrap.servers', () => {
  test('is a list of hosts and ports, IPv6 in brackets', () => {
    expect(
      producer({ 'bootstrap.servers': 'a:1, [::1]:2 ,PLAINTEXT://b.c:3' }).connection.bootstrapServers,
    ).toEqual([
      { host: 'a', port: 1 },
      { host: '::1', port: 2 },
      { host: 'b.c', port: 3 },
    ])
  })

  test('is needed, and must be readable', () => {
    expect(() => readProducerSettings({}, silentLogger)).toThrow(
      'Missing required configuration "bootstrap.servers" which has no default value.',
    )
    expect(() => producer({ 'bootstrap.servers': 'nonsense' })).toThrow(
      'Invalid url in bootstrap.servers: nonsense',
    )
    expect(() => producer({ 'bootstrap.servers': ' , ' })).toThrow('No resolvable bootstrap urls given')
  })
})

describe('producer settings', () => {
  test('are those of Connect when Connect asks for them', () => {
    const connect = {
      'acks': 'all',
      'enable.idempotence': 'false',
      'max.in.flight.requests.per.connection': '1',
    }
    const read = producer({
      ...connect,
      'delivery.timeout.ms': '2147483647',
      'max.block.ms': '9223372036854775807',
    })
    expect(read).toMatchObject({
      acks: -1,
      isIdempotent: false,
      maxInFlight: 1,
      deliveryTimeoutMs: 2147483647,
    })
  })

  test('are idempotent unless something else that was asked for excludes it', () => {
    expect(producer({})).toMatchObject({ isIdempotent: true, isIdempotenceAsked: false, maxInFlight: 5 })
    expect(producer({ 'enable.idempotence': 'true' })).toMatchObject({ isIdempotenceAsked: true })
    for (const settings of [{ acks: '1' }, { retries: '0' }, { 'enable.idempotence': 'false' }]) {
      expect(producer(settings)).toMatchObject({ isIdempotent: false, isIdempotenceAsked: false })
    }
    const many = { 'enable.idempotence': 'false', 'max.in.flight.requests.per.connection': '20' }
    expect(producer(many).maxInFlight).toBe(20)
  })

  test('fill large batches unless batch.size is set', () => {
    expect(producer({}).fillBytes).toBe(524_288)
    expect(producer({ 'batch.size': '16384' }).fillBytes).toBe(16_384)
  })

  for (const [settings, message] of [
    [{ acks: '2' }, 'Invalid value 2 for configuration acks'],
    [{ 'linger.ms': 'soon' }, 'Invalid value soon for configuration linger.ms: Not a number of type LONG'],
    [{ 'linger.ms': '-1' }, 'Invalid value -1 for configuration linger.ms: Value must be at least 0'],
    [{ 'compression.type': 'rar' }, 'Invalid value rar for configuration compression.type'],
    [
      { 'enable.idempotence': 'true', 'acks': '1' },
      'Must set acks to all in order to use the idempotent producer',
    ],
    [{ 'enable.idempotence': 'maybe' }, 'Expected value to be either true or false'],
    [
      { 'delivery.timeout.ms': '10' },
      'delivery.timeout.ms should be equal to or larger than linger.ms + request',
    ],
    [
      { 'transactional.id': 'x', 'enable.idempotence': 'false' },
      'Cannot set a transactional.id without also enabling idempotence.',
    ],
    [
      { 'transactional.id': 'x', 'acks': '1' },
      'Cannot set a transactional.id without also enabling idempotence.',
    ],
    [
      { 'transactional.id': '' },
      'Invalid value  for configuration transactional.id: String must be non-empty',
    ],
    [
      { 'max.in.flight.requests.per.connection': '6' },
      'Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.',
    ],
    [
      { 'enable.idempotence': 'true', 'retries': '0' },
      'Must set retries to non-zero when using the idempotent',
    ],
    [{ 'partitioner.class': 'my.Partitioner' }, 'partitioner.class=my.Partitioner is a Java class'],
    [{ 'security.protocol': 'SSH' }, 'Invalid value SSH for configuration security.protocol'],
    [{ 'ssl.engine.factory.class': 'x.Y' }, 'ssl.engine.factory.class=x.Y is not implemented here'],
  ] as const) {
    test(`refuse ${JSON.stringify(settings)}`, () => {
      expect(() => producer(settings)).toThrow(expect.objectContaining({ name: 'ConfigError' }))
      expect(() => producer(settings)).toThrow(message)
    })
  }

  test('that make no difference are named once, unknown ones are not', () => {
    const lines: string[] = []
    const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
    const settings = {
      'bootstrap.servers': 'a:1',
      'interceptor.classes': 'x.Y',
      'key.serializer': 'z',
      'my.own': '1',
      'send.buffer.bytes': '5',
    }
    readProducerSettings(settings, log)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('make no difference: send.buffer.bytes, interceptor.classes.')
  })
})

describe('consumer settings', () => {
  test("offer Java's two default assignors", () => {
    expect(consumer({}).assignors.map(({ name }) => name)).toEqual(['range', 'cooperative-sticky'])
  })

  test('read auto.offset.reset in all its forms', () => {
    expect(consumer({}).offsetReset).toBe('latest')
    expect(consumer({ 'auto.offset.reset': 'Earliest' }).offsetReset).toBe('earliest')
    const byDuration = consumer({ 'auto.offset.reset': 'by_duration:P1DT2H3M4.5S' }).offsetReset
    expect(byDuration).toEqual({ durationMs: 93_784_500 })
    expect(() => consumer({ 'auto.offset.reset': 'middle' })).toThrow('Invalid value middle')
  })

  for (const [settings, message] of [
    [{ 'group.id': '' }, 'Missing required configuration "group.id"'],
    [{ 'group.protocol': 'consumer' }, 'group.protocol=consumer is not implemented here'],
    [{ 'isolation.level': 'serializable' }, 'Invalid value serializable for configuration isolation.level'],
    [{ 'enable.auto.commit': 'true' }, 'enable.auto.commit=true is not implemented here'],
    [{ 'partition.assignment.strategy': 'my.Assignor' }, 'Invalid value my.Assignor'],
    [{ 'heartbeat.interval.ms': '45000' }, 'Heartbeat must be set lower than the session timeout'],
  ] as const) {
    test(`refuse ${JSON.stringify(settings)}`, () => {
      expect(() => consumer(settings)).toThrow(message)
    })
  }
})

describe('sasl.jaas.config', () => {
  const login = (jaas: string, mechanism = 'PLAIN') =>
    producer({ 'security.protocol': 'sasl_plaintext', 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas })
      .connection.sasl

  test('gives user name and password, quotes and escapes undone', () => {
    const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
    expect(login(`${plain} required username="alice" password="a\\"b;=c\\\\";`)).toEqual({
      mechanism: 'PLAIN',
      username: 'alice',
      password: 'a"b;=c\\',
    })
    const scram = `org.apache.kafka.common.security.scram.ScramLoginModule required\n  username='bob'\n password=plain ;`
    expect(login(scram, 'SCRAM-SHA-512')).toMatchObject({ username: 'bob', password: 'plain' })
  })

  test('is refused with a reason that never shows the password', () => {
    for (const jaas of [
      'org.x.OtherModule required username="u" password="s3cret";',
      'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="s3cret"',
      'org.apache.kafka.common.security.plain.PlainLoginModule required password="s3cret";',
      'org.apache.kafka.common.security.plain.PlainLoginModule "s3cret";',
      'org.apache.kafka.common.security.plain.PlainLoginModule required password="s3cret;',
    ]) {
      expect(() => login(jaas)).toThrow(expect.objectContaining({ name: 'ConfigError' }))
      expect(() => login(jaas)).not.toThrow('s3cret')
    }
    expect(() => login('x', 'GSSAPI')).toThrow('sasl.mechanism=GSSAPI is not implemented here')
  })

  test('has one module with any number of options', () => {
    const { options } = parseJaas('m.Module required /* c */ a="1" b=2 // d\n c=\'3\';')
    expect([...options]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ])
  })
})

describe('TLS settings', () => {
  const tls = (settings: ClientSettings) =>
    producer({ 'security.protocol': 'SSL', ...settings }).connection.ssl!

  for (const name of ['trust-java.p12', 'trust-openssl.p12', 'trust-3des.p12']) {
    test(`read the trust store ${name}`, () => {
      const { certificates, keys } = readPkcs12(readFileSync(fixture(name)), 'secret')
      expect(certificates.map((pem) => pem.trim())).toEqual([text('ca.pem').trim()])
      expect(keys).toEqual([])
      expect(() => readPkcs12(readFileSync(fixture(name)), 'wrong')).toThrow('the password is wrong')
    })
  }

  test('read PEM from files and from settings, also on a single line', () => {
    const location = { 'ssl.truststore.location': fixture('ca.pem'), 'ssl.truststore.type': 'PEM' }
    expect(tls(location).ca).toEqual([text('ca.pem')])
    const inline = {
      'ssl.truststore.certificates': text('ca.pem').replaceAll('\n', ' '),
      'ssl.truststore.type': 'PEM',
    }
    expect(tls(inline).ca).toEqual([text('ca.pem')])
    const key = { 'ssl.keystore.key': text('client-encrypted.key'), 'ssl.key.password': 'keypass' }
    expect(tls({ 'ssl.keystore.certificate.chain': text('client.pem'), ...key }).cert).toBe(
      text('client.pem'),
    )
  })

  test('read a PKCS12 key store', () => {
    const store = { 'ssl.keystore.location': fixture('client.p12'), 'ssl.keystore.type': 'PKCS12' }
    const { cert, key, ca } = tls({ ...store, 'ssl.keystore.password': 'secret' })
    expect(new X509Certificate(cert as string).subject).toBe('CN=client')
    expect(key).toContain('PRIVATE KEY')
    // What vouches for the own certificate is not trusted for that.
    expect(ca).toBeUndefined()
    expect(() => tls({ ...store, 'ssl.keystore.password': 'wrong' })).toThrow('the password is wrong')
  })

  test('say how to convert a JKS store', () => {
    expect(() => tls({ 'ssl.truststore.location': fixture('trust.jks') })).toThrow('keytool -importkeystore')
  })

  test('check the host name unless told not to', () => {
    expect(tls({}).checkServerIdentity).toBeUndefined()
    expect(
      tls({ 'ssl.endpoint.identification.algorithm': '' }).checkServerIdentity!('a', {} as never),
    ).toBeUndefined()
  })

  test('translate protocols and cipher suites', () => {
    expect(tls({ 'ssl.enabled.protocols': 'TLSv1.3' })).toMatchObject({
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
    })
    expect(tls({ 'ssl.protocol': 'TLSv1.2' }).maxVersion).toBe('TLSv1.2')
    expect(() => tls({ 'ssl.protocol': 'TLSv1.2', 'ssl.enabled.protocols': 'TLSv1.3' })).toThrow(
      'ssl.protocol and ssl.cipher.suites allow none of them',
    )
    expect(
      tls({ 'ssl.cipher.suites': 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_256_CBC_SHA' })
        .ciphers,
    ).toBe('ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA')
  })
})
