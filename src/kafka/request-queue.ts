import { performance } from 'node:perf_hooks'
import { KafkaError } from '../errors.ts'
import type { KafkajsQueuedRequest, KafkajsRequestQueue } from './kafkajs-internals.ts'

interface InFlight extends KafkajsQueuedRequest {
  readonly expiresAt: number
}

/**
 * The requests of one connection that wait for their answers, in place of kafkajs's queue: that one wakes up
 * every millisecond, measures with the wall clock and keeps a connection whose answers stopped coming. Here
 * one timer runs, and only while a request is out; a time-out is the end of the connection (`onTimeout`).
 */
export class RequestQueue implements KafkajsRequestQueue {
  readonly #inFlight = new Map<number, InFlight>()
  readonly #defaultTimeoutMs: number
  readonly #broker: string
  readonly #onTimeout: (error: Error) => void
  #timer: NodeJS.Timeout | null = null
  #timerAt = Infinity

  constructor(options: { broker: string; defaultTimeoutMs: number; onTimeout: (error: Error) => void }) {
    this.#broker = options.broker
    this.#defaultTimeoutMs = options.defaultTimeoutMs
    this.#onTimeout = options.onTimeout
  }

  get size(): number {
    return this.#inFlight.size
  }

  push(request: KafkajsQueuedRequest): void {
    if (!request.expectResponse) {
      request.sendRequest()
      request.entry.resolve({ ...empty, correlationId: request.entry.correlationId, entry: request.entry })
      return
    }
    const expiresAt = performance.now() + (request.requestTimeout ?? this.#defaultTimeoutMs)
    this.#inFlight.set(request.entry.correlationId, { ...request, expiresAt })
    this.#arm(expiresAt)
    request.sendRequest()
  }

  fulfillRequest({ correlationId, payload, size }: { correlationId: number; payload: Buffer; size: number }) {
    const request = this.#inFlight.get(correlationId)
    if (request === undefined) return
    this.#inFlight.delete(correlationId)
    request.entry.resolve({ correlationId, entry: request.entry, size, payload })
  }

  rejectAll(error: Error): void {
    const requests = [...this.#inFlight.values()]
    this.#inFlight.clear()
    this.destroy()
    for (const request of requests) request.entry.reject(error)
  }

  /** Brokers throttle by muting the connection themselves (KIP-219); waiting a second time gains nothing. */
  maybeThrottle(): void {}

  async waitForPendingRequests(): Promise<void> {}

  scheduleRequestTimeoutCheck(): void {}

  destroy(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#timerAt = Infinity
  }

  /** An armed timer that is early is left alone: it re-arms itself when it fires. */
  #arm(at: number): void {
    if (at >= this.#timerAt) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => this.#check(), Math.min(Math.max(1, at - performance.now()), 2 ** 31 - 1))
  }

  #check(): void {
    this.#timer = null
    this.#timerAt = Infinity
    const now = performance.now()
    let next = Infinity
    for (const request of this.#inFlight.values()) {
      if (request.expiresAt <= now) {
        const waitedFor = `the answer of ${this.#broker} to a ${request.entry.apiName} request`
        this.#onTimeout(
          new KafkaError(`Timed out while waiting for ${waitedFor}.`, {
            code: 'REQUEST_TIMED_OUT',
            retriable: true,
          }),
        )
        return
      }
      next = Math.min(next, request.expiresAt)
    }
    if (next !== Infinity) this.#arm(next)
  }
}

const empty = { size: 0, payload: null }
