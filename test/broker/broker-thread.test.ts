import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { BrokerThreadMessage } from '../../src/broker/broker-thread.ts'
import { connectTo, openBroker, temporaryFolder } from './open-broker.ts'

const entry = fileURLToPath(new URL('../../src/broker/broker-thread.ts', import.meta.url))
let bundle = ''

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  })
  bundle = outputFiles[0]!.text
})

async function start(workerData: object) {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(bundle)}`), {
    workerData: { host: '127.0.0.1', port: 0, dataDir: null, ...workerData },
  })
  onTestFinished(async () => void (await worker.terminate()))
  const messages: BrokerThreadMessage[] = []
  const until = async <T extends BrokerThreadMessage['type']>(type: T) => {
    for (;;) {
      const found = messages.find((message) => message.type === type)
      if (found !== undefined) return found as BrokerThreadMessage & { type: T }
      await new Promise((resolve) => worker.once('message', resolve))
    }
  }
  worker.on('message', (message: BrokerThreadMessage) => messages.push(message))
  return { worker, messages, until }
}

describe('the broker in a thread', () => {
  test('says where it listens, serves, and closes when it is told to', async () => {
    const dataDir = temporaryFolder()
    const { worker, messages, until } = await start({ dataDir })
    const { port } = await until('ready')
    const client = await connectTo({ port })
    await client.call({ key: 3, version: 1, write: (w) => w.array(['made'], (_, name) => w.string(name)) })
    expect(await until('log')).toMatchObject({
      level: 'INFO',
      logger: 'tsconnect.broker',
      message: expect.stringContaining('made'),
    })
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage({ type: 'close' })
    await until('closed')
    expect(await exited).toBe(0)
    expect(messages.at(-1)).toEqual({ type: 'closed' })
    await openBroker({ dataDir })
  })

  test('says why it cannot start', async () => {
    const { port } = await openBroker()
    const { worker, until } = await start({ port })
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    expect(await until('failed')).toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
    await exited
    const dataDir = join(temporaryFolder(), 'data')
    mkdirSync(dataDir)
    await openBroker({ dataDir })
    const locked = await start({ dataDir })
    expect(await locked.until('failed')).toMatchObject({
      code: 'ELOCKED',
      message: expect.stringContaining(dataDir),
    })
  })
})
