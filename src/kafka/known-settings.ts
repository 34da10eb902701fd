import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import type { ClientSettings } from './client.ts'

export type ClientKind = 'producer' | 'consumer' | 'admin'

const common = [
  'client.dns.lookup',
  'connections.max.idle.ms',
  'enable.metrics.push',
  'receive.buffer.bytes',
  'send.buffer.bytes',
  'security.providers',
  'socket.connection.setup.timeout.max.ms',
  'metadata.recovery.strategy',
  'metadata.recovery.rebootstrap.trigger.ms',
]

/** Settings of Kafka's clients that are not implemented and without which only comfort is lost. */
const unimplemented: Record<ClientKind, readonly string[]> = {
  producer: [
    ...common,
    'interceptor.classes',
    'metadata.max.idle.ms',
    'partitioner.adaptive.partitioning.enable',
    'partitioner.availability.timeout.ms',
    'compression.lz4.level',
  ],
  consumer: [...common, 'interceptor.classes', 'enable.auto.commit', 'auto.commit.interval.ms'],
  admin: common,
}

/** What would be promised and not kept if it were ignored. */
const guarantees: readonly { name: string; needless?: readonly string[]; kinds: readonly ClientKind[] }[] = [
  { name: 'transaction.two.phase.commit.enable', needless: ['false'], kinds: ['producer'] },
  { name: 'group.protocol', needless: ['classic', 'CLASSIC'], kinds: ['consumer'] },
  { name: 'group.remote.assignor', kinds: ['consumer'] },
  { name: 'ssl.provider', kinds: ['producer', 'consumer', 'admin'] },
  { name: 'ssl.engine.factory.class', kinds: ['producer', 'consumer', 'admin'] },
  { name: 'ssl.trustmanager.algorithm', needless: ['PKIX'], kinds: ['producer', 'consumer', 'admin'] },
  { name: 'ssl.keymanager.algorithm', needless: ['SunX509'], kinds: ['producer', 'consumer', 'admin'] },
  { name: 'sasl.client.callback.handler.class', kinds: ['producer', 'consumer', 'admin'] },
  { name: 'sasl.login.callback.handler.class', kinds: ['producer', 'consumer', 'admin'] },
  { name: 'sasl.login.class', kinds: ['producer', 'consumer', 'admin'] },
]

/** Throws where a setting asks for a guarantee that this client cannot give. */
export function refuseWeakening(settings: ClientSettings, kind: ClientKind): void {
  for (const { name, needless = [], kinds } of guarantees) {
    const value = settings[name]?.trim()
    if (value === undefined || value === '' || needless.includes(value) || !kinds.includes(kind)) continue
    throw new ConfigError(
      `${name}=${value} is not implemented here, and ignoring it would break its promise.`,
    )
  }
}

/** One line that names the settings which are known to Kafka and make no difference here. */
export function warnOfUnused(
  settings: ClientSettings,
  read: ReadonlySet<string>,
  kind: ClientKind,
  log: Logger,
): void {
  const unused = unimplemented[kind].filter((name) => settings[name] !== undefined && !read.has(name))
  if (unused.length > 0) {
    log.warn(`These ${kind} settings are not implemented and make no difference: ${unused.join(', ')}.`)
  }
}
