/**
 * ExtractNestedField copies a field of an inner struct into a new field beside that struct.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.ExtractNestedField; data without
 * a schema, which the original refuses, is taken as well.
 */
import type { Schema } from '../../index.ts'
import { configDef, DataError, keyAndValue, string, Struct, type PartTransform } from '../../index.ts'
import { copyMembers, member, setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { requireMap } from '../requirements.ts'
import { checked } from '../struct-fields.ts'
import { derivedByName, structOrMap } from './struct-or-map.ts'

const purpose = 'nested field extraction'

export const extractNestedField = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.ExtractNestedField',
  doc: 'Copies a field of an inner struct into a new field beside that struct. A schema keeps its name alone.',
  config: configDef({
    'input.outer.field.name': string({
      importance: 'high',
      doc: 'The field with the inner struct: address for address.state.',
    }),
    'input.inner.field.name': string({
      importance: 'high',
      doc: 'The field in the inner struct: state for address.state.',
    }),
    'output.field.name': string({ importance: 'high', doc: 'The name of the new field.' }),
  }),
  create(settings): PartTransform {
    const { 'input.outer.field.name': outer, 'input.inner.field.name': inner } = settings
    const output = settings['output.field.name']
    const extended = planCache((schema) =>
      derivedByName(schema, [...schema.fields, { name: output, schema: innerSchema(schema, outer, inner) }]),
    )

    return structOrMap({
      purpose,
      schema: extended,
      struct(struct) {
        const schema = extended(struct.schema)
        const values = struct.schema.fields.map((field) => struct.get(field))
        const nested = struct.get(outer) as Struct | null
        values.push(checked(schema.field(output)!, nested === null ? null : nested.get(inner)))
        return { schema, value: Struct.adopt(schema, values) }
      },
      map(members) {
        const after = copyMembers(members)
        const nested = member(members, outer)
        setMember(after, output, nested === null ? null : member(requireMap(nested, purpose), inner))
        return after
      },
    })
  },
})

function innerSchema(schema: Schema, outer: string, inner: string): Schema {
  const struct = schema.field(outer)
  if (struct === undefined) throw new DataError(`Field does not exist: ${outer}`)
  if (struct.schema.type !== 'STRUCT') throw new DataError(`Field '${outer}' is not of type STRUCT`)
  const field = struct.schema.field(inner)
  if (field === undefined) throw new DataError(`Field does not exist: ${outer}.${inner}`)
  return field.schema
}
