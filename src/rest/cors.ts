import type { IncomingMessage, ServerResponse } from 'node:http'

/** Which pages of other origins a browser lets call the REST API. */
export interface Cors {
  /** Whether an `Origin` header names one of them. */
  isAllowed(origin: string): boolean
  /** Writes what a browser looks for; true for a preflight request, which asks for nothing else. */
  writeHeaders(request: IncomingMessage, response: ServerResponse): boolean
}

const allowedHeaders = ['X-Requested-With', 'Content-Type', 'Accept', 'Origin']
const maxAgeSeconds = 1800

/** `access.control.allow.origin` and `.methods`; null when no origin is named. */
export function corsOf(originText: string, methodText: string): Cors | null {
  const origins = items(originText)
  if (origins.length === 0) return null
  const isAny = origins.includes('*')
  const patterns = origins.map((origin) => new RegExp(`^${origin.split('*').map(escaped).join('.*')}$`))
  const isAllowed = (origin: string) =>
    isAny || origin.split(' ').some((one) => patterns.some((pattern) => pattern.test(one)))
  const methods = methodText.trim() === '' ? ['GET', 'POST', 'HEAD'] : items(methodText)
  return {
    isAllowed,
    writeHeaders(request, response) {
      const { origin } = request.headers
      if (!isAny) response.appendHeader('Vary', 'Origin')
      if (origin === undefined || !isAllowed(origin)) return false
      const wanted = request.headers['access-control-request-method']
      const isPreflight = request.method === 'OPTIONS' && wanted !== undefined
      if (!isPreflight) {
        response.setHeader('Access-Control-Allow-Origin', origin)
        return false
      }
      const wantedHeaders = items(request.headers['access-control-request-headers'] ?? '')
      const areHeadersAllowed = wantedHeaders.every((name) =>
        allowedHeaders.some((allowed) => allowed.toLowerCase() === name.toLowerCase()),
      )
      if (methods.includes(wanted.trim()) && areHeadersAllowed) {
        response.setHeader('Access-Control-Allow-Origin', origin)
        response.setHeader('Access-Control-Allow-Methods', methods.join(','))
        response.setHeader('Access-Control-Allow-Headers', allowedHeaders.join(','))
        response.setHeader('Access-Control-Max-Age', maxAgeSeconds)
      }
      return true
    },
  }
}

function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
