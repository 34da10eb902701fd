/**
 * NormalizeSchema brings structs of older versions of a schema to the newest version that it has seen so far.
 *
 * Same results as com.github.jcustenborder.kafka.connect.transform.common.NormalizeSchema, except that inner structs
 * come along, which the original loses, and that what has no name or version stays as it is, where it fails.
 */
import { configDef, equalSchemas, keyAndValue, Struct, type PartTransform, type Schema } from '../../index.ts'
import { checked } from '../struct-fields.ts'

export const normalizeSchema = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.NormalizeSchema',
  doc: 'Brings structs of older versions of a schema to the newest version of that name seen so far: fields that it does not have go, new ones are null or their default.',
  config: configDef({}),
  create(): PartTransform {
    const newest = new Map<string, Schema>()

    return (part) => {
      const { value } = part
      if (!(value instanceof Struct)) return part
      const { name, version } = value.schema
      if (name === null || version === null) return part
      const known = newest.get(name)
      if (known === undefined || known.version! < version) newest.set(name, value.schema)
      if (known === undefined || known.version! <= version) return part
      return { schema: known, value: projected(value, known) }
    }
  },
})

/** Throws DataError where a field has become another type, or is required and new. */
function projected(struct: Struct, schema: Schema): Struct {
  const values = schema.fields.map((to) => {
    const from = struct.schema.field(to.name)
    const found = from === undefined ? null : struct.get(from)
    if (found instanceof Struct && to.schema.type === 'STRUCT' && !equalSchemas(found.schema, to.schema)) {
      return projected(found, to.schema)
    }
    if (found === null && to.schema.default !== undefined) return null
    return checked(to, found)
  })
  return Struct.adopt(schema, values)
}
