import type { Props } from '../api/plugin.ts'
import { withPrefix } from '../config/config-def.ts'
import type { ClientSettings } from '../kafka/client.ts'
import { type TaskId, taskText } from './task-id.ts'

/**
 * The settings of the Kafka clients that a task opens: built-in ones, then the worker's with the client's
 * prefix, then the connector's overrides. Later ones win.
 */
export function producerSettings(worker: Props, connector: Props, clientId: string): ClientSettings {
  return merged(
    {
      'bootstrap.servers': bootstrapServers(worker),
      'client.id': clientId,
      'max.block.ms': '9223372036854775807',
      'enable.idempotence': 'false',
      'acks': 'all',
      'max.in.flight.requests.per.connection': '1',
      'delivery.timeout.ms': '2147483647',
    },
    withPrefix(worker, 'producer.'),
    withPrefix(connector, 'producer.override.'),
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
