import type { RawHeader } from '../../kafka/client.ts'
import { javaClassName, javaTrace } from '../java-trace.ts'
import type { TaskId } from '../task-id.ts'
import type { Failure } from './failure.ts'

const prefix = '__connect.errors.'

/**
 * The headers that say where a dead letter comes from and what was wrong with it, in Kafka Connect's order. `origin`:
 * what is known of the record's place, by names without the prefix.
 */
export function contextHeaders(
  { stage, className, error }: Failure<unknown>,
  { connector, task }: TaskId,
  origin: Readonly<Record<string, string | number>>,
): RawHeader[] {
  const context: Readonly<Record<string, string | number | null>> = {
    ...origin,
    'connector.name': connector,
    'task.id': task,
    'stage': stage,
    'class.name': className,
    'exception.class.name': javaClassName(error),
    'exception.message': error.message === '' ? null : error.message,
    'exception.stacktrace': javaTrace(error),
  }
  return Object.entries(context).map(([name, value]) => [
    prefix + name,
    value === null ? null : Buffer.from(String(value)),
  ])
}
