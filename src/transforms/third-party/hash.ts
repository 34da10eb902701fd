/**
 * Hash puts the hash of a text in its place, in hexadecimal digits.
 *
 * Same settings and results as io.aiven.kafka.connect.transforms.Hash; what has no schema is hashed as well.
 */
import { createHash } from 'node:crypto'
import {
  boolean,
  configDef,
  DataError,
  encodeUtf8,
  keyAndValue,
  oneOf,
  string,
  Struct,
  type PartTransform,
} from '../../index.ts'
import { copyMembers, setMember } from '../maps.ts'
import { fieldOf } from './part-field.ts'

export const hash = keyAndValue({
  name: 'io.aiven.kafka.connect.transforms.Hash',
  doc: 'Puts the hash of a text, the whole key or value or one field there, in its place, in hexadecimal digits.',
  config: configDef({
    'field.name': string({
      importance: 'high',
      default: null,
      doc: 'The field to hash; without it the whole key or value is.',
    }),
    'skip.missing.or.null': boolean({
      importance: 'low',
      default: false,
      doc: 'Whether a record goes on as it is where the text is missing or null; it is a data error otherwise.',
    }),
    'function': string({
      importance: 'high',
      validate: oneOf('md5', 'sha1', 'sha256'),
      doc: 'The function: md5, sha1 or sha256.',
    }),
  }),
  create(
    { 'field.name': field, 'skip.missing.or.null': isSkipped, 'function': algorithm },
    which,
  ): PartTransform {
    const name = field ?? ''
    const what = name === '' ? which : `${name} in ${which}`

    return (part, record) => {
      if (name !== '' && (part.value === null || part.value === undefined)) {
        throw new DataError(`${which} can't be null if field name is specified: ${String(record)}`)
      }
      const text = fieldOf(part, name, 'hashing')
      if (text === null || text === undefined) {
        if (isSkipped) return part
        throw new DataError(`${what} can't be null or missing: ${String(record)}`)
      }
      if (typeof text !== 'string') throw new DataError(`${what} must be STRING: ${String(record)}`)
      const hashed = createHash(algorithm).update(encodeUtf8(text)).digest('hex')
      return { schema: part.schema, value: name === '' ? hashed : withField(part.value, name, hashed) }
    }
  },
})

function withField(value: unknown, name: string, text: string): unknown {
  if (value instanceof Struct) {
    const values = value.schema.fields.map(({ index }) => value.at(index))
    values[value.schema.field(name)!.index] = text
    return Struct.adopt(value.schema, values)
  }
  const changed = copyMembers(value as Readonly<Record<string, unknown>>)
  setMember(changed, name, text)
  return changed
}
