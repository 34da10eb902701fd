import { dateName, decimalName, timeName, timestampName } from './logical-names.ts'
import type { Schema } from './schema.ts'

/** The Java class that a value would have, as messages name it. With a schema a number is what it says. */
export function javaClassOf(value: unknown, schema: Schema | null = null): string {
  switch (typeof value) {
    case 'string':
      return 'java.lang.String'
    case 'boolean':
      return 'java.lang.Boolean'
    case 'bigint':
      return 'java.lang.Long'
    case 'number':
      return numberClass(value, schema)
    case 'object':
      return value === null ? 'null' : objectClass(value)
    default:
      return typeof value
  }
}

function numberClass(value: number, schema: Schema | null): string {
  if (schema !== null && temporalNames.has(schema.name)) return 'java.util.Date'
  if (schema !== null && schema.name === decimalName) return 'java.math.BigDecimal'
  const bySchema = schema === null ? undefined : classes[schema.type]
  return (
    bySchema ?? (Number.isInteger(value) && !Object.is(value, -0) ? 'java.lang.Long' : 'java.lang.Double')
  )
}

function objectClass(value: object): string {
  if ('javaClass' in value && typeof value.javaClass === 'string') return value.javaClass
  if (Array.isArray(value)) return 'java.util.ArrayList'
  if (value instanceof Uint8Array) return '[B'
  switch (value.constructor?.name) {
    case 'Struct':
      return 'org.apache.kafka.connect.data.Struct'
    case 'Decimal':
      return 'java.math.BigDecimal'
    case undefined:
    case 'Object':
    case 'Map':
      return 'java.util.HashMap'
    default:
      return value.constructor.name
  }
}

const temporalNames: ReadonlySet<string | null> = new Set([dateName, timeName, timestampName])
const classes: Partial<Record<string, string>> = {
  INT8: 'java.lang.Byte',
  INT16: 'java.lang.Short',
  INT32: 'java.lang.Integer',
  INT64: 'java.lang.Long',
  FLOAT32: 'java.lang.Float',
  FLOAT64: 'java.lang.Double',
}
