import type { Socket } from 'node:net'

/** Connections that wait for their client's next request, or the rest of it, beyond which the oldest one goes. */
const maxWaiting = 512
/** So long a connection may wait in any case, unless there are too many of all kinds. */
const graceMs = 1000
const maxOpen = 4096

/**
 * The open connections of a listener, bounded: clients that are slow or silent make room for those that ask
 * something. One that waits for its answer is never closed for others.
 */
export class Connections {
  readonly #maxWaiting: number
  readonly #graceMs: number
  readonly #maxOpen: number
  readonly #open = new Map<string, Socket>()
  /** Since when; in the order of that. */
  readonly #waiting = new Map<string, number>()

  constructor(limits: { maxWaiting?: number; graceMs?: number; maxOpen?: number } = {}) {
    this.#maxWaiting = limits.maxWaiting ?? maxWaiting
    this.#graceMs = limits.graceMs ?? graceMs
    this.#maxOpen = limits.maxOpen ?? maxOpen
  }

  /** Before TLS, where there is any. */
  opened(socket: Socket): void {
    const id = idOf(socket)
    socket.once('close', () => {
      // A client may have the same port again before the end of the former connection is heard of.
      if (this.#open.get(id) !== socket) return
      this.#open.delete(id)
      this.#waiting.delete(id)
    })
    if (this.#open.size >= this.#maxOpen) this.#closeOldest(0)
    else if (this.#waiting.size >= this.#maxWaiting) this.#closeOldest(this.#graceMs)
    if (this.#open.size >= this.#maxOpen) {
      socket.destroy()
      return
    }
    this.#open.set(id, socket)
    this.#waiting.set(id, performance.now())
  }

  /** Its request is complete. */
  busy(socket: Socket): void {
    this.#waiting.delete(idOf(socket))
  }

  /** It has its answer. */
  answered(socket: Socket): void {
    const id = idOf(socket)
    if (!this.#open.has(id)) return
    this.#waiting.delete(id)
    this.#waiting.set(id, performance.now())
  }

  #closeOldest(graceMs: number): void {
    const [oldest] = this.#waiting
    if (oldest === undefined || performance.now() - oldest[1] < graceMs) return
    const [id] = oldest
    const socket = this.#open.get(id)
    this.#open.delete(id)
    this.#waiting.delete(id)
    socket?.destroy()
  }
}

/** The same for a connection and the TLS on top of it. */
function idOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
