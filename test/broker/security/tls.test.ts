import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { SettingsReader } from '../../../src/config/settings-reader.ts'
import { readTlsContext } from '../../../src/config/tls-settings.ts'
import { connectTo, openBroker } from '../open-broker.ts'
import { askOverTls, openSecured, pem, pemPath, tls } from './secured.ts'

const identity = (name: string) => ({ key: pem(name), cert: pem(name) })
const withClientAuth = (clientAuth: 'required' | 'requested') => ({
  tls: { ...tls, ca: pem('clients-ca'), clientAuth },
})

describe('a broker with TLS', () => {
  test('serves, and has a certificate that names it', async () => {
    const { broker } = await openSecured({ tls })
    expect(await askOverTls(broker.port)).toBeGreaterThan(20)
    await expect(askOverTls(broker.port, { ca: pem('clients-ca') })).rejects.toThrow(/certificate/)
  })

  test('takes what the reader of PKCS12 stores gives', async () => {
    const store = {
      'ssl.keystore.location': pemPath('server').replace('.pem', '.p12'),
      'ssl.keystore.password': 'secret',
    }
    const { broker } = await openSecured({ tls: readTlsContext(new SettingsReader(store)) })
    expect(await askOverTls(broker.port)).toBeGreaterThan(20)
  })

  test('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const { broker, lines } = await openSecured({ tls })
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      expect(await askOverTls(broker.port, { minVersion: version, maxVersion: version })).toBeGreaterThan(20)
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await expect(askOverTls(broker.port, old)).rejects.toThrow()
    expect(lines.join()).toContain('failed: it knows only versions of TLS below 1.2.')
  })

  for (const garbage of [
    '\0\0\0\x0a\0\x12\0\0\0\0\0\x01\xff\xff',
    'GET / HTTP/1.1\r\n\r\n',
    'hello, broker\n',
  ]) {
    test(`hangs up on a client that sends ${JSON.stringify(garbage)}, with one line`, async () => {
      const { broker, lines } = await openSecured({ tls })
      const client = await connectTo(broker)
      client.socket.write(Buffer.from(garbage, 'latin1'))
      await client.closed()
      expect(lines).toEqual([
        expect.stringContaining('WARN TLS with a client at /127.0.0.1 failed: it does not speak TLS.'),
      ])
    })
  }

  test('gives up on a client that does not finish the handshake', async () => {
    const { broker, lines } = await openSecured({ tls, authenticationTimeoutMs: 100 })
    const client = await connectTo(broker)
    client.socket.write(Buffer.from([0x16, 3, 1]))
    await client.closed()
    expect(lines).toEqual([expect.stringContaining('it did not finish the TLS handshake within 0.1 s.')])
    const settled = await askOverTls(broker.port)
    expect(settled).toBeGreaterThan(20)
  })

  test('says nothing of one that merely looks whether somebody is there', async () => {
    const { broker, lines } = await openSecured({ tls })
    for (const socket of [connect(broker.port, '127.0.0.1'), connect(broker.port, '127.0.0.1')]) {
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.destroy()
    }
    expect(await askOverTls(broker.port)).toBeGreaterThan(20)
    expect(lines).toEqual([])
  })

  test('closes at once, whatever handshakes are under way', async () => {
    const { broker } = await openSecured({ tls })
    const client = await connectTo(broker)
    client.socket.write(Buffer.from([0x16, 3, 1]))
    await vi.waitFor(() => expect(client.socket.bytesWritten).toBe(3))
    const started = performance.now()
    await broker.close()
    await client.closed()
    expect(performance.now() - started).toBeLessThan(400)
  })

  test('asks for client certificates: required', async () => {
    const { broker, lines } = await openSecured(withClientAuth('required'))
    expect(await askOverTls(broker.port, identity('client'))).toBeGreaterThan(20)
    await expect(askOverTls(broker.port)).rejects.toThrow(/certificate required/)
    await expect(askOverTls(broker.port, identity('stranger'))).rejects.toThrow()
    await vi.waitFor(() =>
      expect(lines).toEqual([
        expect.stringContaining('/127.0.0.1 failed: it has no client certificate.'),
        expect.stringContaining(
          '/127.0.0.1 failed: nobody in tls.ca vouches for its certificate (SELF_SIGNED_CERT_IN_CHAIN)',
        ),
      ]),
    )
  })

  test('asks for client certificates: requested', async () => {
    const { broker } = await openSecured(withClientAuth('requested'))
    expect(await askOverTls(broker.port, identity('client'))).toBeGreaterThan(20)
    expect(await askOverTls(broker.port)).toBeGreaterThan(20)
    await expect(askOverTls(broker.port, identity('stranger'))).rejects.toThrow()
  })

  for (const { what, options, problem } of [
    { what: 'no key', options: { cert: tls.cert }, problem: 'needs tls.key and tls.cert' },
    { what: 'no PEM', options: { key: 'x', cert: 'y' }, problem: 'cannot be set up with tls.key, tls.cert' },
    {
      what: 'a key of another certificate',
      options: { key: pem('client'), cert: tls.cert },
      problem: /match/,
    },
    {
      what: 'no authority for client certificates',
      options: { ...tls, clientAuth: 'required' as const },
      problem: 'tls.clientAuth=required of the broker needs tls.ca',
    },
  ]) {
    test(`does not start with ${what}`, async () => {
      await expect(openBroker({ tls: options })).rejects.toThrow(problem)
    })
  }
})

describe('a broker that other machines can reach', () => {
  for (const host of ['0.0.0.0', '']) {
    test(`does not start on ${host || 'every address'} where it would let in everybody`, async () => {
      await expect(openBroker({ host })).rejects.toThrow(/other machines can reach it, and let in everybody/)
      await expect(openBroker({ host, tls })).rejects.toThrow(/let in everybody/)
    })
  }

  for (const [what, options] of [
    ['users', { sasl: { users: { ann: 'secret' } } }],
    ['client certificates', withClientAuth('required')],
    ['the word that it may', { insecure: true }],
  ] as const) {
    test(`starts with ${what}`, async () => {
      const broker = await openBroker({ host: '0.0.0.0', ...options })
      expect(broker.port).toBeGreaterThan(0)
    })
  }
})

test('passwords that could be read on the way are worth a warning', async () => {
  const sasl = { users: { ann: 'secret' } }
  const { lines } = await openSecured({ host: '0.0.0.0', sasl })
  expect(lines).toEqual([expect.stringContaining('with PLAIN and without TLS')])
  const scram = await openSecured({ host: '0.0.0.0', sasl: { ...sasl, mechanisms: ['SCRAM-SHA-512'] } })
  const overTls = await openSecured({ host: '0.0.0.0', sasl, tls })
  expect([...scram.lines, ...overTls.lines]).toEqual([])
})

describe('users that nobody could be', () => {
  for (const [sasl, problem] of [
    [{ users: {} }, 'nobody could log in'],
    [{ users: { '': 'x' } }, 'empty user name'],
    [{ users: { ann: '' } }, 'The user ann in sasl.users of the broker has an empty password.'],
    [{ users: { ann: 'x' }, mechanisms: [] }, 'SASL without a mechanism'],
    [{ users: { ann: 'x' }, mechanisms: ['GSSAPI' as 'PLAIN'] }, 'does not offer GSSAPI'],
  ] as const) {
    test(`keep it from starting: ${problem}`, async () => {
      await expect(openBroker({ sasl })).rejects.toThrow(problem)
    })
  }
})
