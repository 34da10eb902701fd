import type { RestartSettings } from '../../config/restart-config.ts'
import { isRetriable } from '../../errors.ts'

/** What the system and Node's own libraries say when a connection, a name or room cannot be had just now. */
const transientCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/**
 * Whether a task that failed so may well succeed when it is started again: it, or what caused it, is
 * retriable in Connect's or Kafka's sense, a lost connection, a name that could not be looked up, a time-out,
 * an HTTP answer that asks to come back (408, 429, 5xx), or lack of space or file descriptors.
 */
export function isTransient(thrown: unknown): boolean {
  const seen = new Set<unknown>()
  for (let at: unknown = thrown; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at)
    if (isRetriable(at) || at.name === 'TimeoutError') return true
    const { code, status, statusCode } = at as { code?: unknown; status?: unknown; statusCode?: unknown }
    if (typeof code === 'string' && transientCodes.has(code)) return true
    if (isTransientStatus(status) || isTransientStatus(statusCode)) return true
    // A connection tried at several addresses fails with all of their errors.
    if (at instanceof AggregateError && at.errors.length > 0 && at.errors.every(isTransient)) return true
  }
  return false
}

/** Whether a task that failed so starts again by itself (`errors.restart.policy`). */
export function heals(settings: RestartSettings, error: Error): boolean {
  const policy = settings['errors.restart.policy']
  return policy === 'all' || (policy === 'retriable' && isTransient(error))
}

function isTransientStatus(status: unknown): boolean {
  return typeof status === 'number' && (status === 408 || status === 429 || (status >= 500 && status <= 599))
}
