import { ConfigError } from '../errors.ts'
import type { Validator } from './validators.ts'

export interface Listener {
  readonly protocol: 'http' | 'https'
  /** Empty: all interfaces. Without the brackets of IPv6. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

/** Reads `http://localhost:8083`. Throws ConfigError with Kafka Connect's messages. */
export function parseListener(url: string, key = 'listeners'): Listener {
  const parts = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/.exec(url.trim())
  if (parts === null)
    throw new ConfigError("Listener doesn't have the right format (protocol://hostname:port).", { key })
  const protocol = parts[1]!.toLowerCase()
  if (protocol !== 'http' && protocol !== 'https') {
    throw new ConfigError('Listener protocol must be either "http" or "https".', { key })
  }
  const port = Number(parts[3])
  if (port > 65535) throw new ConfigError(`Listener ${url} has a port above 65535.`, { key })
  return { protocol, host: parts[2]!, port: Math.max(0, port) }
}

export const listenerUrls: Validator = {
  description: 'URLs such as http://localhost:8083,https://0.0.0.0:8443',
  check(key, value) {
    if (value === null || (value as readonly string[]).length === 0) {
      throw new ConfigError(
        'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
        { key },
      )
    }
    checkEach(key, value as readonly string[])
  },
}

/** null: the main listeners serve the admin paths, too; empty: nobody does. */
export const adminListenerUrls: Validator = {
  description: 'null, empty, or URLs such as http://localhost:8080',
  check(key, value) {
    checkEach(key, (value ?? []) as readonly string[])
  },
}

function checkEach(key: string, urls: readonly string[]): void {
  for (const url of urls) {
    if (url.trim() === '') throw new ConfigError(`Empty URL found when parsing ${key} list.`, { key })
    parseListener(url, key)
  }
}
