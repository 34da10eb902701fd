import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ScramExchange } from '../../../src/broker/security/scram-exchange.ts'
import { deriveScramKeys, type ScramHash } from '../../../src/broker/security/scram-keys.ts'

/** The conversation printed in RFC 7677. */
const rfc7677 = {
  hash: 'sha256' as ScramHash,
  password: 'pencil',
  salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

function exchange({ hash, password, salt, serverNonce } = rfc7677) {
  const asked: string[] = []
  const keysOf = (name: string) => {
    asked.push(name)
    return deriveScramKeys(password, Buffer.from(salt, 'base64'), hash)
  }
  return { scram: new ScramExchange({ hash, keysOf, serverNonce }), asked }
}

describe('SCRAM', () => {
  test('has the conversation of RFC 7677', async () => {
    const { scram, asked } = exchange()
    expect(await scram.step(rfc7677.clientFirst)).toEqual({ answer: rfc7677.serverFirst, user: null })
    expect(await scram.step(rfc7677.clientFinal)).toEqual({ answer: rfc7677.serverFinal, user: 'user' })
    expect(asked).toEqual(['user'])
  })

  for (const [what, first] of [
    ['channel binding', 'p=tls-unique,,n=user,r=abc'],
    ['a mandatory extension', 'n,,m=x,n=user,r=abc'],
    ['a name without its code for =', 'n,,n=us=er,r=abc'],
    ['an empty name', 'n,,n=,r=abc'],
    ['an empty nonce', 'n,,n=user,r='],
    ['a nonce that cannot be printed', 'n,,n=user,r=a b'],
    ['another user to act as', 'n,a=root,n=user,r=abc'],
    ['no header', 'n=user,r=abc'],
    ['nothing', ''],
  ] as const) {
    test(`refuses ${what}`, async () => {
      await expect(exchange().scram.step(first)).rejects.toMatchObject({ name: 'LoginRefused' })
    })
  }

  test('reads names with commas and equals signs, and ignores extensions that it need not know', async () => {
    const { scram, asked } = exchange()
    await scram.step('y,a=a=2Cb=3D,n=a=2Cb=3D,r=abc,tokenauth=true')
    expect(asked).toEqual(['a,b='])
  })

  test('knows that older librdkafkas put their nonce in front of the one of the answer', async () => {
    const { clientFirst, serverFirst, password, hash } = rfc7677
    const { scram } = exchange()
    await scram.step(clientFirst)
    const clientNonce = 'rOprNGfwEbeRWgbNEkqO'
    const withoutProof = `c=biws,r=${clientNonce}${/^r=([^,]+)/.exec(serverFirst)![1]}`
    const salt = Buffer.from(rfc7677.salt, 'base64')
    const salted = pbkdf2Sync(password, salt, 4096, 32, hash)
    const clientKey = createHmac(hash, salted).update('Client Key').digest()
    const signature = createHmac(hash, createHash(hash).update(clientKey).digest())
      .update(`${clientFirst.slice(3)},${serverFirst},${withoutProof}`)
      .digest()
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]!)).toString('base64')
    expect(await scram.step(`${withoutProof},p=${proof}`)).toMatchObject({ user: 'user' })
  })

  for (const [what, change] of [
    ['the header', (final: string) => final.replace('c=biws', 'c=eSws')],
    ['the nonce', (final: string) => final.replace('k0,', 'k1,')],
    ['the proof', (final: string) => final.replace('p=dH', 'p=eH')],
    ['the length of the proof', (final: string) => final.replace('ndVQ=', '')],
    ['an extension that was not signed', (final: string) => final.replace(',p=', ',x=1,p=')],
  ] as const) {
    test(`refuses a last message with ${what} changed`, async () => {
      const { scram } = exchange()
      await scram.step(rfc7677.clientFirst)
      await expect(scram.step(change(rfc7677.clientFinal))).rejects.toMatchObject({ name: 'LoginRefused' })
    })
  }

  test('sends another nonce each time', async () => {
    const answers = await Promise.all(
      [1, 2].map(async () => {
        const keysOf = () => deriveScramKeys('pencil', Buffer.from('salt'), 'sha512')
        return (await new ScramExchange({ hash: 'sha512', keysOf }).step('n,,n=user,r=abc')).answer
      }),
    )
    expect(answers[0]).not.toBe(answers[1])
    for (const answer of answers) expect(answer).toMatch(/^r=abc.{32},s=c2FsdA==,i=4096$/)
  })
})
