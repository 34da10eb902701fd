import { createServer, connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/**
 * Stands between a client and a broker on the same host and can cut connections or stop passing answers on.
 * The broker's own address in its answers (metadata, coordinators) is replaced by the proxy's.
 */
export class CuttingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isMute = false
  /** Every packet takes so long, in each direction. */
  latencyMs = 0
  /** Until then nothing is passed on, as when packets are lost and sent again. */
  #stalledUntil = 0

  static async open(broker: { host: string; port: number }): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(broker)
    await new Promise<void>((resolve) => proxy.#server.listen(0, broker.host, resolve))
    return proxy
  }

  private constructor({ host, port }: { host: string; port: number }) {
    this.#server = createServer((client) => {
      const broker = connect(port, host)
      const theirs = addressBytes(host, port)
      const ours = addressBytes(host, this.port)
      for (const [from, to] of [
        [client, broker],
        [broker, client],
      ] as const) {
        this.#sockets.add(from)
        const pass = this.#late((bytes: Buffer) => to.write(bytes))
        from.on('data', (bytes: Buffer) => {
          if (this.#isMute && from === broker) return
          pass(from === broker ? replace(bytes, theirs, ours) : bytes)
        })
        from.on('error', () => {})
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
      }
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  stall(ms: number): void {
    this.#stalledUntil = performance.now() + ms
  }

  /** Passes on what it gets, late where the network is slow, in order all the same. */
  #late(pass: (bytes: Buffer) => void): (bytes: Buffer) => void {
    const waiting: { readonly bytes: Buffer; readonly due: number }[] = []
    const passDue = () => {
      while (waiting.length > 0 && waiting[0]!.due <= performance.now()) pass(waiting.shift()!.bytes)
      if (waiting.length > 0) setTimeout(passDue, waiting[0]!.due - performance.now())
    }
    return (bytes) => {
      const now = performance.now()
      const due = Math.max(waiting.at(-1)?.due ?? 0, now + this.latencyMs, this.#stalledUntil)
      if (waiting.length === 0 && due <= now) return pass(bytes)
      waiting.push({ bytes, due })
      if (waiting.length === 1) setTimeout(passDue, due - now)
    }
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** From now on the broker gets the requests, and the client no answers. */
  mute(isMute: boolean): void {
    this.#isMute = isMute
    if (!isMute) this.cut()
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
  }
}

/** Host and port as they stand in answers: a string with its length, and a 32-bit integer. */
function addressBytes(host: string, port: number): Buffer {
  const bytes = Buffer.alloc(2 + host.length + 4)
  bytes.writeInt16BE(host.length)
  bytes.write(host, 2)
  bytes.writeInt32BE(port, 2 + host.length)
  return bytes
}

function replace(bytes: Buffer, search: Buffer, replacement: Buffer): Buffer {
  const replaced = Buffer.from(bytes)
  for (let at = replaced.indexOf(search); at >= 0; at = replaced.indexOf(search, at + 1)) {
    replacement.copy(replaced, at)
  }
  return replaced
}
