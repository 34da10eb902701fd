import { readFileSync } from 'node:fs'
import { request, type RequestOptions } from 'node:https'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { restListener } from '../../src/rest/listener.ts'
import { readListenerTls } from '../../src/rest/listener-tls.ts'
import { FakeHerder } from './fake-herder.ts'
import { openRest } from './open-rest.ts'

const path = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const pem = (name: string) => readFileSync(path(`rest-tls/${name}.pem`), 'utf8')
const pemStore = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': path('rest-tls/server.pem') }
const p12Store = {
  'ssl.keystore.type': 'PKCS12',
  'ssl.keystore.location': path('rest-tls/server.p12'),
  'ssl.keystore.password': 'secret',
}
const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': path('rest-tls/clients-ca.pem') }
const identity = (name: string) => ({ key: pem(name), cert: pem(name) })

type Settings = Readonly<Record<string, string>>

async function open(settings: Settings, options: { knownHost?: string } = {}) {
  const listener = restListener('https://127.0.0.1:0', () => readListenerTls(settings, 'listeners.https.'))
  const { rest } = await openRest(new FakeHerder(), { listeners: [listener], ...options })
  return (client: RequestOptions = {}) => send(rest.port, client)
}

function send(
  port: number,
  client: RequestOptions,
): Promise<{ status: number; location?: string; protocol: string }> {
  return new Promise((resolve, reject) => {
    const body = client.method === 'POST' ? JSON.stringify({ name: 'a', config: {} }) : undefined
    const options = {
      host: '127.0.0.1',
      port,
      path: '/connectors',
      ca: pem('servers-ca'),
      // Requests for other hosts do not get that far otherwise.
      checkServerIdentity: () => undefined,
      agent: false as const,
    }
    const sent = request({ ...options, ...client }, (response) => {
      const protocol = (response.socket as unknown as { getProtocol(): string }).getProtocol()
      const { location } = response.headers
      response.resume().on('end', () =>
        resolve({
          status: response.statusCode!,
          protocol,
          ...(location === undefined ? {} : { location }),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('an https listener', () => {
  for (const [format, store] of [
    ['PEM', pemStore],
    ['PKCS12', p12Store],
  ] as const) {
    test(`serves with a key store in ${format}`, async () => {
      const call = await open(store)
      expect(await call()).toEqual({ status: 200, protocol: 'TLSv1.3' })
      await expect(call({ ca: pem('clients-ca') })).rejects.toThrow(/certificate/)
    })
  }

  test('says https in Location, and keeps out foreign hosts but the advertised one', async () => {
    const call = await open(pemStore, { knownHost: 'connect.example' })
    expect(await call({ method: 'POST', headers: { host: 'localhost:1' } })).toMatchObject({
      status: 201,
      location: 'https://localhost:1/connectors/a',
    })
    expect((await call({ headers: { host: 'evil.example' } })).status).toBe(403)
    expect((await call({ headers: { host: 'Connect.example:443' } })).status).toBe(200)
  })

  for (const [format, store] of [
    ['PEM', trust],
    [
      'PKCS12',
      { 'ssl.truststore.location': path('rest-tls/clients-ca.p12'), 'ssl.truststore.password': 'secret' },
    ],
  ] as const) {
    test(`asks for client certificates: required, trust store in ${format}`, async () => {
      const call = await open({ ...p12Store, ...store, 'ssl.client.auth': 'required' })
      expect((await call(identity('client'))).status).toBe(200)
      await expect(call()).rejects.toThrow()
      // Its authority is in the key store, which is no reason to trust it.
      await expect(call(identity('stranger'))).rejects.toThrow()
    })
  }

  test('takes clients without a certificate where one is requested, but none that nobody vouches for', async () => {
    const call = await open({ ...pemStore, ...trust, 'ssl.client.auth': 'requested' })
    expect((await call()).status).toBe(200)
    expect((await call(identity('client'))).status).toBe(200)
    await expect(call(identity('stranger'))).rejects.toThrow()
  })

  test('offers the protocols that are enabled', async () => {
    const old = await open({ ...pemStore, 'ssl.enabled.protocols': 'TLSv1.2' })
    expect((await old()).protocol).toBe('TLSv1.2')
    const young = await open({ ...pemStore, 'ssl.enabled.protocols': 'TLSv1.3' })
    await expect(young({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/)
    const capped = await open({ ...pemStore, 'ssl.protocol': 'TLSv1.2' })
    expect((await capped()).protocol).toBe('TLSv1.2')
  })

  test('offers the cipher suites that are named', async () => {
    const call = await open({ ...pemStore, 'ssl.cipher.suites': 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' })
    expect((await call()).protocol).toBe('TLSv1.2')
    await expect(call({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).rejects.toThrow(/handshake/)
  })
})

describe('the settings of an https listener', () => {
  const prefix = 'listeners.https.'
  const prefixed = (settings: Settings) =>
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [prefix + key, value]))

  test('are those with the prefix alone, if there is one', () => {
    expect(readListenerTls({ ...prefixed(pemStore), 'ssl.client.auth': 'required' }, prefix).clientAuth).toBe(
      'none',
    )
    const clientAuth = { [`${prefix}ssl.client.auth`]: 'none' }
    expect(() => readListenerTls({ ...pemStore, ...clientAuth }, prefix)).toThrow(
      'An https listener needs a certificate: set listeners.https.ssl.keystore.location',
    )
  })

  for (const { what, settings, key, problem } of [
    { what: 'no certificate', settings: {}, key: 'ssl.keystore.location', problem: 'needs a certificate' },
    {
      what: 'a JKS key store',
      settings: { 'ssl.keystore.location': path('kafka-tls/trust.jks') },
      key: 'ssl.keystore.location',
      problem: 'keytool -importkeystore',
    },
    {
      what: 'a wrong password',
      settings: { ...p12Store, 'ssl.keystore.password': 'guess' },
      key: 'ssl.keystore.location',
      problem: 'the password is wrong',
    },
    {
      what: 'a store without a key',
      settings: { ...p12Store, 'ssl.keystore.location': path('rest-tls/clients-ca.p12') },
      key: 'ssl.keystore.location',
      problem: 'no private key with its certificate',
    },
    {
      what: 'client certificates without a trust store',
      settings: { ...pemStore, 'ssl.client.auth': 'required' },
      key: 'ssl.client.auth',
      problem: 'needs listeners.https.ssl.truststore.location',
    },
    {
      what: 'an unknown protocol',
      settings: { ...pemStore, 'ssl.enabled.protocols': 'SSLv3' },
      key: 'ssl.enabled.protocols',
      problem: 'Invalid value SSLv3 for configuration listeners.https.ssl.enabled.protocols',
    },
  ]) {
    test(`are refused for ${what}, by name`, () => {
      const read = () => readListenerTls({ ...prefixed(settings), [`${prefix}ssl.provider`]: 'x' }, prefix)
      expect(read).toThrow(problem)
      try {
        read()
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError)
        expect((error as ConfigError).key).toBe(prefix + key)
      }
      expect.hasAssertions()
    })
  }
})
