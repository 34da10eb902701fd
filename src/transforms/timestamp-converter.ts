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
  doc: "Turns points in time from one form into another: text, a number since 1970, or one of Connect's own types.",
  config: configDef({
    'field': string({
      importance: 'high',
      default: '',
      doc: 'The field that holds the time; empty: the whole key or value does.',
    }),
    'target.type': string({
      importance: 'high',
      validate: oneOf('string', 'unix', 'Date', 'Time', 'Timestamp'),
      doc: 'The form wanted.',
    }),
    'format': string({
      importance: 'medium',
      default: '',
      doc: "How a time is written as text, in the pattern letters of Java's SimpleDateFormat. Needed to read text, too.",
    }),
    'unix.precision': string({
      importance: 'low',
      default: 'milliseconds',
      validate: oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
      doc: 'What a number since 1970 counts.',
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
  const updated = planCache((schema) => updatedSchema(schema, name, types, replaceNulls))

  function ofMap(value: unknown): object {
    const map = copyMembers(requireMap(value, purpose))
    const found = member(map, name)
    setMember(map, name, found === null ? null : types.convertSchemaless(found))
    return map
  }

  return (part) => {
    const isNull = part.value === null || part.value === undefined
    if (part.schema === null) return isNull ? part : { schema: null, value: ofMap(part.value) }
    const struct = isNull ? null : requireStruct(part, purpose)
    const schema = updated(part.schema)
    return { schema, value: struct === null ? null : convertIn(struct, schema, name, types, replaceNulls) }
  }
}

function convertIn(
  struct: Struct,
  schema: Schema,
  name: string,
  types: TimestampTypes,
  replaceNulls: boolean,
): Struct {
  const values = new Array<unknown>(schema.fields.length)
  for (const field of struct.schema.fields) {
    const value = read(struct, field, replaceNulls)
    // A field that is no timestamp is refused even where it is null.
    const kind = field.name === name ? kindOfSchema(field.schema) : null
    if (value === null) values[field.index] = checked(schema.fields[field.index]!, null)
    else values[field.index] = kind === null ? value : types.convert(value, kind, field.schema)
  }
  return Struct.adopt(schema, values)
}

function updatedSchema(from: Schema, name: string, types: TimestampTypes, replaceNulls: boolean): Schema {
  const fields = from.fields.map((field) =>
    field.name === name ? { name, schema: types.schema(field.schema.optional) } : field,
  )
  const schema = new Schema({ ...withFields(from, fields).parts(), optional: from.optional })
  if (!(from.default instanceof Struct)) return schema
  const value = convertIn(from.default, schema, name, types, replaceNulls)
  return new Schema({ ...schema.parts(), default: value })
}
