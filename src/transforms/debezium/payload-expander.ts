import { DataError, type SchemaAndValue } from '../../index.ts'
import { schemaCache } from '../schema-cache.ts'
import type { EventRouterSettings } from './event-router-settings.ts'
import { fromJson, type JsonOptions } from './json-schema.ts'
import { readJson } from './json-text.ts'
import { nameAdjuster } from './name-adjuster.ts'

/** Makes data out of a payload that is JSON, where the settings want it. What cannot be read so stays as it is. */
export function payloadExpander(settings: EventRouterSettings): (payload: SchemaAndValue) => SchemaAndValue {
  if (!(settings['table.expand.json.payload'] ?? settings['debezium.expand.json.payload'] ?? false)) {
    return (payload) => payload
  }
  const column = settings['table.field.event.payload']
  const options: JsonOptions = {
    keepsNulls: settings['table.json.payload.null.behavior'].toLowerCase() === 'optional_bytes',
    keepsEmptyArrays: settings['table.json.payload.empty.array.behavior'].toLowerCase() === 'optional_string',
    fieldName: nameAdjuster(settings['field.name.adjustment.mode'], 'field'),
    shared: schemaCache((schema) => schema),
  }
  return (payload) => {
    if (typeof payload.value !== 'string' || !/^[[{]/.test(payload.value)) return payload
    return expandedOrNull(payload.value, column, options) ?? payload
  }
}

function expandedOrNull(text: string, name: string, options: JsonOptions): SchemaAndValue | null {
  try {
    return fromJson(readJson(text), name, options)
  } catch (error) {
    // Not JSON, no schema for it, or nested too deeply: Debezium passes the payload on as it is.
    if (error instanceof SyntaxError || error instanceof DataError || error instanceof RangeError) return null
    throw error
  }
}
