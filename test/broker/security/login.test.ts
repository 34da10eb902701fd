import { describe, expect, test } from 'vitest'
import { connectTo, openBroker } from '../open-broker.ts'
import { authenticate, handshake, metadataRequest, openSecured, plainToken, users } from './secured.ts'

const sasl = { users }
const keysOffered = async (client: Awaited<ReturnType<typeof connectTo>>) => {
  const reader = await client.call({ key: 18, version: 0 })
  expect(reader.int16()).toBe(0)
  return reader.array(() => [reader.int16(), reader.int16(), reader.int16()])
}

describe('a login', () => {
  for (const version of [0, 1, 2]) {
    test(`succeeds with SaslAuthenticate ${version}, and opens the other APIs`, async () => {
      const { broker } = await openSecured({ sasl })
      const client = await connectTo(broker)
      expect(await handshake(client, 'PLAIN')).toEqual({
        error: 0,
        mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
      })
      expect(await authenticate(client, plainToken('ann', users.ann), version)).toEqual({
        error: 0,
        message: null,
        answer: '',
        lifetime: version === 0 ? null : 0,
      })
      expect((await client.call(metadataRequest)).array(() => 1)).toHaveLength(1)
    })
  }

  test('of version 0 has bare tokens behind the handshake', async () => {
    const { broker } = await openSecured({ sasl })
    const client = await connectTo(broker)
    expect((await handshake(client, 'PLAIN', 0)).error).toBe(0)
    client.socket.write(frame(plainToken('ann', users.ann)))
    expect(await client.next()).toHaveLength(0)
    expect((await client.call(metadataRequest)).array(() => 1)).toHaveLength(1)

    const wrong = await connectTo(broker)
    await handshake(wrong, 'PLAIN', 0)
    wrong.socket.write(frame(plainToken('ann', 'guess')))
    await wrong.closed()
  })

  test('is offered only where there are users', async () => {
    const { broker } = await openSecured({ sasl })
    const offered = await keysOffered(await connectTo(broker))
    expect(offered).toContainEqual([17, 0, 1])
    expect(offered).toContainEqual([36, 0, 2])
    expect(offered).toContainEqual([18, 0, 3])
    const open = await connectTo(await openBroker())
    const others = await keysOffered(open)
    expect(others).toEqual(offered.filter(([key]) => key !== 17 && key !== 36))
    open.send({ key: 17, version: 1, write: (w) => w.string('PLAIN') })
    await open.closed()
  })

  test('fails in the same words for a wrong password and for a user that is not there, and is logged', async () => {
    const { broker, lines } = await openSecured({ sasl })
    for (const [name, password] of [
      ['ann', 'wrong secret'],
      ['nobody', 'wrong secret'],
    ] as const) {
      const client = await connectTo(broker)
      await handshake(client, 'PLAIN')
      expect(await authenticate(client, plainToken(name, password))).toEqual({
        error: 58,
        message: 'Authentication failed: wrong user name or password.',
        answer: '',
        lifetime: 0,
      })
      await client.closed()
    }
    const warnings = lines.filter((line) => line.includes('WARN'))
    expect(warnings).toHaveLength(2)
    for (const line of warnings) {
      expect(line).toContain(
        'Authentication of a client at /127.0.0.1 with PLAIN failed: wrong user name or password.',
      )
    }
    expect(lines.join()).not.toContain('wrong secret')
  })

  test('gives a user that is not there a salt of its own, the same each time', async () => {
    const { broker } = await openSecured({ sasl })
    const saltOf = async (name: string) => {
      const client = await connectTo(broker)
      await handshake(client, 'SCRAM-SHA-512')
      const { error, answer } = await authenticate(client, `n,,n=${name},r=abc`)
      expect(error).toBe(0)
      return /,s=(.{22}==),i=4096$/.exec(answer)?.[1]
    }
    const [ann, nobody, again, somebody] = [
      await saltOf('ann'),
      await saltOf('nobody'),
      await saltOf('nobody'),
      await saltOf('somebody'),
    ]
    expect(again).toBe(nobody)
    expect(new Set([ann, nobody, somebody, undefined]).size).toBe(4)
  })

  test('holds a refusal back', async () => {
    const { broker } = await openSecured({ sasl, failedLoginDelayMs: 300 })
    const client = await connectTo(broker)
    await handshake(client, 'PLAIN')
    const started = performance.now()
    await authenticate(client, plainToken('ann', 'guess'))
    expect(performance.now() - started).toBeGreaterThan(290)
  })

  for (const [what, token] of [
    ['a token of PLAIN without a password', plainToken('ann', '')],
    ['a user to act as', plainToken('ann', users.ann, 'root')],
    ['bytes that are no text', Buffer.from([0, 0xff, 0xfe, 0, 0x61])],
    ['an empty token', ''],
  ] as const) {
    test(`refuses ${what}`, async () => {
      const { broker } = await openSecured({ sasl })
      const client = await connectTo(broker)
      await handshake(client, 'PLAIN')
      expect((await authenticate(client, token)).error).toBe(58)
      await client.closed()
    })
  }

  test('names the mechanisms when another one is asked for, and hangs up', async () => {
    const { broker } = await openSecured({ sasl: { users, mechanisms: ['SCRAM-SHA-512'] } })
    const client = await connectTo(broker)
    expect(await handshake(client, 'PLAIN')).toEqual({ error: 33, mechanisms: ['SCRAM-SHA-512'] })
    await client.closed()
  })

  test('is answered with 34 when there was one already, and the connection goes on', async () => {
    const { broker } = await openSecured({ sasl })
    const client = await connectTo(broker)
    await handshake(client, 'PLAIN')
    await authenticate(client, plainToken('ann', users.ann))
    expect((await handshake(client, 'PLAIN')).error).toBe(34)
    expect((await authenticate(client, 'x')).error).toBe(34)
    expect((await client.call(metadataRequest)).array(() => 1)).toHaveLength(1)
  })

  test('comes before everything else: Kafka, too, hangs up', async () => {
    const { broker, lines } = await openSecured({ sasl })
    const first = await connectTo(broker)
    first.send(metadataRequest)
    await first.closed()
    expect(lines.join()).toContain('it sent API 3 before it had logged in')

    const second = await connectTo(broker)
    await handshake(second, 'PLAIN')
    second.send(metadataRequest)
    await second.closed()

    const third = await connectTo(broker)
    third.send({ key: 36, version: 0, write: (w) => w.bytes(Buffer.from(plainToken('ann', users.ann))) })
    await third.closed()

    const fourth = await connectTo(broker)
    await handshake(fourth, 'PLAIN')
    fourth.send({ key: 17, version: 1, write: (w) => w.string('PLAIN') })
    await fourth.closed()
  })

  test('counts only when the answer was right: what is sent behind a wrong one is not done', async () => {
    const { broker } = await openSecured({ sasl })
    const client = await connectTo(broker)
    await handshake(client, 'PLAIN')
    const answered = authenticate(client, plainToken('ann', 'guess'))
    client.send({ key: 3, version: 1, write: (w) => w.array(['made'], (_, name) => w.string(name)) })
    expect((await answered).error).toBe(58)
    await client.closed()
    const known = await connectTo(broker)
    await handshake(known, 'PLAIN')
    await authenticate(known, plainToken('ann', users.ann))
    const reader = await known.call({ key: 3, version: 1, write: (w) => w.array(null, () => {}) })
    reader.array(() => [reader.int32(), reader.string(), reader.int32(), reader.nullableString()])
    reader.int32()
    expect(reader.array(() => 1)).toEqual([])
  })
})

describe('strangers', () => {
  test('have so much time, whatever they send meanwhile', async () => {
    const { broker, lines } = await openSecured({ sasl, authenticationTimeoutMs: 200 })
    const [silent, busy, known] = [
      await connectTo(broker),
      await connectTo(broker),
      await connectTo(broker),
    ] as const
    await handshake(known, 'PLAIN')
    await authenticate(known, plainToken('ann', users.ann))
    const asking = setInterval(() => busy.send({ key: 18, version: 0 }), 20)
    await Promise.all([silent.closed(), busy.closed()])
    clearInterval(asking)
    expect(lines.join()).toContain(
      'The connection from /127.0.0.1 is closed: it did not authenticate within 0.2 s.',
    )
    expect((await known.call(metadataRequest)).array(() => 1)).toHaveLength(1)
  })

  test('are few: the oldest goes, those who are known stay', async () => {
    const { broker } = await openSecured({ sasl, maxUnauthenticated: 3 })
    const known = await connectTo(broker)
    await handshake(known, 'PLAIN')
    await authenticate(known, plainToken('ann', users.ann))
    const oldest = await connectTo(broker)
    const crowd = [await connectTo(broker), await connectTo(broker), await connectTo(broker)]
    await oldest.closed()
    for (const client of crowd) expect((await client.call({ key: 18, version: 0 })).int16()).toBe(0)
    expect((await known.call(metadataRequest)).array(() => 1)).toHaveLength(1)
  })

  test('may send little: a large request is known clients only', async () => {
    const { broker } = await openSecured({ sasl })
    const client = await connectTo(broker)
    client.socket.write(Buffer.from([0, 1, 0, 1, 0, 18]))
    await client.closed()
    const known = await connectTo(broker)
    await handshake(known, 'PLAIN')
    await authenticate(known, plainToken('ann', users.ann))
    known.send({
      key: 3,
      version: 1,
      write: (w) =>
        w.array(
          Array.from({ length: 9000 }, (_, at) => `name-${at}`),
          (_, n) => w.string(n),
        ),
    })
    await known.next()
  })

  test('that speak something else are hung up on', async () => {
    const { broker, lines } = await openSecured({ sasl })
    for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00', '\0\0\0\x02\0\x12']) {
      const client = await connectTo(broker)
      client.socket.write(Buffer.from(garbage, 'latin1'))
      await client.closed()
    }
    expect(lines.filter((line) => line.includes('is closed: it sent'))).toHaveLength(3)
  })
})

function frame(token: string): Buffer {
  const bytes = Buffer.from(token)
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
