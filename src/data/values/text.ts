import { DataError } from '../../errors.ts'
import { Decimal } from '../decimal.ts'
import { calendarFields, isoDate, isoTime } from '../java-calendar.ts'
import { javaClassOf } from '../java-class.ts'
import { javaText } from '../java-text.ts'
import { isTemporal } from '../logical-types.ts'
import type { Schema } from '../schema.ts'
import { Struct } from '../struct.ts'
import { entriesOf, isPlainObject } from '../validate.ts'
import { Float32, Float64, Instant, Int16, Int32, Int8 } from '../wrappers.ts'

/**
 * The text of a value such that `parseString` finds it again, more or less: what SimpleHeaderConverter writes. Null stays
 * null. The schema only says what a number is. Throws DataError.
 */
export function convertToString(schema: Schema | null, value: unknown): string | null {
  return value === null || value === undefined ? null : text(schema, value, false)
}

function text(schema: Schema | null, value: unknown, isEmbedded: boolean): string {
  switch (typeof value) {
    case 'string':
      return isEmbedded ? quoted(value) : value
    case 'boolean':
      return String(value)
    case 'number':
    case 'bigint':
      return schema !== null && isTemporal(schema) ? dateText(value) : javaText(value, schema)
    default:
      return value === null || value === undefined ? 'null' : objectText(schema, value, isEmbedded)
  }
}

function objectText(schema: Schema | null, value: object, isEmbedded: boolean): string {
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    return isEmbedded ? `"${base64}"` : base64
  }
  if (Array.isArray(value)) {
    const itemSchema = schema?.type === 'ARRAY' ? schema.valueSchema : null
    return `[${value.map((item) => text(itemSchema, item, true)).join(',')}]`
  }
  if (value instanceof Map || isPlainObject(value)) {
    const keySchema = schema?.type === 'MAP' ? schema.keySchema : null
    const valueSchema = schema?.type === 'MAP' ? schema.valueSchema : null
    const entry = ([key, item]: [unknown, unknown]) =>
      `${text(keySchema, key, true)}:${text(valueSchema, item, true)}`
    return `{${Array.from(entriesOf(value), entry).join(',')}}`
  }
  if (value instanceof Struct) {
    const field = ({ name, schema }: { name: string; schema: Schema }) =>
      `${quoted(name)}:${text(schema, value.get(name), true)}`
    return `{${value.schema.fields.map(field).join(',')}}`
  }
  if (value instanceof Instant) return dateText(value.value)
  if (numberClasses.some((known) => value instanceof known)) return String(value)
  const className = javaClassOf(value, schema)
  throw new DataError(`Failed to serialize unexpected value type ${className}: ${javaText(value, schema)}`)
}

const numberClasses = [Decimal, Int8, Int16, Int32, Float32, Float64]

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

/** By magnitude: a time within the first day, a date at midnight, else both. */
function dateText(epochMs: number | bigint): string {
  const fields = calendarFields(epochMs)
  if (epochMs < 86_400_000) return isoTime(fields)
  const isMidnight = typeof epochMs === 'bigint' ? epochMs % 86_400_000n === 0n : epochMs % 86_400_000 === 0
  return isMidnight ? isoDate(fields) : `${isoDate(fields)}T${isoTime(fields)}`
}
