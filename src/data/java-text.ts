import { dateText } from './java-calendar.ts'
import { doubleText, floatText } from './java-numbers.ts'
import { dateName, timeName, timestampName } from './logical-names.ts'
import type { Schema } from './schema.ts'

/**
 * The text that Java's `toString` gives for a Connect value: what StringConverter and FileStreamSink write.
 * Java knows a number by its class; here the schema says what it is.
 */
export function javaText(value: unknown, schema: Schema | null = null): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return numberText(value, schema)
    case 'object':
      return value === null ? 'null' : objectText(value, schema)
    default:
      return String(value)
  }
}

function numberText(value: number, schema: Schema | null): string {
  if (schema === null)
    return Number.isInteger(value) && !Object.is(value, -0) ? integerText(value) : doubleText(value)
  if (schema.name === timestampName || schema.name === dateName || schema.name === timeName)
    return dateText(value)
  if (schema.type === 'FLOAT64') return doubleText(value)
  return schema.type === 'FLOAT32' ? floatText(value) : integerText(value)
}

function integerText(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString()
}

function objectText(value: object, schema: Schema | null): string {
  if (Array.isArray(value)) {
    const itemSchema = schema?.type === 'ARRAY' ? schema.valueSchema : null
    return `[${value.map((item) => javaText(item, itemSchema)).join(', ')}]`
  }
  if (value instanceof Uint8Array) return `[B@${identityOf(value).toString(16)}`
  if (value instanceof Map || isPlain(value)) {
    const isMap = schema?.type === 'MAP'
    const keySchema = isMap ? schema.keySchema : null
    const valueSchema = isMap ? schema.valueSchema : null
    const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value)
    return `{${entries.map(([key, item]) => `${javaText(key, keySchema)}=${javaText(item, valueSchema)}`).join(', ')}}`
  }
  // Struct, Decimal and the wrappers print themselves as Java does.
  return (value as { toString(): string }).toString()
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const identities = new WeakMap<object, number>()
let lastIdentity = 0x1b28cdfa

/** Arrays have no text of their own in Java, only an identity: some number, the same for the same array. */
function identityOf(array: object): number {
  const known = identities.get(array)
  if (known !== undefined) return known
  lastIdentity = (lastIdentity * 1103515245 + 12345) & 0x7fffffff
  identities.set(array, lastIdentity)
  return lastIdentity
}
