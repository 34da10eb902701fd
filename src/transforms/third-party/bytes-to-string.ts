/**
 * BytesToString makes texts of bytes, of the whole key or value or of chosen fields.
 *
 * Same settings as com.github.jcustenborder.kafka.connect.transform.common.BytesToString.
 */
import { TextDecoder } from 'node:util'
import {
  ConfigError,
  configDef,
  DataError,
  isPlainObject,
  javaClassOf,
  keyAndValue,
  list,
  Schema,
  string,
  Struct,
  type PartTransform,
} from '../../index.ts'
import { copyMembers, member, setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { withFields } from '../struct-fields.ts'

export const bytesToString = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.BytesToString',
  doc: 'Makes texts of bytes: of the whole key or value where it is bytes, else of chosen fields.',
  config: configDef({
    charset: string({ importance: 'high', default: 'UTF-8', doc: 'How the bytes encode the text.' }),
    fields: list({ importance: 'high', default: [], doc: 'The fields of a struct or map.' }),
  }),
  create({ charset, fields: names }, which): PartTransform {
    const decoder = decoderOf(charset)
    const textOf = (value: unknown, what: string) => {
      if (value instanceof Uint8Array) return decoder.decode(value)
      throw new DataError(`${what} should be bytes to become a text, and is ${javaClassOf(value)}`)
    }
    const updated = planCache((schema) =>
      withFields(
        schema,
        schema.fields.map(({ name, schema: old }) => ({
          name,
          schema: names.includes(name) && old.type === 'BYTES' ? textSchema(old) : old,
        })),
      ),
    )

    return (part, record) => {
      const { schema, value } = part
      if (value === null || value === undefined) {
        return schema?.type === 'BYTES' ? { schema: textSchema(schema), value: null } : part
      }
      if (value instanceof Struct) {
        const plan = updated(value.schema)
        const values = plan.fields.map(({ name, index }) => {
          const found = value.at(index)
          return names.includes(name) && found !== null ? textOf(found, `Field ${name}`) : found
        })
        return { schema: plan, value: Struct.adopt(plan, values) }
      }
      if (!isPlainObject(value)) {
        const text = textOf(value, `The ${which} of a record of topic ${record.topic}`)
        return { schema: schema === null ? null : textSchema(schema), value: text }
      }
      const changed = copyMembers(value)
      for (const name of names) {
        const found = member(value, name)
        if (found !== null) setMember(changed, name, textOf(found, `Field ${name}`))
      }
      return { schema, value: changed }
    }
  },
})

function textSchema({ optional }: Schema): Schema {
  return optional ? Schema.OPTIONAL_STRING : Schema.STRING
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset, { ignoreBOM: true })
  } catch (cause) {
    throw new ConfigError(`Invalid value ${charset} for configuration charset: it is not known`, {
      key: 'charset',
      cause,
    })
  }
}
