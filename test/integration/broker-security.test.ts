import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { pem, pemPath, tls } from '../broker/security/secured.ts'
import { hasKcat, kafkaLibs } from './support/services.ts'

/** Clients in other languages log in to our broker over TLS. */
const run = promisify(execFile)
const limits = { timeout: 60_000, maxBuffer: 64_000_000 }
const hasJava = kafkaLibs !== null && existsSync(kafkaLibs)
const password = 'correct, horse="battery"'
const lines = [...Array(100).keys()].map((at) => `line ${at}\n`).join('')

let folder: string
let withLogin: Broker
let withCertificates: Broker

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'broker-security-'))
  const options = { host: '127.0.0.1', port: 0, dataDir: null, log: silentLogger }
  withLogin = await Broker.open({ ...options, tls, sasl: { users: { ann: password } } })
  withCertificates = await Broker.open({
    ...options,
    tls: { ...tls, ca: pem('clients-ca'), clientAuth: 'required' },
  })
})

afterAll(async () => {
  await withLogin.close()
  await withCertificates.close()
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!hasJava)('the Java clients', () => {
  const tool = async (broker: Broker, name: string, settings: Record<string, string>, ...args: string[]) => {
    const file = join(folder, `${name}-${args.join('-')}.properties`)
    const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': pemPath('servers-ca') }
    const pairs = Object.entries({ ...trust, ...settings })
    writeFileSync(file, pairs.map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`).join(''))
    const isProducer = name === 'ConsoleProducer'
    const running = run(
      'java',
      [
        '-cp',
        join(kafkaLibs!, '*'),
        `org.apache.kafka.tools.${isProducer ? name : `consumer.${name}`}`,
        '--bootstrap-server',
        `127.0.0.1:${broker.port}`,
        isProducer ? '--producer.config' : '--consumer.config',
        file,
        ...args,
      ],
      limits,
    )
    running.child.stdin!.end(isProducer ? lines : '')
    return await running
  }
  const login = (mechanism: string, secret: string) => ({
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': mechanism,
    'sasl.jaas.config':
      `org.apache.kafka.common.security.${mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram'}LoginModule ` +
      `required username="ann" password="${secret.replaceAll('"', '\\"')}";`,
  })

  for (const mechanism of ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN']) {
    test(`write and read with ${mechanism} over TLS`, async () => {
      const topic = ['--topic', `java-${mechanism}`]
      const settings = login(mechanism, password)
      await tool(withLogin, 'ConsoleProducer', settings, ...topic)
      const reading = [...topic, '--from-beginning', '--max-messages', '100']
      expect((await tool(withLogin, 'ConsoleConsumer', settings, ...reading)).stdout).toBe(lines)
    })
  }

  test('are told that the password is wrong', async () => {
    const settings = login('SCRAM-SHA-512', 'guess')
    const reading = ['--topic', 'wrong', '--from-beginning', '--timeout-ms', '20000']
    const { stderr, stdout } = await tool(withLogin, 'ConsoleConsumer', settings, ...reading).catch(
      (error: { stderr: string; stdout: string }) => error,
    )
    expect(stderr + stdout).toContain('Authentication failed: wrong user name or password.')
  })

  test('get in with a certificate, and only with one', async () => {
    const settings = {
      'security.protocol': 'SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': pemPath('client'),
    }
    await tool(withCertificates, 'ConsoleProducer', settings, '--topic', 'java-certificate')
    const reading = ['--topic', 'java-certificate', '--from-beginning', '--max-messages', '100']
    expect((await tool(withCertificates, 'ConsoleConsumer', settings, ...reading)).stdout).toBe(lines)

    const without = { 'security.protocol': 'SSL' }
    const brief = ['--topic', 'java-certificate', '--timeout-ms', '20000']
    const { stderr, stdout } = await tool(withCertificates, 'ConsoleConsumer', without, ...brief).catch(
      (error: { stderr: string; stdout: string }) => error,
    )
    expect(stderr + stdout).toMatch(/SslAuthenticationException|certificate_required/)
  })
})

describe.skipIf(!hasKcat)('kcat', () => {
  const kcat = async (broker: Broker, settings: Record<string, string>, ...args: string[]) => {
    const all = { 'ssl.ca.location': pemPath('servers-ca'), ...settings }
    const flags = Object.entries(all).flatMap(([key, value]) => ['-X', `${key}=${value}`])
    return (await run('kcat', ['-b', `127.0.0.1:${broker.port}`, ...flags, ...args], limits)).stdout
  }
  const login = (mechanism: string) => ({
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': mechanism,
    'sasl.username': 'ann',
    'sasl.password': password,
  })
  const write = async (broker: Broker, settings: Record<string, string>, topic: string) => {
    const file = join(folder, 'lines.txt')
    writeFileSync(file, lines)
    await kcat(broker, settings, '-P', '-t', topic, '-l', file)
  }

  for (const mechanism of ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN']) {
    test(`writes and reads with ${mechanism} over TLS`, async () => {
      const topic = `kcat-${mechanism}`
      await write(withLogin, login(mechanism), topic)
      expect(await kcat(withLogin, login(mechanism), '-C', '-t', topic, '-e', '-q')).toBe(lines)
    })
  }

  test('logs in as clients before Kafka 1.0 did', async () => {
    const old = { 'api.version.request': 'false', 'broker.version.fallback': '0.10.0.0' }
    const listed = await kcat(withLogin, { ...login('SCRAM-SHA-512'), ...old }, '-L')
    expect(listed).toContain(`broker 1 at 127.0.0.1:${withLogin.port}`)
  })

  test('is told that the password is wrong', async () => {
    const settings = { ...login('SCRAM-SHA-512'), 'sasl.password': 'guess' }
    await expect(kcat(withLogin, settings, '-L', '-m', '2')).rejects.toThrow('wrong user name or password')
  })

  test('gets in with a certificate', async () => {
    const settings = {
      'security.protocol': 'ssl',
      'ssl.key.location': pemPath('client'),
      'ssl.certificate.location': pemPath('client'),
    }
    await write(withCertificates, settings, 'kcat-certificate')
    const read = await kcat(withCertificates, settings, '-C', '-t', 'kcat-certificate', '-e', '-q')
    expect(read).toBe(lines)
    await expect(kcat(withCertificates, { 'security.protocol': 'ssl' }, '-L', '-m', '2')).rejects.toThrow(
      /certificate/,
    )
  })
})
