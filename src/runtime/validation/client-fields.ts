import type { Fields } from '../../config/config-def.ts'
import { securityTable, type Table } from './client-security-fields.ts'

export type ClientKind = 'producer' | 'consumer' | 'admin'

/** The settings of Kafka 4.1's clients, as far as validation answers show them: also those that our clients ignore. */
export function clientFields(kind: ClientKind): Fields {
  return (made[kind] ??= Object.fromEntries(
    Object.entries({ ...common, ...securityTable, ...tables[kind] }).map(
      ([name, [type, value, importance]]) => {
        const doc = `Setting of Kafka's ${kind === 'admin' ? 'admin client' : kind}.`
        return [name, { type, importance, doc, ...(value === undefined ? {} : { default: value }) }]
      },
    ),
  ))
}

const made: Partial<Record<ClientKind, Fields>> = {}

const common: Table = {
  'bootstrap.servers': ['LIST', '', 'high'],
  'metadata.max.age.ms': ['LONG', 300000, 'low'],
  'send.buffer.bytes': ['INT', 131072, 'medium'],
  'reconnect.backoff.ms': ['LONG', 50, 'low'],
  'reconnect.backoff.max.ms': ['LONG', 1000, 'low'],
  'retry.backoff.ms': ['LONG', 100, 'low'],
  'retry.backoff.max.ms': ['LONG', 1000, 'low'],
  'request.timeout.ms': ['INT', 30000, 'medium'],
  'socket.connection.setup.timeout.ms': ['LONG', 10000, 'medium'],
  'socket.connection.setup.timeout.max.ms': ['LONG', 30000, 'medium'],
  'metrics.sample.window.ms': ['LONG', 30000, 'low'],
  'metrics.num.samples': ['INT', 2, 'low'],
  'metric.reporters': ['LIST', 'org.apache.kafka.common.metrics.JmxReporter', 'low'],
  'metrics.recording.level': ['STRING', 'INFO', 'low'],
  'client.dns.lookup': ['STRING', 'use_all_dns_ips', 'medium'],
  'metadata.recovery.strategy': ['STRING', 'rebootstrap', 'low'],
  'metadata.recovery.rebootstrap.trigger.ms': ['LONG', 300000, 'low'],
}

const producer: Table = {
  'buffer.memory': ['LONG', 33554432, 'high'],
  'retries': ['INT', 2147483647, 'high'],
  'acks': ['STRING', 'all', 'low'],
  'compression.type': ['STRING', 'none', 'high'],
  'compression.gzip.level': ['INT', -1, 'medium'],
  'compression.lz4.level': ['INT', 9, 'medium'],
  'compression.zstd.level': ['INT', 3, 'medium'],
  'batch.size': ['INT', 16384, 'medium'],
  'partitioner.adaptive.partitioning.enable': ['BOOLEAN', true, 'low'],
  'partitioner.availability.timeout.ms': ['LONG', 0, 'low'],
  'partitioner.ignore.keys': ['BOOLEAN', false, 'medium'],
  'linger.ms': ['LONG', 5, 'medium'],
  'delivery.timeout.ms': ['INT', 120000, 'medium'],
  'client.id': ['STRING', '', 'medium'],
  'receive.buffer.bytes': ['INT', 32768, 'medium'],
  'max.request.size': ['INT', 1048576, 'medium'],
  'enable.metrics.push': ['BOOLEAN', true, 'low'],
  'max.block.ms': ['LONG', 60000, 'medium'],
  'metadata.max.idle.ms': ['LONG', 300000, 'low'],
  'max.in.flight.requests.per.connection': ['INT', 5, 'low'],
  'key.serializer': ['CLASS', undefined, 'high'],
  'value.serializer': ['CLASS', undefined, 'high'],
  'connections.max.idle.ms': ['LONG', 540000, 'medium'],
  'partitioner.class': ['CLASS', null, 'medium'],
  'interceptor.classes': ['LIST', '', 'low'],
  'enable.idempotence': ['BOOLEAN', true, 'low'],
  'transaction.timeout.ms': ['INT', 60000, 'low'],
  'transactional.id': ['STRING', null, 'low'],
  'transaction.two.phase.commit.enable': ['BOOLEAN', false, 'low'],
}

const consumer: Table = {
  'group.id': ['STRING', null, 'high'],
  'group.instance.id': ['STRING', null, 'medium'],
  'session.timeout.ms': ['INT', 45000, 'high'],
  'heartbeat.interval.ms': ['INT', 3000, 'high'],
  'partition.assignment.strategy': [
    'LIST',
    'class org.apache.kafka.clients.consumer.RangeAssignor,class org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
    'medium',
  ],
  'enable.auto.commit': ['BOOLEAN', true, 'medium'],
  'auto.commit.interval.ms': ['INT', 5000, 'low'],
  'client.id': ['STRING', '', 'low'],
  'client.rack': ['STRING', '', 'low'],
  'max.partition.fetch.bytes': ['INT', 1048576, 'high'],
  'receive.buffer.bytes': ['INT', 65536, 'medium'],
  'fetch.min.bytes': ['INT', 1, 'high'],
  'fetch.max.bytes': ['INT', 52428800, 'medium'],
  'fetch.max.wait.ms': ['INT', 500, 'low'],
  'enable.metrics.push': ['BOOLEAN', true, 'low'],
  'auto.offset.reset': ['STRING', 'latest', 'medium'],
  'check.crcs': ['BOOLEAN', true, 'low'],
  'key.deserializer': ['CLASS', undefined, 'high'],
  'value.deserializer': ['CLASS', undefined, 'high'],
  'default.api.timeout.ms': ['INT', 60000, 'medium'],
  'connections.max.idle.ms': ['LONG', 540000, 'medium'],
  'interceptor.classes': ['LIST', '', 'low'],
  'max.poll.records': ['INT', 500, 'medium'],
  'max.poll.interval.ms': ['INT', 300000, 'medium'],
  'exclude.internal.topics': ['BOOLEAN', true, 'medium'],
  'isolation.level': ['STRING', 'read_uncommitted', 'medium'],
  'allow.auto.create.topics': ['BOOLEAN', true, 'medium'],
  'group.protocol': ['STRING', 'classic', 'high'],
  'group.remote.assignor': ['STRING', null, 'medium'],
  'share.acknowledgement.mode': ['STRING', 'implicit', 'medium'],
}

const admin: Table = {
  'bootstrap.controllers': ['LIST', '', 'high'],
  'client.id': ['STRING', '', 'medium'],
  'receive.buffer.bytes': ['INT', 65536, 'medium'],
  'enable.metrics.push': ['BOOLEAN', false, 'low'],
  'connections.max.idle.ms': ['LONG', 300000, 'medium'],
  'retries': ['INT', 2147483647, 'low'],
  'default.api.timeout.ms': ['INT', 60000, 'medium'],
}

const tables = { producer, consumer, admin }
