/**
 * ConcatFields joins the texts of fields in a new one.
 *
 * Same settings and results as io.aiven.kafka.connect.transforms.ConcatFields.
 */
import {
  configDef,
  DataError,
  javaText,
  keyAndValue,
  list,
  nonEmpty,
  Schema,
  SchemaBuilder,
  string,
  Struct,
  type PartTransform,
} from '../../index.ts'
import { copyMembers, member, setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { isMap, membersOf } from './struct-or-map.ts'

export const concatFields = keyAndValue({
  name: 'io.aiven.kafka.connect.transforms.ConcatFields',
  doc: 'Joins the texts of fields in a new field. A schema keeps its fields alone.',
  config: configDef({
    'field.names': list({ importance: 'high', doc: 'The fields, in the order of their texts.' }),
    'output.field.name': string({
      importance: 'high',
      validate: nonEmpty,
      doc: 'The name of the new field.',
    }),
    'field.replace.missing': string({
      importance: 'high',
      default: '',
      doc: 'What stands for a field that is missing or null.',
    }),
    'delimiter': string({ importance: 'high', default: '', doc: 'What stands between two texts.' }),
  }),
  create(settings, which): PartTransform {
    const { 'field.names': names, 'output.field.name': output, delimiter } = settings
    const missing = settings['field.replace.missing']
    const extended = planCache((schema) => {
      const builder = SchemaBuilder.struct()
      for (const { name, schema: fieldSchema } of schema.fields) builder.field(name, fieldSchema)
      return builder.field(output, Schema.OPTIONAL_STRING).build()
    })
    const textIn = (struct: Struct, name: string): string => {
      const field = struct.schema.field(name)
      const value = field === undefined ? null : struct.get(field)
      return value === null ? missing : javaText(value, field!.schema)
    }

    return (part, record) => {
      const { value } = part
      if (value === null || value === undefined) {
        throw new DataError(`${which} Value can't be null: ${String(record)}`)
      }
      if (value instanceof Struct) {
        const schema = extended(value.schema)
        const values = value.schema.fields.map((field) => value.get(field))
        values.push(names.map((name) => textIn(value, name)).join(delimiter))
        return { schema, value: Struct.adopt(schema, values) }
      }
      if (!isMap(value)) throw new DataError(`Value type must be STRUCT or MAP: ${String(record)}`)
      const after = copyMembers(membersOf(part, 'concatenating fields'))
      const texts = names.map((name) => {
        const found = member(after, name)
        return found === null ? missing : javaText(found)
      })
      setMember(after, output, texts.join(delimiter))
      return { schema: null, value: after }
    }
  },
})
