import type { SecureContextOptions } from 'node:tls'
import { parseListener } from '../config/listeners.ts'

/** One address of `listeners` or `admin.listeners`. */
export interface Listener {
  readonly text: string
  /** The setting that names it. */
  readonly key: string
  readonly protocol: 'http' | 'https'
  /** Empty: every interface. */
  readonly host: string
  readonly port: number
  readonly isLoopback: boolean
  /** null for http. */
  readonly tls: ListenerTls | null
}

export interface ListenerTls extends SecureContextOptions {
  readonly clientAuth: 'none' | 'requested' | 'required'
}

/** Reads `http://host:port`; `tls` is asked for https only. Throws ConfigError for what cannot be listened on. */
export function restListener(text: string, tls: () => ListenerTls, key = 'listeners'): Listener {
  const { protocol, host, port } = parseListener(text, key)
  return {
    text: text.trim(),
    key,
    protocol,
    host,
    port,
    isLoopback: isLoopbackHost(host),
    tls: protocol === 'https' ? tls() : null,
  }
}

/** Whether a name or address can only mean this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(name)
  )
}
