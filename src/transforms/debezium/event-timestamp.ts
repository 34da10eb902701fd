import { ConnectError, type Struct } from '../../index.ts'

/** The timestamp of a message in ms: what the column of the event says, or when Debezium read the change. */
export function eventTimestamp(change: Struct, event: Struct, column: string | null): number | null {
  const readAt = () => milliseconds(change.getInt64('ts_ms'), 1)
  if (column === null) return readAt()
  const field = event.schema.field(column)
  if (field === undefined) throw new ConnectError(`Unable to find timestamp field ${column} in event`)
  const value = event.getInt64(column)
  if (value === null) return readAt()
  const { name, type } = field.schema
  if (name === null) {
    throw new ConnectError(`Unsupported field type ${type} (without logical schema name) for event timestamp`)
  }
  const unitsPerMs = perMs[name]
  if (unitsPerMs === undefined) throw new ConnectError(`Unsupported field type ${name} for event timestamp`)
  return milliseconds(value, unitsPerMs)
}

const perMs: Readonly<Record<string, number>> = {
  'io.debezium.time.Timestamp': 1,
  'io.debezium.time.MicroTimestamp': 1_000,
  'io.debezium.time.NanoTimestamp': 1_000_000,
  'org.apache.kafka.connect.data.Timestamp': 1,
}

/** Cut towards zero, as Java divides. */
function milliseconds(value: number | bigint | null, unitsPerMs: number): number | null {
  return value === null ? null : Number(BigInt(value) / BigInt(unitsPerMs))
}
