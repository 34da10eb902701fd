import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Broker, BrokerOptions } from '../../../src/broker/broker.ts'
import { WireReader } from '../../../src/protocol/wire-reader.ts'
import { capturedLog, openBroker } from '../open-broker.ts'
import type { RawClient } from '../raw-client.ts'

export const pemPath = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/rest-tls/${name}.pem`, import.meta.url))
export const pem = (name: string) => readFileSync(pemPath(name), 'utf8')

/** `server.pem` holds the key and its certificate. */
export const tls = { key: pem('server'), cert: pem('server') }
export const users = { 'ann': 'correct horse', 'b,=ü': 'pass,=wörd' }

export async function openSecured(
  options: Partial<BrokerOptions> = {},
): Promise<{ broker: Broker; lines: string[] }> {
  const { log, lines } = capturedLog()
  const broker = await openBroker({ failedLoginDelayMs: 10, log, ...options })
  return { broker, lines }
}

export async function handshake(client: RawClient, mechanism: string, version = 1) {
  const reader = await client.call({ key: 17, version, write: (w) => w.string(mechanism) })
  return { error: reader.int16(), mechanisms: reader.array(() => reader.string()) }
}

export async function authenticate(client: RawClient, token: string | Buffer, version = 2) {
  const reader = await client.call({
    key: 36,
    version,
    flexible: version >= 2,
    write: (w) => w.bytes(Buffer.from(token)).tags(),
  })
  const error = reader.int16()
  const message = reader.nullableString()
  const answer = reader.bytes().toString()
  const lifetime = version >= 1 ? reader.int64() : null
  reader.tags()
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes behind the answer`)
  return { error, message, answer, lifetime }
}

export function plainToken(name: string, password: string, actAs = ''): string {
  return `${actAs}\0${name}\0${password}`
}

export const metadataRequest = {
  key: 3,
  version: 1,
  write: (w: { array(items: string[], item: () => void): void }) => w.array([], () => {}),
}

/** Asks over TLS which APIs there are: the number of them, or the error of the connection. */
export async function askOverTls(port: number, options: ConnectionOptions = {}): Promise<number> {
  const socket = tlsConnect({ host: '127.0.0.1', port, ca: pem('servers-ca'), ...options })
  onTestFinished(() => void socket.destroy())
  return await new Promise<number>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('The broker closed the connection.')))
    socket.once('secureConnect', () => {
      const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
      socket.write(request)
    })
    socket.once('data', (answer: Buffer) => {
      const reader = new WireReader(answer, { position: 10 })
      resolve(reader.array(() => [reader.int16(), reader.int16(), reader.int16()]).length)
    })
  })
}
