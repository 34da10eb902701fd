import { DataError } from '../errors.ts'
import { Decimal } from './decimal.ts'
import { dateName, decimalName, timeName, timestampName } from './logical-names.ts'
import type { Schema } from './schema.ts'
import { SchemaBuilder } from './schema-builder.ts'

/** Builders for Connect's four logical types. */
export const decimalBuilder = (scale: number): SchemaBuilder =>
  new SchemaBuilder('BYTES').name(decimalName).parameter('scale', String(scale)).version(1)
export const dateBuilder = (): SchemaBuilder => new SchemaBuilder('INT32').name(dateName).version(1)
export const timeBuilder = (): SchemaBuilder => new SchemaBuilder('INT32').name(timeName).version(1)
export const timestampBuilder = (): SchemaBuilder => new SchemaBuilder('INT64').name(timestampName).version(1)

export const dateSchema: Schema = dateBuilder().build()
export const timeSchema: Schema = timeBuilder().build()
export const timestampSchema: Schema = timestampBuilder().build()
export const optionalTimestampSchema: Schema = timestampBuilder().optional().build()

/** Whether values of the schema are what Java calls a Date. */
export function isTemporal({ name }: Schema): boolean {
  return name === timestampName || name === dateName || name === timeName
}

const dayMs = 86_400_000

/** Epoch milliseconds at midnight UTC to days, as Connect's Date writes them. */
export function daysOf(epochMs: number): number {
  if (epochMs % dayMs !== 0) {
    throw new DataError('Kafka Connect Date type should not have any time fields set to non-zero values.')
  }
  return epochMs / dayMs
}

/** What Connect's Time reads from an int32. */
export function timeFromInt(ms: number): number {
  if (ms < 0 || ms > dayMs) {
    throw new DataError('Time values must use number of milliseconds greater than 0 and less than 86400000')
  }
  return ms
}

/** Milliseconds since midnight, as Connect's Time writes them. */
export function timeOfDay(ms: number): number {
  if (ms < 0 || ms > dayMs) {
    throw new DataError('Kafka Connect Time type should not have any date fields set to non-zero values.')
  }
  return ms
}

/** The bytes of a decimal, as Connect's Decimal writes them: its scale has to be that of the schema. */
export function decimalBytes(schema: Schema, value: Decimal): Buffer {
  const scale = scaleOf(schema)
  if (value.scale === scale) return value.toBytes()
  throw new DataError(
    `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
  )
}

export function decimalFromBytes(schema: Schema, bytes: Uint8Array): Decimal {
  if (bytes.length === 0) throw new DataError('Invalid bytes for Decimal field')
  return Decimal.fromBytes(bytes, scaleOf(schema))
}

/** The scale of a Decimal schema. */
export function scaleOf(schema: Schema): number {
  const scale = schema.parameters?.['scale']
  if (scale === undefined) throw new DataError('Invalid Decimal schema: scale parameter not found.')
  const parsed = Number(scale)
  if (!/^[+-]?\d+$/.test(scale) || !Number.isSafeInteger(parsed)) {
    throw new DataError('Invalid scale parameter found in Decimal schema: ')
  }
  return parsed
}
