/**
 * The parts of kafkajs (pinned: 2.2.4) that the clients stand on, below its public interface: a connection
 * with its socket, TLS, SASL and framing. Typed by hand, since kafkajs types only its front door. Nothing else
 * imports from inside kafkajs.
 */
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
// @ts-expect-error kafkajs declares no types for its internals
import untypedConnection from 'kafkajs/src/network/connection.js'

export interface KafkajsLogger {
  namespace(name: string): KafkajsLogger
  debug(message: string, extra?: object): void
  info(message: string, extra?: object): void
  warn(message: string, extra?: object): void
  error(message: string, extra?: object): void
}

export interface KafkajsSasl {
  readonly mechanism: string
  readonly username?: string
  readonly password?: string
  readonly oauthBearerProvider?: () => Promise<{ value: string }>
}

export interface KafkajsConnectionOptions {
  readonly host: string
  readonly port: number
  readonly logger: KafkajsLogger
  readonly socketFactory: (options: {
    host: string
    port: number
    ssl: ConnectionOptions | null
    onConnect: () => void
  }) => Socket
  readonly requestTimeout: number
  readonly connectionTimeout: number
  readonly ssl: ConnectionOptions | null
  readonly sasl: KafkajsSasl | null
  readonly clientId: string
}

/** What kafkajs hands to a request queue: `entry.resolve` takes the answer that `fulfillRequest` was given. */
export interface KafkajsQueuedRequest {
  readonly entry: {
    readonly apiName: string
    readonly correlationId: number
    resolve(answer: { correlationId: number; entry: unknown; size: number; payload: Buffer | null }): void
    reject(error: Error): void
  }
  readonly expectResponse: boolean
  readonly requestTimeout: number | null
  sendRequest(): void
}

export interface KafkajsRequestQueue {
  push(request: KafkajsQueuedRequest): void
  fulfillRequest(answer: { correlationId: number; payload: Buffer; size: number }): void
  rejectAll(error: Error): void
  maybeThrottle(ms: number | null): void
  waitForPendingRequests(): Promise<void>
  scheduleRequestTimeoutCheck(): void
  destroy(): void
}

export interface KafkajsConnection {
  socket?: Socket
  requestQueue: KafkajsRequestQueue
  readonly clientId: string
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  isConnected(): boolean
  isAuthenticated(): boolean
  authenticate(): Promise<void>
  nextCorrelationId(): number
  setVersions(versions: Record<number, { minVersion: number; maxVersion: number }>): void
  setSupportAuthenticationProtocol(isSupported: boolean): void
}

/** One socket to one broker. Its request queue is replaced by ours (see request-queue.ts). */
export const Connection = untypedConnection as new (options: KafkajsConnectionOptions) => KafkajsConnection
