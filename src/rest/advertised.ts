import { networkInterfaces } from 'node:os'
import type { Listener } from './listener.ts'

/** `rest.advertised.*` */
export interface AdvertisedSettings {
  readonly host: string | null
  readonly port: number | null
  /** `http` or `https`, any case. */
  readonly protocol: string | null
}

export interface OpenListener {
  readonly listener: Listener
  /** The one chosen by the system where 0 was asked for. */
  readonly port: number
}

/**
 * `host:port` under which others are told to reach this worker. What is not set comes from the first listener of
 * the advertised protocol, which is http where there is one.
 */
export function advertisedAddress(settings: AdvertisedSettings, open: readonly OpenListener[]): string {
  const has = (protocol: string) => open.some(({ listener }) => listener.protocol === protocol)
  const protocol = settings.protocol?.trim().toLowerCase() || (has('http') ? 'http' : 'https')
  const { listener, port } = open.find((one) => one.listener.protocol === protocol) ?? open[0]!
  const host = settings.host?.trim() || listener.host || addressOfMachine()
  const isBareIpv6 = host.includes(':') && !host.startsWith('[')
  return `${isBareIpv6 ? `[${host}]` : host}:${settings.port ?? port}`
}

function addressOfMachine(): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ internal }) => !internal)
  const best = addresses.find(({ family }) => family === 'IPv4') ?? addresses[0]
  return best?.address ?? 'localhost'
}
