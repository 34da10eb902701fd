import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Connection, type ConnectionDeps } from './connection.ts'
import type { Gate } from './security/gate.ts'

/** Listens and keeps the connections. */
export class BrokerServer {
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  readonly #maxConnections: number
  #deps: ConnectionDeps | null = null
  #gate: Gate | null = null

  private constructor(maxConnections: number) {
    this.#maxConnections = maxConnections
    this.#server = createServer((socket) => this.#arrived(socket))
  }

  /** Throws where the address cannot be listened on. Connections are taken up with `serve`. */
  static async listen(
    { host, port }: { host: string; port: number },
    { maxConnections }: { maxConnections: number },
  ): Promise<BrokerServer> {
    const server = new BrokerServer(maxConnections)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(host, port, error)))
      server.#server.listen({ host, port, backlog: 511 }, resolve)
    })
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The address that is listened on, which a name may hide. */
  get address(): string {
    return (this.#server.address() as AddressInfo).address
  }

  /** With a gate, only those get in who pass it. */
  serve(deps: ConnectionDeps, gate: Gate | null): void {
    this.#deps = deps
    this.#gate = gate
    gate?.serve((socket) => this.#accept(socket, deps))
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#gate?.close()
    for (const connection of this.#connections) connection.close()
    const impatience = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy()
    }, 500)
    await closed
    clearTimeout(impatience)
  }

  #arrived(socket: Socket): void {
    if (this.#deps === null || this.#connections.size >= this.#maxConnections) {
      this.#deps?.broker.log.warn(`A connection was refused: there are ${this.#connections.size} already.`)
      socket.destroy()
    } else if (this.#gate === null) this.#accept(socket, this.#deps)
    else this.#gate.enter(socket)
  }

  #accept(socket: Socket, deps: ConnectionDeps): void {
    const connection = new Connection(socket, deps, () => this.#gate?.passed(socket))
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): Error {
  const reason =
    error.code === 'EADDRINUSE'
      ? 'another program listens there. Choose another port, or stop that program.'
      : error.message
  return Object.assign(
    new Error(`The broker cannot listen on ${host}:${port}: ${reason}`, { cause: error }),
    {
      code: error.code,
    },
  )
}
