import { exactNumber, readJson } from '../config/json-reader.ts'
import { toError } from '../errors.ts'
import { RestError } from './errors.ts'
import type { RawConfig } from './herder.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** What a body has to hold, in the words of Kafka Connect's own classes. */
const entities = 'org.apache.kafka.connect.runtime.rest.entities'

/** A map of settings: numbers and booleans become their text, null stays. Throws RestError 500, as Kafka Connect. */
export function readSettings(body: string): RawConfig {
  const map = 'java.util.LinkedHashMap<java.lang.String,java.lang.String>'
  return settingsOf(objectOf(parse(body, asText), map))
}

export interface CreateRequest {
  readonly name: string
  readonly config: RawConfig | null
  readonly initialState: string | null
}

export function readCreateRequest(body: string): CreateRequest {
  const type = `${entities}.CreateConnectorRequest`
  const object = objectOf(parse(body, asText), type)
  refuseUnknown(object, type, ['config', 'name', 'initial_state'])
  const { name = null, config = null, initial_state: initialState = null } = object
  return {
    name: textOf(name) ?? '',
    config:
      config === null
        ? null
        : settingsOf(objectOf(config, 'java.util.LinkedHashMap<java.lang.String,java.lang.String>')),
    initialState: textOf(initialState),
  }
}

export interface OffsetsRequestEntry {
  readonly partition: JsonObject | null
  readonly offset: JsonObject | null
}

/** null: no offsets are given. Integers beyond 2^53 are bigint. */
export function readOffsetsRequest(body: string): readonly OffsetsRequestEntry[] | null {
  const type = `${entities}.ConnectorOffsets`
  const object = objectOf(parse(body, exactNumber), type)
  refuseUnknown(object, type, ['offsets'])
  const { offsets = null } = object
  if (offsets === null) return null
  if (!Array.isArray(offsets)) {
    throw wrongType(`java.util.ArrayList<${entities}.ConnectorOffset>`, offsets)
  }
  return offsets.map((entry) => {
    const entryType = `${entities}.ConnectorOffset`
    const { partition = null, offset = null, ...others } = objectOf(entry, entryType)
    refuseUnknown(others, entryType, ['partition', 'offset'])
    const map = 'java.util.LinkedHashMap<java.lang.String,java.lang.Object>'
    return {
      partition: partition === null ? null : objectOf(partition, map),
      offset: offset === null ? null : objectOf(offset, map),
    }
  })
}

function settingsOf(object: JsonObject): RawConfig {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, textOf(value)]))
}

function textOf(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  throw wrongType('java.lang.String', value)
}

const asText = (token: string) => token

function parse(body: string, number: (token: string) => unknown): unknown {
  // Without a body Kafka Connect stumbles over a null; what it was about is more help.
  if (body.trim() === '')
    throw new RestError(500, 'No content to map due to end-of-input: the request has no body')
  try {
    return readJson(body, { number })
  } catch (error) {
    throw new RestError(500, `Unexpected character or end-of-input: ${toError(error).message}`)
  }
}

function objectOf(value: unknown, type: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw wrongType(type, value)
}

function refuseUnknown(object: JsonObject, type: string, known: readonly string[]): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue
    const names = known.map((name) => `"${name}"`).join(', ')
    throw new RestError(
      500,
      `Unrecognized field "${key}" (class ${type}), not marked as ignorable (${known.length} known properties: ${names}])`,
    )
  }
}

function wrongType(type: string, value: unknown): RestError {
  const found = Array.isArray(value)
    ? 'Array value (token `JsonToken.START_ARRAY`)'
    : typeof value === 'object' && value !== null
      ? 'Object value (token `JsonToken.START_OBJECT`)'
      : `value ${JSON.stringify(String(value))}`
  return new RestError(500, `Cannot deserialize value of type \`${type}\` from ${found}`)
}
