import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Connections } from '../../src/rest/connections.ts'

async function listen(connections: Connections) {
  const accepted: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    accepted.push(socket)
    connections.opened(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  /** Opens one, and tells which of all are open. */
  return async () => {
    const count = accepted.length
    const client = connect(port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void client.destroy())
    await expect.poll(() => accepted.length).toBe(count + 1)
    return { accepted, open: () => accepted.map((socket) => !socket.destroyed) }
  }
}

test('the connection that has waited longest makes room', async () => {
  const connections = new Connections({ maxWaiting: 2, graceMs: 0 })
  const open = await listen(connections)
  await open()
  const { accepted } = await open()
  // The first one asks something and has its answer: the second has waited longer now.
  connections.busy(accepted[0]!)
  connections.answered(accepted[0]!)
  expect((await open()).open()).toEqual([true, false, true])
})

test('one that waits for its answer is not closed, nor counted', async () => {
  const connections = new Connections({ maxWaiting: 1, graceMs: 0 })
  const open = await listen(connections)
  const { accepted } = await open()
  connections.busy(accepted[0]!)
  expect((await open()).open()).toEqual([true, true])
  expect((await open()).open()).toEqual([true, false, true])
})

test('one that has just come may stay, as long as there are not too many of all kinds', async () => {
  const open = await listen(new Connections({ maxWaiting: 1, graceMs: 60_000, maxOpen: 3 }))
  await open()
  await open()
  expect((await open()).open()).toEqual([true, true, true])
  expect((await open()).open()).toEqual([false, true, true, true])
})

test('where all wait for their answers a new one is turned away', async () => {
  const connections = new Connections({ maxOpen: 1 })
  const open = await listen(connections)
  const { accepted } = await open()
  connections.busy(accepted[0]!)
  expect((await open()).open()).toEqual([true, false])
})

test('one that is closed by its client is not counted any more', async () => {
  const connections = new Connections({ maxWaiting: 1, graceMs: 0 })
  const open = await listen(connections)
  const { accepted } = await open()
  accepted[0]!.destroy()
  await delay(5)
  const second = await open()
  expect(second.open()).toEqual([false, true])
})
