/**
 * MaskField blanks out chosen fields: numbers become 0, booleans false, strings '' - or every one becomes
 * `replacement`, cast to the field's own type.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.MaskField.
 */
import {
  configDef,
  DataError,
  Decimal,
  Float32,
  Float64,
  Instant,
  Int16,
  Int32,
  Int8,
  isIntegral,
  javaClassOf,
  keyAndValue,
  list,
  nonEmpty,
  string,
  Struct,
  Values,
  type PartTransform,
  type Schema,
} from '../index.ts'
import { copyMembers, member, setMember } from './maps.ts'
import { planCache } from './plan-cache.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { checked, read, replaceNullWithDefault } from './struct-fields.ts'

const purpose = 'mask fields'

export const maskField = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.MaskField',
  doc: 'Blanks out fields: numbers become 0, booleans false, texts empty, and so on, or each becomes a replacement.',
  isUniform: true,
  config: configDef({
    'fields': list({ importance: 'high', validate: nonEmpty, doc: 'Names of the fields to blank out.' }),
    'replacement': string({
      importance: 'low',
      default: null,
      validate: nonEmpty,
      doc: 'What numbers and texts become instead; it must be readable as the type of the field.',
    }),
    'replace.null.with.default': replaceNullWithDefault,
  }),
  create({ fields, replacement, 'replace.null.with.default': replaceNulls }): PartTransform {
    const mask = (value: unknown, schema: Schema | null) =>
      replacement === null ? emptyLike(value, schema) : replacementLike(value, schema, replacement)
    const masked = planCache((schema) => schema.fields.map(({ name }) => fields.includes(name)))

    return (part) => {
      if (part.schema === null) {
        const map = copyMembers(requireMap(part.value, purpose))
        for (const name of fields) {
          const value = member(map, name)
          setMember(map, name, value === null ? null : mask(value, null))
        }
        return { schema: null, value: map }
      }
      const struct = requireStruct(part, purpose)
      const { schema } = struct
      const isMasked = masked(schema)
      const values = new Array<unknown>(isMasked.length)
      for (const field of schema.fields) {
        const value = read(struct, field, replaceNulls)
        if (value === null) values[field.index] = checked(field, null)
        else values[field.index] = isMasked[field.index] ? mask(value, field.schema) : value
      }
      return { schema, value: Struct.adopt(schema, values) }
    }
  },
})

/** What stands for nothing in the type of the value. */
function emptyLike(value: unknown, schema: Schema | null): unknown {
  switch (typeof value) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'bigint':
      return 0
    case 'number':
      return schema !== null || isIntegral(value) ? 0 : new Float64(0)
    default:
  }
  if (value instanceof Decimal) return new Decimal(0n, 0)
  for (const wrapper of wrappers) if (value instanceof wrapper) return new wrapper(0)
  switch (javaClassOf(value, schema)) {
    case 'java.util.ArrayList':
      return []
    case 'java.util.HashMap':
      return value instanceof Map ? new Map() : {}
    default:
      throw new DataError(`Cannot mask value of type: class ${javaClassOf(value, schema)}`)
  }
}

const wrappers = [Int8, Int16, Int32, Float32, Float64, Instant] as const

/** The replacement in the type of the value. Throws DataError where it is none of that type. */
function replacementLike(value: unknown, schema: Schema | null, replacement: string): unknown {
  const javaClass = javaClassOf(value, schema)
  const isBare = schema !== null
  switch (javaClass) {
    case 'java.lang.String':
      return replacement
    case 'java.lang.Byte':
      return boxed(Values.convertToByte(null, replacement)!, isBare ? null : Int8)
    case 'java.lang.Short':
      return boxed(Values.convertToShort(null, replacement)!, isBare ? null : Int16)
    case 'java.lang.Integer':
      return boxed(Values.convertToInteger(null, replacement)!, isBare ? null : Int32)
    case 'java.lang.Long':
      return Values.convertToLong(null, replacement)
    case 'java.lang.Float':
      return boxed(Values.convertToFloat(null, replacement)!, isBare ? null : Float32)
    case 'java.lang.Double': {
      const double = Values.convertToDouble(null, replacement)!
      return boxed(double, isBare || !isIntegral(double) ? null : Float64)
    }
    case 'java.math.BigDecimal':
      return decimalOf(replacement)
    default:
      throw new DataError(`Cannot mask value of type class ${javaClass} with custom replacement.`)
  }
}

function boxed(value: number, wrapper: (new (value: number) => object) | null): unknown {
  return wrapper === null ? value : new wrapper(value)
}

function decimalOf(replacement: string): Decimal {
  try {
    return Decimal.parse(replacement)
  } catch (cause) {
    throw new DataError(`Unable to convert ${replacement} (class java.lang.String) to number`, { cause })
  }
}
