import type { Decimal, Struct } from '../../index.ts'
import {
  DataError,
  dateName,
  decimalName,
  doubleText,
  entriesOf,
  timeName,
  timestampName,
  type Schema,
} from '../../index.ts'

export type ExtendedJsonMode = 'RELAXED' | 'EXTENDED' | 'STRICT'

/** How values that plain JSON does not know are written. Each gives a JSON text. */
export interface ExtendedJsonForms {
  readonly int32: (value: number) => string
  readonly int64: (value: number | bigint) => string
  readonly double: (value: number) => string
  readonly date: (epochMs: number | bigint) => string
  readonly bytes: (base64: string) => string
  readonly decimal: (text: string) => string
}

/** The three forms of MongoDB's extended JSON, spaced as its Java driver does. */
export const extendedJsonForms: Readonly<Record<ExtendedJsonMode, ExtendedJsonForms>> = {
  RELAXED: {
    int32: String,
    int64: String,
    double: (value) =>
      Number.isFinite(value) ? doubleText(value) : typed('numberDouble', doubleText(value)),
    date: (ms) => (ms >= 0 && ms <= lastMsOfYear9999 ? typed('date', isoText(ms)) : longDate(ms)),
    bytes: typedBytes,
    decimal: (text) => typed('numberDecimal', text),
  },
  EXTENDED: {
    int32: (value) => typed('numberInt', String(value)),
    int64: (value) => typed('numberLong', String(value)),
    double: (value) => typed('numberDouble', doubleText(value)),
    date: longDate,
    bytes: typedBytes,
    decimal: (text) => typed('numberDecimal', text),
  },
  STRICT: {
    int32: String,
    int64: (value) => typed('numberLong', String(value)),
    double: doubleText,
    date: (ms) => `{"$date": ${ms}}`,
    bytes: (base64) => `{"$binary": "${base64}", "$type": "00"}`,
    decimal: (text) => typed('numberDecimal', text),
  },
}

const lastMsOfYear9999 = 253_402_300_799_999

function typed(type: string, text: string): string {
  return `{"$${type}": "${text}"}`
}

function longDate(epochMs: number | bigint): string {
  return `{"$date": ${typed('numberLong', String(epochMs))}}`
}

function typedBytes(base64: string): string {
  return `{"$binary": {"base64": "${base64}", "subType": "00"}}`
}

/** As `java.time.Instant` writes a time of the years 0 to 9999: without the milliseconds where there are none. */
export function isoText(epochMs: number | bigint): string {
  const text = new Date(Number(epochMs)).toISOString()
  return text.replace('.000Z', 'Z')
}

/** A struct as extended JSON. Throws DataError where a required field is null. */
export function extendedJson(struct: Struct, forms: ExtendedJsonForms): string {
  const members = struct.schema.fields.map((field) => {
    const value = struct.get(field)
    if (value === null && !field.schema.optional && isPrimitive(field.schema)) {
      throw new DataError(`Field ${field.name} is required and null, so that it cannot become JSON`)
    }
    return `${stringJson(field.name)}: ${valueJson(field.schema, value, forms)}`
  })
  return `{${members.join(', ')}}`
}

function isPrimitive({ type }: Schema): boolean {
  return type !== 'STRUCT' && type !== 'ARRAY' && type !== 'MAP'
}

function valueJson(schema: Schema | null, value: unknown, forms: ExtendedJsonForms): string {
  if (value === null || value === undefined) return 'null'
  switch (schema?.name) {
    case decimalName:
      return forms.decimal((value as Decimal).toString())
    case dateName:
    case timeName:
    case timestampName:
      return forms.date(value as number | bigint)
    default:
  }
  switch (schema?.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return forms.int32(value as number)
    case 'INT64':
      return forms.int64(value as number | bigint)
    case 'FLOAT32':
    case 'FLOAT64':
      return forms.double(value as number)
    case 'BOOLEAN':
      return String(value)
    case 'STRING':
      return stringJson(value as string)
    case 'BYTES':
      return forms.bytes(Buffer.from(value as Uint8Array).toString('base64'))
    case 'ARRAY': {
      const items = (value as unknown[]).map((item) => valueJson(schema.valueSchema, item, forms))
      return `[${items.join(', ')}]`
    }
    case 'MAP':
      return mapJson(schema, value as object, forms)
    case 'STRUCT':
      return extendedJson(value as Struct, forms)
    case undefined:
      throw new DataError('A value without a schema cannot become extended JSON')
  }
}

function mapJson(schema: Schema, map: object, forms: ExtendedJsonForms): string {
  const members = Array.from(entriesOf(map), ([key, item]) => {
    if (typeof key !== 'string') throw new DataError('A map whose keys are no texts cannot become JSON')
    return `${stringJson(key)}: ${valueJson(schema.valueSchema, item, forms)}`
  })
  return `{${members.join(', ')}}`
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

/** Letters but modifying ones, digits, blanks, punctuation and symbols stand for themselves, within the first plane. */
const escapes = /["\\\u{10000}-\u{10ffff}]|[^\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{N}\p{Zs}\p{P}\p{S}]/gu

function stringJson(text: string): string {
  return `"${text.replace(escapes, escaped)}"`
}

function escaped(char: string): string {
  const short = shortEscapes[char]
  if (short !== undefined) return short
  let codes = ''
  for (let i = 0; i < char.length; i++) codes += `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`
  return codes
}
