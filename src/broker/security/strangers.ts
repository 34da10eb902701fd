import type { Socket } from 'node:net'
import type { Logger } from '../../util/logger.ts'
import { Deadline } from '../groups/deadline.ts'
import { endsOf, hostOf } from './peer.ts'

export interface StrangersDeps {
  readonly limit: number
  readonly timeoutMs: number
  /** What is waited for, for the log. */
  readonly duty: string
  readonly log: Logger
}

interface Stranger {
  readonly socket: Socket
  readonly deadline: Deadline
}

/**
 * The connections of which nobody knows yet whose they are: so many at a time, and not for long. When there are too
 * many, the oldest goes: a client that knows its password is never that old, so a crowd does not keep it out.
 */
export class Strangers {
  readonly #deps: StrangersDeps
  /** By `endsOf`. */
  readonly #known = new Map<string, Stranger>()

  constructor(deps: StrangersDeps) {
    this.#deps = deps
  }

  admit(socket: Socket): void {
    const { limit, timeoutMs, duty, log } = this.#deps
    const ends = endsOf(socket)
    const host = hostOf(socket)
    const deadline = new Deadline(timeoutMs, () => {
      log.warn(`The connection from ${host} is closed: it did not ${duty} within ${timeoutMs / 1000} s.`)
      socket.destroy()
    })
    this.#known.set(ends, { socket, deadline })
    socket.once('close', () => this.#forget(ends))
    if (this.#known.size <= limit) return
    log.warn(`More than ${limit} connections had yet to ${duty}. The oldest is closed.`)
    const [oldest] = this.#known.values()
    oldest!.socket.destroy()
  }

  /** From now on it may stay. */
  recognise(socket: Socket): void {
    this.#forget(endsOf(socket))
  }

  close(): void {
    for (const { socket } of this.#known.values()) socket.destroy()
  }

  #forget(ends: string): void {
    this.#known.get(ends)?.deadline.stop()
    this.#known.delete(ends)
  }
}
