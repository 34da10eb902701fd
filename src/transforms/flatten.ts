/**
 * Flatten brings the fields of nested structs or maps to the top, under names that say where they come from.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.Flatten.
 */
import {
  configDef,
  DataError,
  Decimal,
  Instant,
  isPlainObject,
  javaClassOf,
  keyAndValue,
  Schema,
  string,
  Struct,
  type Field,
} from '../index.ts'
import { setMember, type Members } from './maps.ts'
import { planCache } from './plan-cache.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { checked, withFields, type NamedSchema } from './struct-fields.ts'

const purpose = 'flattening'

export const flatten = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.Flatten',
  doc: 'Lifts nested fields to the outermost level; their new names are the path to them. Arrays stay as they are.',
  isUniform: true,
  config: configDef({
    delimiter: string({
      importance: 'medium',
      default: '.',
      doc: 'What stands between the names on the path.',
    }),
  }),
  create({ delimiter }) {
    const plans = planCache((schema) => planFor(schema, delimiter))

    return (part) => {
      if (part.value === null || part.value === undefined) return part
      if (part.schema === null) {
        const flat = {}
        flattenMap(requireMap(part.value, purpose), '', flat, delimiter)
        return { schema: null, value: flat }
      }
      const struct = requireStruct(part, purpose)
      const { schema, root } = plans(struct.schema)
      const values = new Array<unknown>(schema.fields.length).fill(null)
      collect(struct, root, values)
      return { schema, value: Struct.adopt(schema, values) }
    }
  },
})

function flattenMap(map: Members, prefix: string, flat: Record<string, unknown>, delimiter: string): void {
  for (const key of Object.keys(map)) {
    const name = prefix === '' ? key : prefix + delimiter + key
    const value = map[key]
    if (isPlainObject(value)) flattenMap(value, name, flat, delimiter)
    else setMember(flat, name, checkedLeaf(value, name))
  }
}

function checkedLeaf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Struct) {
    throw new DataError(
      `Flatten transformation does not support class ${javaClassOf(value)} for record without schemas (for field ${name}).`,
    )
  }
  if (value instanceof Instant || value instanceof Decimal) {
    throw new DataError(
      `Flatten transformation was passed a value of type class ${javaClassOf(value)} which is not supported by Connect's data API`,
    )
  }
  return value
}

/** Where a field of a struct goes: a field of the new struct, or the fields of the struct that it holds. */
type Target =
  | { readonly source: Field; readonly to: Field }
  | { readonly source: Field; readonly nested: readonly Target[] }

function collect(struct: Struct, targets: readonly Target[], values: unknown[]): void {
  for (const target of targets) {
    if ('to' in target) {
      const value = struct.get(target.source)
      values[target.to.index] = value === null ? checked(target.to, null) : value
    } else {
      const nested = struct.at(target.source.index) as Struct | null
      if (nested !== null) collect(nested, target.nested, values)
    }
  }
}

function planFor(from: Schema, delimiter: string): { schema: Schema; root: readonly Target[] } {
  const leaves: NamedSchema[] = []
  listLeaves(
    from,
    { prefix: '', optional: from.optional, defaults: from.default as Struct | undefined },
    leaves,
    delimiter,
  )
  const schema = withFields(from, leaves)
  let next = 0
  const targetsOf = (struct: Schema): Target[] =>
    struct.fields.map((source) =>
      source.schema.type === 'STRUCT'
        ? { source, nested: targetsOf(source.schema) }
        : { source, to: schema.fields[next++]! },
    )
  return { schema, root: targetsOf(from) }
}

/** What the structs around a field hand down to it. */
interface Outer {
  readonly prefix: string
  readonly optional: boolean
  readonly defaults: Struct | undefined
}

function listLeaves(struct: Schema, outer: Outer, leaves: NamedSchema[], delimiter: string): void {
  for (const field of struct.fields) {
    const name = outer.prefix === '' ? field.name : outer.prefix + delimiter + field.name
    const optional = outer.optional || field.schema.optional
    const found = field.schema.default ?? outer.defaults?.get(field) ?? undefined
    switch (field.schema.type) {
      case 'MAP':
        throw new DataError(
          `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
        )
      case 'STRUCT':
        listLeaves(
          field.schema,
          { prefix: name, optional, defaults: found as Struct | undefined },
          leaves,
          delimiter,
        )
        break
      default:
        leaves.push({ name, schema: new Schema({ ...field.schema.parts(), optional, default: found }) })
    }
  }
}
