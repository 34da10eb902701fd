import { parseListener } from '../config/listeners.ts'
import { ConfigError } from '../errors.ts'

/** One address of `listeners`. */
export interface Listener {
  readonly text: string
  /** Empty: every interface. */
  readonly host: string
  readonly port: number
  readonly isLoopback: boolean
}

/** Reads `http://host:port`. Throws ConfigError for what cannot be listened on. */
export function restListener(text: string): Listener {
  const { protocol, host, port } = parseListener(text)
  if (protocol === 'https') {
    throw new ConfigError(
      `Invalid value ${text} for configuration listeners: https listeners are not supported yet; put a TLS proxy in front`,
      { key: 'listeners' },
    )
  }
  return { text: text.trim(), host, port, isLoopback: isLoopbackHost(host) }
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
