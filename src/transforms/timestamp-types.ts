import {
  ConnectError,
  DataError,
  dateBuilder,
  dateName,
  Instant,
  javaClassOf,
  Schema,
  timeBuilder,
  timeName,
  timestampBuilder,
  timestampName,
} from '../index.ts'
import type { SimpleDateFormat } from './simple-date-format.ts'

export type TargetType = 'string' | 'unix' | 'Date' | 'Time' | 'Timestamp'
export type Precision = 'nanoseconds' | 'microseconds' | 'milliseconds' | 'seconds'

const dayMs = 86_400_000

/** How values of the schema give a moment. Throws ConnectError where they do not. */
export function kindOfSchema(schema: Schema): TargetType {
  switch (schema.name) {
    case timestampName:
      return 'Timestamp'
    case dateName:
      return 'Date'
    case timeName:
      return 'Time'
    default:
  }
  if (schema.type === 'STRING') return 'string'
  if (schema.type === 'INT64') return 'unix'
  throw new ConnectError(`Schema ${String(schema)} does not correspond to a known timestamp type format`)
}

const schemas: Readonly<Record<TargetType, readonly [required: Schema, optional: Schema]>> = {
  string: [Schema.STRING, Schema.OPTIONAL_STRING],
  unix: [Schema.INT64, Schema.OPTIONAL_INT64],
  Date: [dateBuilder().build(), dateBuilder().optional().build()],
  Time: [timeBuilder().build(), timeBuilder().optional().build()],
  Timestamp: [timestampBuilder().build(), timestampBuilder().optional().build()],
}

export interface TimestampSettings {
  readonly target: TargetType
  readonly precision: Precision
  readonly pattern: string
  /** null: none is set, so that texts cannot be read. */
  readonly format: SimpleDateFormat | null
}

/** Reads moments in any of the forms and writes them in the one that is set. */
export class TimestampTypes {
  readonly #settings: TimestampSettings

  constructor(settings: TimestampSettings) {
    this.#settings = settings
  }

  /** The schema of what is written. */
  schema(optional: boolean): Schema {
    return schemas[this.#settings.target][optional ? 1 : 0]
  }

  /** Throws DataError where a value is not what its schema says, or not written as the pattern says. */
  convert(value: unknown, kind: TargetType, schema: Schema | null): unknown {
    return this.#written(this.#epochMs(value, kind, schema))
  }

  /** A value that speaks for itself, to one that does. Throws DataError for what gives no moment. */
  convertSchemaless(value: unknown): unknown {
    const moment = this.#written(this.#epochMs(value, kindOfValue(value), null))
    const { target } = this.#settings
    return target === 'string' || target === 'unix' ? moment : new Instant(moment as number)
  }

  #epochMs(value: unknown, kind: TargetType, schema: Schema | null): number | bigint {
    switch (kind) {
      case 'string':
        return this.#parsed(value, schema)
      case 'unix':
        if (isLong(value)) return toMs(value, this.#settings.precision)
        throw unexpected('Unix timestamp to be a Long', value, schema)
      default:
        if (isLong(value)) return value
        if (value instanceof Instant) return value.value
        throw unexpected(`${kind} to be a java.util.Date`, value, schema)
    }
  }

  #parsed(value: unknown, schema: Schema | null): number | bigint {
    if (typeof value !== 'string') throw unexpected('string timestamp to be a String', value, schema)
    const { format, pattern } = this.#settings
    // Kafka Connect fails with a null pointer here.
    if (format === null)
      throw new Error('TimestampConverter needs the option format to read string timestamps')
    const parsed = format.parse(value)
    if (parsed !== undefined) return parsed
    throw new DataError(`Could not parse timestamp: value (${value}) does not match pattern (${pattern})`)
  }

  #written(epochMs: number | bigint): unknown {
    const { target, precision, format } = this.#settings
    switch (target) {
      case 'string':
        return format!.format(epochMs)
      case 'unix':
        return fromMs(epochMs, precision)
      case 'Date':
        return startOfDay(epochMs)
      case 'Time':
        return timeOfDay(epochMs)
      case 'Timestamp':
        return epochMs
    }
  }
}

function isLong(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function kindOfValue(value: unknown): TargetType {
  switch (javaClassOf(value)) {
    case 'java.util.Date':
      return 'Timestamp'
    case 'java.lang.Long':
      return 'unix'
    case 'java.lang.String':
      return 'string'
    default:
      throw new DataError(
        `TimestampConverter does not support class ${javaClassOf(value)} objects as timestamps`,
      )
  }
}

function unexpected(what: string, value: unknown, schema: Schema | null): DataError {
  return new DataError(`Expected ${what}, but found class ${javaClassOf(value, schema)}`)
}

/** Cut towards zero where it divides, held within 64 bits where it multiplies. */
function toMs(unix: number | bigint, precision: Precision): number | bigint {
  switch (precision) {
    case 'seconds':
      return times(unix, 1000)
    case 'milliseconds':
      return unix
    case 'microseconds':
      return over(unix, 1000)
    case 'nanoseconds':
      return over(unix, 1_000_000)
  }
}

function fromMs(epochMs: number | bigint, precision: Precision): number | bigint {
  switch (precision) {
    case 'seconds':
      return over(epochMs, 1000)
    case 'milliseconds':
      return epochMs
    case 'microseconds':
      return times(epochMs, 1000)
    case 'nanoseconds':
      return times(epochMs, 1_000_000)
  }
}

function over(value: number | bigint, by: number): number | bigint {
  return typeof value === 'number' ? Math.trunc(value / by) + 0 : small(value / BigInt(by))
}

const maxLong = 2n ** 63n - 1n
const minLong = -(2n ** 63n)

function times(value: number | bigint, by: number): number | bigint {
  const product = Number(value) * by
  if (Number.isSafeInteger(product)) return product
  const exact = BigInt(value) * BigInt(by)
  return exact > maxLong ? maxLong : exact < minLong ? minLong : small(exact)
}

function small(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function timeOfDay(epochMs: number | bigint): number {
  if (typeof epochMs === 'number') return ((epochMs % dayMs) + dayMs) % dayMs
  return Number(((epochMs % 86_400_000n) + 86_400_000n) % 86_400_000n)
}

function startOfDay(epochMs: number | bigint): number | bigint {
  if (typeof epochMs === 'number') return epochMs - timeOfDay(epochMs)
  return small(BigInt.asIntN(64, epochMs - BigInt(timeOfDay(epochMs))))
}
