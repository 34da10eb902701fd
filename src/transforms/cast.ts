/**
 * Cast makes the whole key or value, or some of its fields, another primitive type.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.Cast.
 */
import {
  ConfigError,
  configDef,
  DataError,
  isTemporal,
  keyAndValue,
  list,
  Schema,
  SchemaBuilderError,
  Struct,
  validateValue,
  type PartTransform,
  type SchemaAndValue,
  type Validator,
} from '../index.ts'
import { castFrom, castSchemaless, castTargets, type Cast, type CastTarget } from './cast-value.ts'
import { javaSplit } from './java-split.ts'
import { copyMembers, member, setMember } from './maps.ts'
import { planCache } from './plan-cache.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { checked, read, replaceNullWithDefault, withFields } from './struct-fields.ts'

const purpose = 'cast types'

const validSpec: Validator = {
  description: 'list of colon-delimited pairs, e.g. foo:bar,abc:xyz',
  check(_name, value) {
    parseSpec(value as readonly string[] | null)
  },
}

export const cast = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.Cast',
  doc: 'Turns the value, or chosen fields of it, into another primitive type.',
  config: configDef({
    'spec': list({
      importance: 'high',
      validate: validSpec,
      doc: 'What becomes what: one type for the whole value, or field:type for each field. Types are int8, int16, int32, int64, float32, float64, boolean and string; bytes can only become string, as Base64.',
    }),
    'replace.null.with.default': replaceNullWithDefault,
  }),
  create({ spec, 'replace.null.with.default': replaceNulls }): PartTransform {
    const { whole, fields } = parseSpec(spec)
    return whole === undefined ? castFields(fields, replaceNulls) : castWhole(whole)
  },
})

interface Spec {
  readonly whole?: CastTarget
  readonly fields: ReadonlyMap<string, CastTarget>
}

function parseSpec(spec: readonly string[] | null): Spec {
  if (spec === null || spec.length === 0) throw invalid('Must specify at least one field to cast.')
  const fields = new Map<string, CastTarget>()
  let whole: CastTarget | undefined
  for (const mapping of spec) {
    const parts = javaSplit(mapping, ':')
    if (parts.length > 2) {
      // Kafka Connect says `renames` here, too.
      throw invalid(
        `Invalid value [${spec.join(', ')}] for configuration renames: Invalid rename mapping: ${mapping}`,
      )
    }
    if (parts.length === 0) throw invalid(`Invalid type found in casting spec: ${mapping}`)
    if (parts.length === 1) whole = targetOf(parts[0]!)
    else fields.set(parts[0]!.trim(), targetOf(parts[1]!))
  }
  if (whole !== undefined && spec.length > 1) {
    throw invalid(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    )
  }
  return whole === undefined ? { fields } : { fields, whole }
}

const otherTypes: ReadonlySet<string> = new Set(['BYTES', 'ARRAY', 'MAP', 'STRUCT'])

function targetOf(text: string): CastTarget {
  const name = text.trim()
  const upper = name.toUpperCase()
  const found = castTargets.find((target) => target === upper)
  if (found !== undefined) return found
  if (otherTypes.has(upper)) {
    throw invalid(
      `Cast transformation does not support casting to ${upper}; supported types are [${castTargets.join(', ')}]`,
    )
  }
  throw invalid(
    `Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.${upper} for configuration Invalid type found in casting spec: ${name}`,
  )
}

function invalid(message: string): ConfigError {
  return new ConfigError(message, { key: 'spec' })
}

function castWhole(target: CastTarget): PartTransform {
  const plans = planCache((schema) => wholePlan(schema, target))

  return (part) => {
    const { schema, value } = part
    if (value === null || value === undefined) return part
    if (schema === null) return { schema, value: castSchemaless(value, target) }
    const plan = plans(schema)
    return { schema: plan.schema, value: plan.cast(value) }
  }
}

function wholePlan(from: Schema, target: CastTarget): { schema: Schema; cast: Cast } {
  const { name, version, doc, parameters, optional } = from
  const schema = new Schema({ type: target, name, version, doc, parameters, optional })
  const cast = isTemporal(from) && target !== 'STRING' ? refuseNamed(name!, target) : castFrom(from, target)
  return { cast, schema: withDefault(schema, from, cast) }
}

/**
 * The name of the schema stays, so that Kafka Connect makes a value here that its converters then refuse. Such a number
 * would be taken for a date here.
 */
function refuseNamed(name: string, target: CastTarget): Cast {
  return () => {
    throw new DataError(
      `Casting a whole ${name} to ${target} gives a value that does not go with that name, which stays. ` +
        'TimestampConverter with target.type=unix gives a plain number.',
    )
  }
}

function castFields(targets: ReadonlyMap<string, CastTarget>, replaceNulls: boolean): PartTransform {
  const plans = planCache((schema) => fieldsPlan(schema, targets))

  function ofMap(value: unknown): object {
    const map = copyMembers(requireMap(value, purpose))
    for (const [name, target] of targets) {
      const found = member(map, name)
      setMember(map, name, found === null ? null : castSchemaless(found, target))
    }
    return map
  }

  function ofStruct(part: SchemaAndValue): SchemaAndValue {
    const { schema, casts } = plans(part.schema!)
    const struct = requireStruct(part, purpose)
    const values = new Array<unknown>(casts.length)
    for (const field of struct.schema.fields) {
      const { index } = field
      const value = read(struct, field, replaceNulls)
      const cast = casts[index]!
      if (value === null) values[index] = checked(schema.fields[index]!, null)
      else values[index] = cast === null ? value : cast(value)
    }
    return { schema, value: Struct.adopt(schema, values) }
  }

  return (part) => {
    if (part.value === null || part.value === undefined) return part
    return part.schema === null ? { schema: null, value: ofMap(part.value) } : ofStruct(part)
  }
}

interface FieldsPlan {
  readonly schema: Schema
  /** By the index of the field; null for those that stay as they are. */
  readonly casts: readonly (Cast | null)[]
}

function fieldsPlan(from: Schema, targets: ReadonlyMap<string, CastTarget>): FieldsPlan {
  const casts: (Cast | null)[] = []
  const fields = from.fields.map(({ name, schema }) => {
    const target = targets.get(name)
    const cast = target === undefined ? null : castFrom(schema, target)
    casts.push(cast)
    if (target === undefined || cast === null) return { name, schema }
    return {
      name,
      schema: withDefault(new Schema({ type: target, optional: schema.optional }), schema, cast),
    }
  })
  // A default of the whole struct is cast as if it were one of the fields, which always fails.
  if (from.default !== undefined) castFrom(from, 'STRING')(from.default)
  return { schema: new Schema({ ...withFields(from, fields).parts(), optional: from.optional }), casts }
}

/** With the default of the schema that it was made from. */
function withDefault(schema: Schema, from: Schema, cast: Cast): Schema {
  if (from.default === undefined) return schema
  const value = cast(from.default)
  try {
    validateValue(schema, value)
  } catch (cause) {
    throw new SchemaBuilderError('Invalid default value', { cause })
  }
  return new Schema({ ...schema.parts(), default: value })
}
