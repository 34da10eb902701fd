/**
 * EventRouter makes messages out of the rows that are written to an outbox table: the payload becomes the value, the
 * other columns say topic, key, timestamp and headers. Only new rows matter; updates and deletes are dropped.
 *
 * Same settings and results as io.debezium.transforms.outbox.EventRouter. Nothing is traced, as there without
 * OpenTelemetry. Schemas with columns in the envelope are made for each kind of event; the original keeps the name or
 * version of the first one.
 */
import {
  ConnectError,
  configDef,
  defineTransform,
  Headers,
  nothing,
  type ConnectRecord,
  type Field,
  type Header,
  type SchemaAndValue,
  type Struct,
  type Transform,
} from '../../index.ts'
import { regexRouter } from '../regex-router.ts'
import { changeEvent, isMissing, rowOf } from './envelope.ts'
import { additionalColumns, eventRouterFields, type EventRouterSettings } from './event-router-settings.ts'
import { eventTimestamp } from './event-timestamp.ts'
import { OutboxEnvelope } from './outbox-envelope.ts'
import { payloadExpander } from './payload-expander.ts'

export const eventRouter = defineTransform({
  name: 'io.debezium.transforms.outbox.EventRouter',
  doc: 'Makes messages out of the change events of an outbox table.',
  config: configDef(eventRouterFields),
  create,
})

function create(settings: EventRouterSettings): Transform {
  const columns = additionalColumns(settings)
  const headerColumns = columns.filter(({ placement }) => placement === 'header')
  const partitionColumns = columns.filter(({ placement }) => placement === 'partition')
  const ignoresMissing = isIgnoringMissing(settings)
  const envelope = OutboxEnvelope.for(columns, ignoresMissing, settings['table.field.event.schema.version'])
  const idColumn = settings['table.field.event.id']
  const keyColumn = settings['table.field.event.key']
  const payloadColumn = settings['table.field.event.payload']
  const timestampColumn = settings['table.field.event.timestamp']
  const routeColumn = settings['route.by.field']
  const expand = payloadExpander(settings)
  const isFatal = invalidBehavior(settings) === 'fatal'
  const route = regexRouter.create({
    regex: settings['route.topic.regex'],
    replacement: settings['route.topic.replacement'],
  })

  function payloadOf(event: Struct): SchemaAndValue {
    const field = required(event, payloadColumn, 'payload field')
    return expand({ schema: field.schema, value: event.get(field) })
  }

  function headersOf(event: Struct, headers: Headers): Headers {
    const added = [header('id', event, required(event, idColumn, 'event-id field'))]
    for (const { column, name } of headerColumns) {
      const field = optional(event, column, ignoresMissing)
      if (field !== undefined) added.push(header(name, event, field))
    }
    return Headers.of([...headers, ...added])
  }

  function partitionOf(event: Struct): number | null {
    let partition: number | null = null
    for (const { column } of partitionColumns) {
      if (optional(event, column, ignoresMissing) !== undefined) partition = event.getInt32(column)
    }
    return partition
  }

  function message<R extends ConnectRecord>(record: R, change: Struct, event: Struct): R {
    const payload = payloadOf(event)
    const destination = event.getString(routeColumn)
    if (destination === null) throw new ConnectError(`The field ${routeColumn} that routes the event is null`)
    const isEmpty =
      isMissing(payload.value) || (typeof payload.value === 'string' && payload.value.trim() === '')
    const key = required(event, keyColumn, 'event-key field')
    const routed = record.with({
      topic: destination,
      partition: partitionOf(event),
      key: { schema: key.schema, value: event.get(key) },
      value:
        isEmpty && settings['route.tombstone.on.empty.payload']
          ? nothing
          : (envelope?.wrap(payload, event, destination) ?? payload),
      timestamp: eventTimestamp(change, event, timestampColumn),
      headers: headersOf(event, record.headers),
    })
    return route.apply(routed) as R
  }

  return {
    apply(record) {
      if (isMissing(record.value.value)) return null
      const change = changeEvent(record.value, 'Detect Debezium Operation')
      if (change === null) return record
      const op = change.getString('op')
      if (op === 'u' && isFatal)
        throw new ConnectError(`Unexpected update message received ${String(record.key.value)}, fail.`)
      if (op === 'd' || op === 'u') return null
      const event = rowOf(change, 'after', 'Read Outbox Event')
      if (event === null)
        throw new ConnectError(`An event with the operation ${op} has no row that could be routed`)
      return message(record, change, event)
    },
  }
}

function isIgnoringMissing(settings: EventRouterSettings): boolean {
  const missing = settings['table.field.additional.missing']
  return missing === null
    ? settings['table.fields.additional.error.on.missing'] === false
    : missing.toLowerCase() === 'ignore'
}

function invalidBehavior(settings: EventRouterSettings): string {
  const behavior = settings['table.op.invalid.behavior'] ?? settings['debezium.op.invalid.behavior'] ?? 'warn'
  return behavior.toLowerCase()
}

function header(key: string, event: Struct, field: Field): Header {
  return { key, schema: field.schema, value: event.get(field) }
}

function required(event: Struct, name: string, what: string): Field {
  const field = event.schema.field(name)
  if (field === undefined) throw new ConnectError(`Unable to find ${what} ${name} in event`)
  return field
}

function optional(event: Struct, name: string, ignoresMissing: boolean): Field | undefined {
  return ignoresMissing ? event.schema.field(name) : required(event, name, 'field')
}
