import type { WireReader } from '../../protocol/wire-reader.ts'
import type { BrokerContext } from '../context.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { ResponseWriter } from '../response-writer.ts'
import type { Login } from '../security/login.ts'

/** One request, its header read already. */
export interface ApiRequest {
  readonly version: number
  readonly reader: WireReader
  readonly clientId: string
  readonly clientHost: string
  /** Null where nobody has to log in. */
  readonly login: Login | null
  /** The response frame of this request, its header written. */
  respond(capacity?: number): ResponseWriter
  /** Calls back when the connection is gone; gives a function that ends this. */
  onDisconnect(listener: () => void): () => void
}

/** Null where the request is not answered at all. */
export type ApiResponse = ResponseWriter | null

/** One of Kafka's APIs with all the versions that this broker takes. */
export interface Api {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** The first version with compact lengths and tagged fields. */
  readonly flexibleFrom: number
  /** Whether the next request of the connection may begin before this one is answered. */
  readonly isConcurrent?: boolean
  handle(request: ApiRequest, broker: BrokerContext): ApiResponse | Promise<ApiResponse>
}

/** The code for what was thrown: only an ApiError was meant to be answered. */
export function errorCodeOf(error: unknown, broker: BrokerContext): ErrorCode {
  if (error instanceof ApiError) return error.code
  broker.log.error('A request failed unexpectedly.', error)
  return ErrorCode.UNKNOWN_SERVER_ERROR
}

/** The same for a coordinator: a full disk is told in words that clients take as a reason to try again. */
export function coordinatorErrorOf(error: unknown, broker: BrokerContext): ErrorCode {
  const code = errorCodeOf(error, broker)
  return code === ErrorCode.KAFKA_STORAGE_ERROR ? ErrorCode.COORDINATOR_NOT_AVAILABLE : code
}

/** What is named more than once. */
export function repeatedIn(names: readonly string[]): ReadonlySet<string> {
  const [seen, repeated] = [new Set<string>(), new Set<string>()]
  for (const name of names) (seen.has(name) ? repeated : seen).add(name)
  return repeated
}

const longestMessage = 2000

/** What a client is told; a message may repeat a name that is as long as a string can be. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage)}...`
}

/** What stands for "not asked for" in the place of a set of permitted operations. */
export const operationsNotAsked = -2147483648
