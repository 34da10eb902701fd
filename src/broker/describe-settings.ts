import type { ResolvedOptions } from './broker.ts'
import { saslMechanisms } from './security/authenticator.ts'

/** The options under Kafka's names, as DescribeConfigs shows them. Secrets are none of them. */
export function describeSettings(options: ResolvedOptions, port: number): Record<string, string> {
  const { tls, sasl } = options
  const protocol = `${sasl === undefined ? '' : 'SASL_'}${tls === undefined ? 'PLAINTEXT' : 'SSL'}`
  return {
    'advertised.listeners': `${protocol}://${options.advertisedHost ?? reachable(options.host)}:${options.advertisedPort ?? port}`,
    'auto.create.topics.enable': String(options.autoCreateTopics),
    'broker.id': String(options.nodeId),
    'default.replication.factor': '1',
    'group.initial.rebalance.delay.ms': String(options.groupInitialRebalanceDelayMs),
    'group.max.session.timeout.ms': String(options.groupMaxSessionTimeoutMs),
    'group.min.session.timeout.ms': String(options.groupMinSessionTimeoutMs),
    'listeners': `${protocol}://${options.host}:${port}`,
    'log.flush.interval.ms': options.flush === 'always' ? '0' : String(options.flushIntervalMs),
    'log.segment.bytes': String(options.segmentBytes),
    'message.max.bytes': String(options.messageMaxBytes),
    'node.id': String(options.nodeId),
    'num.partitions': String(options.defaultPartitions),
    'offsets.retention.minutes': String(Math.floor(options.offsetsRetentionMs / 60_000)),
    ...(sasl === undefined
      ? {}
      : { 'sasl.enabled.mechanisms': (sasl.mechanisms ?? saslMechanisms).join(',') }),
    'socket.request.max.bytes': String(options.maxRequestBytes),
    ...(tls === undefined ? {} : { 'ssl.client.auth': tls.clientAuth ?? 'none' }),
  }
}

/** An address of every interface is nowhere to connect to. */
export function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === '' ? 'localhost' : host
}
