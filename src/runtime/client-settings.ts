import type { Props } from '../api/plugin.ts'
import { withPrefix } from '../config/config-def.ts'
import type { ClientSettings } from '../kafka/client.ts'
import { type TaskId, taskText } from './task-id.ts'

/**
 * The settings of the Kafka clients that a task opens: built-in ones, then the worker's with the client's
 * prefix, then the connector's overrides. Later ones win.
 */
export function producerSettings(worker: Props, connector: Props, clientId: string): ClientSettings {
  const chosen = merged(withPrefix(worker, 'producer.'), withPrefix(connector, 'producer.override.'))
  return merged(
    {
      'bootstrap.servers': bootstrapServers(worker),
      'client.id': clientId,
      'max.block.ms': '9223372036854775807',
      'acks': 'all',
      'delivery.timeout.ms': '2147483647',
    },
    leavesRoomForIdempotence(chosen) ? {} : asInKafkaConnect,
    chosen,
  )
}

/** Kafka Connect keeps the order by one request at a time, and has no producer ids. */
const asInKafkaConnect = { 'enable.idempotence': 'false', 'max.in.flight.requests.per.connection': '1' }

/** Files that were written for Kafka Connect may say what an idempotent producer would refuse. */
function leavesRoomForIdempotence(chosen: ClientSettings): boolean {
  const said = (name: string) => chosen[name]?.trim().toLowerCase() ?? ''
  if (said('enable.idempotence') !== '') return said('enable.idempotence') === 'true'
  return (
    ['', 'all', '-1'].includes(said('acks')) &&
    said('retries') !== '0' &&
    !(Number(said('max.in.flight.requests.per.connection')) > 5) &&
    said('transactional.id') === ''
  )
}

/** Under this id a task's transactions go on after a restart, and what was left open ends. */
export function transactionalId(workerId: string, { connector, task }: TaskId): string {
  return `tsconnect-${workerId}-${connector}-${task}`
}

/** Of a producer with transactions. What the user says against them does not count, as in Kafka Connect. */
export function transactionalProducerSettings(
  worker: Props,
  connector: Props,
  { id, workerId, atLeastMs = 0 }: { id: TaskId; workerId: string; atLeastMs?: number },
): ClientSettings {
  const settings = producerSettings(worker, connector, `connector-producer-${taskText(id)}`)
  // A transaction that is meant to stay open for long must not be ended by the broker.
  const timeoutMs = Math.max(60_000, Math.min(900_000, 2 * atLeastMs))
  return {
    'transaction.timeout.ms': String(timeoutMs),
    ...settings,
    ...(settings['enable.idempotence'] === 'false' && { 'max.in.flight.requests.per.connection': '5' }),
    'enable.idempotence': 'true',
    'transactional.id': transactionalId(workerId, id),
  }
}

/** Of the reader of the offsets topic. */
export function offsetsReaderSettings(worker: Props, connector: Props, name: string): ClientSettings {
  return merged(
    { 'bootstrap.servers': bootstrapServers(worker), 'client.id': `connector-offset-consumer-${name}` },
    withPrefix(worker, 'consumer.'),
    withPrefix(connector, 'consumer.override.'),
    { 'isolation.level': 'read_committed' },
  )
}

export function consumerSettings(worker: Props, connector: Props, id: TaskId): ClientSettings {
  return merged(
    {
      'bootstrap.servers': bootstrapServers(worker),
      'client.id': `connector-consumer-${taskText(id)}`,
      'group.id': `connect-${id.connector}`,
      'enable.auto.commit': 'false',
      'auto.offset.reset': 'earliest',
    },
    withPrefix(worker, 'consumer.'),
    withPrefix(connector, 'consumer.override.'),
  )
}

/** Admin clients get everything of the worker file that is not another client's. */
export function adminSettings(worker: Props, connector: Props, clientId: string): ClientSettings {
  const shared = Object.entries(worker).filter(([key]) => !/^(?:admin|producer|consumer)\./.test(key))
  return merged(
    { 'bootstrap.servers': bootstrapServers(worker), 'client.id': clientId },
    Object.fromEntries(shared),
    withPrefix(worker, 'admin.'),
    withPrefix(connector, 'admin.override.'),
  )
}

export function bootstrapServers(worker: Props): string {
  return worker['bootstrap.servers']?.trim() || 'localhost:9092'
}

function merged(...layers: readonly Props[]): ClientSettings {
  const settings: Record<string, string> = {}
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer)) if (value !== null) settings[key] = value
  }
  return settings
}
