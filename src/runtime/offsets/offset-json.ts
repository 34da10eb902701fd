import { exactNumber, readJson } from '../../config/json-reader.ts'

/**
 * JSON as Kafka Connect's JsonConverter writes it, byte for byte: no blanks, members in the order given, control
 * characters in upper-case hex. Takes the primitives of offsets: numbers, bigints, their wrappers, booleans, strings,
 * bytes and null, in maps and lists.
 */
export function offsetJson(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : text(String(value))
    default:
      return objectJson(value)
  }
}

/** Reads it back. Integers beyond 2^53 become bigint; `number` may give tokens another meaning. */
export function parseOffsetJson(json: string, number: (token: string) => unknown = exactNumber): unknown {
  return readJson(json, { number })
}

function objectJson(value: object): string {
  if (value instanceof Uint8Array) return text(Buffer.from(value).toString('base64'))
  if (Array.isArray(value)) return `[${value.map(offsetJson).join(',')}]`
  const primitive: unknown = value.valueOf()
  if (typeof primitive !== 'object') {
    // A wrapper's own text is the Java one: 10.0 for a double that is whole.
    const token =
      typeof primitive === 'number' || typeof primitive === 'bigint' ? String(value as unknown) : ''
    return /^-?\d/.test(token) ? token : offsetJson(primitive)
  }
  const entries = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value)
  return `{${entries.map(([key, item]) => `${text(key)}:${offsetJson(item)}`).join(',')}}`
}

function text(value: string): string {
  const json = JSON.stringify(value)
  if (!json.includes('\\u')) return json
  return json.replace(/\\(?:u([0-9a-f]{4})|.)/g, (escape, hex?: string) =>
    hex === undefined ? escape : `\\u${hex.toUpperCase()}`,
  )
}
