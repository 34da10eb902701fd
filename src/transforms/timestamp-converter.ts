/**
 * TimestampConverter changes how a moment is written: as text, as a Unix time, or as one of Connect's Date, Time and
 * Timestamp.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.TimestampConverter.
 */
import {
  ConfigError,
  configDef,
  keyAndValue,
  oneOf,
  Schema,
  string,
  Struct,
  toError,
  type PartTransform,
  type SchemaAndValue,
} from '../index.ts'
import { copyMembers, member, setMember } from './maps.ts'
import { planCache } from './plan-cache.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { SimpleDateFormat } from './simple-date-format.ts'
import { checked, read, replaceNullWithDefault, withFields } from './struct-fields.ts'
import { kindOfSchema, TimestampTypes, type Precision, type TargetType } from './timestamp-types.ts'

const purpose = 'converting timestamp formats'

export const timestampConverter = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.TimestampConverter',
  doc: 'Convert timestamps between different formats such as Unix epoch, strings, and Connect Date/Timestamp types. Applies to individual fields or to the entire value.',
  config: configDef({
    'field': string({
      importance: 'high',
      default: '',
      doc: 'The field containing the timestamp, or empty if the entire value is a timestamp',
    }),
    'target.type': string({
      importance: 'high',
      validate: oneOf('string', 'unix', 'Date', 'Time', 'Timestamp'),
      doc: 'The desired timestamp representation: string, unix, Date, Time, or Timestamp',
    }),
    'format': string({
      importance: 'medium',
      default: '',
      doc: 'A SimpleDateFormat-compatible format for the timestamp. Used to generate the output when type=string or used to parse the input if the input is a string.',
    }),
    'unix.precision': string({
      importance: 'low',
      default: 'milliseconds',
      validate: oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
      doc: 'The desired Unix precision for the timestamp: seconds, milliseconds, microseconds, or nanoseconds. Used to generate the output when type=unix or used to parse the input if the input is a Long. Note: This SMT will cause precision loss during conversions from, and to, values with sub-millisecond components.',
    }),
    'replace.null.with.default': replaceNullWithDefault,
  }),
  create(settings): PartTransform {
    const { field, format, 'replace.null.with.default': replaceNulls } = settings
    const types = new TimestampTypes({
      target: settings['target.type'] as TargetType,
      precision: settings['unix.precision'] as Precision,
      pattern: format,
      format: formatOf(format, settings['target.type']),
    })
    return field === '' ? convertWhole(types) : convertField(types, field, replaceNulls)
  },
})

function formatOf(pattern: string, target: string): SimpleDateFormat | null {
  if (pattern.trim() === '') {
    if (target !== 'string') return null
    throw new ConfigError(
      'TimestampConverter requires format option to be specified when using string timestamps',
      { key: 'format' },
    )
  }
  try {
    return new SimpleDateFormat(pattern)
  } catch (cause) {
    throw new ConfigError(
      `Invalid value java.lang.IllegalArgumentException: ${toError(cause).message} for configuration TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern}`,
      { key: 'format', cause },
    )
  }
}

function convertWhole(types: TimestampTypes): PartTransform {
  return ({ schema, value }) => {
    const isNull = value === null || value === undefined
    if (schema === null) return { schema, value: isNull ? null : types.convertSchemaless(value) }
    const kind = kindOfSchema(schema)
    return {
      schema: types.schema(schema.optional),
      value: isNull ? null : types.convert(value, kind, schema),
    }
  }
}

function convertField(types: TimestampTypes, name: string, replaceNulls: boolean): PartTransform {
  const plans = planCache((schema) => planFor(schema, name, types))

  function ofMap(value: unknown): object {
    const map = copyMembers(requireMap(value, purpose))
    const found = member(map, name)
    setMember(map, name, found === null ? null : types.convertSchemaless(found))
    return map
  }

  function ofStruct(part: SchemaAndValue): SchemaAndValue {
    const { schema, convert } = plans(part.schema!)
    if (part.value === null || part.value === undefined) return { schema, value: null }
    const struct = requireStruct(part, purpose)
    const values = new Array<unknown>(schema.fields.length)
    for (const field of struct.schema.fields) {
      const value = read(struct, field, replaceNulls)
      const to = schema.fields[field.index]!
      if (value === null) values[field.index] = checked(to, null)
      else values[field.index] = field.name === name ? convert(value) : value
    }
    return { schema, value: Struct.adopt(schema, values) }
  }

  return (part) => {
    if (part.schema !== null) return ofStruct(part)
    if (part.value === null || part.value === undefined) return part
    return { schema: null, value: ofMap(part.value) }
  }
}

interface Plan {
  readonly schema: Schema
  readonly convert: (value: unknown) => unknown
}

function planFor(from: Schema, name: string, types: TimestampTypes): Plan {
  let convert: Plan['convert'] = (value) => value
  const fields = from.fields.map((field) => {
    if (field.name !== name) return field
    const kind = kindOfSchema(field.schema)
    convert = (value) => types.convert(value, kind, field.schema)
    return { name, schema: types.schema(field.schema.optional) }
  })
  const schema = new Schema({ ...withFields(from, fields).parts(), optional: from.optional })
  if (!(from.default instanceof Struct)) return { schema, convert }
  const values = from.fields.map((field) => {
    const value = (from.default as Struct).get(field)
    return field.name === name && value !== null ? convert(value) : value
  })
  return { schema: new Schema({ ...schema.parts(), default: Struct.adopt(schema, values) }), convert }
}
