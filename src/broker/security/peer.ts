import type { Socket } from 'node:net'

/** The address of a client as Kafka shows it: with a slash, an IPv4 address in its own form. */
export function hostOf(socket: Socket): string {
  return `/${(socket.remoteAddress ?? 'unknown').replace('::ffff:', '')}`
}

/** Both ends of a connection: the same for a socket and for the TLS socket around it. */
export function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
