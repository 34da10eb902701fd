import type { IncomingMessage } from 'node:http'
import { RestError } from './errors.ts'
import { isLoopbackHost, type Listener } from './listener.ts'

/** What a request asks for. */
export interface Target {
  /** As the client knows it, with its port; empty where an HTTP/1.0 client does not say. */
  readonly host: string
  readonly path: string
  readonly query: string
}

/** Throws RestError 400. */
export function readTarget({ url = '/', headers, httpVersion }: IncomingMessage): Target {
  const [, absoluteHost, rest = ''] = /^https?:\/\/([^/?]*)(.*)$/is.exec(url) ?? [null, undefined, url]
  const host = absoluteHost ?? headers.host
  if (host === undefined && httpVersion === '1.1') {
    throw new RestError(400, 'HTTP 400 Bad Request: there is no Host header.')
  }
  const [path = '', query = ''] = rest.split(/\?(.*)/s)
  return { host: host ?? '', path: path === '' ? '/' : path, query }
}

/**
 * Keeps web pages away from a port that only this machine can reach: under a host name of the page's own (DNS
 * rebinding), and with requests that change something. `knownHost` is the name under which a proxy on this machine
 * may show the port. Throws RestError 403.
 */
export function guardLoopback(
  { text, isLoopback }: Listener,
  knownHost: string | null,
  request: IncomingMessage,
  target: Target,
  isAllowedOrigin: (origin: string) => boolean,
): void {
  if (!isLoopback) return
  const isOwn = (name: string) => isLoopbackHost(name) || name.toLowerCase() === knownHost?.toLowerCase()
  const host = target.host.replace(/:\d+$/, '')
  if (host !== '' && !isOwn(host)) {
    throw new RestError(
      403,
      `This worker listens on ${text} only; the host ${host} is not served. If a proxy on this machine is known by that name, set rest.advertised.host.name to it.`,
    )
  }
  const { origin } = request.headers
  if (origin === undefined || /^(?:GET|HEAD|OPTIONS)$/.test(request.method ?? '')) return
  if (!isOwn(hostOf(origin)) && !isAllowedOrigin(origin)) {
    throw new RestError(
      403,
      `A page of ${origin} may not change anything here. If it should, set access.control.allow.origin.`,
    )
  }
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : ''
}
