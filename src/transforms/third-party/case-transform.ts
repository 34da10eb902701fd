/**
 * CaseTransform writes the texts of chosen fields in upper or lower case.
 *
 * Same settings and results as io.aiven.kafka.connect.transforms.CaseTransform.
 */
import {
  configDef,
  DataError,
  isPlainObject,
  javaText,
  keyAndValue,
  list,
  oneOfIgnoringCase,
  string,
  Struct,
  type PartTransform,
} from '../../index.ts'
import { copyMembers, member, setMember } from '../maps.ts'

export const caseTransform = keyAndValue({
  name: 'io.aiven.kafka.connect.transforms.CaseTransform',
  doc: 'Writes the texts of chosen fields in upper or lower case. A null stays null.',
  config: configDef({
    'field.names': list({ importance: 'high', doc: 'The fields.' }),
    'case': string({
      importance: 'high',
      validate: oneOfIgnoringCase('lower', 'upper'),
      doc: 'lower or upper.',
    }),
  }),
  create({ 'field.names': names, 'case': wanted }, which): PartTransform {
    const isUpper = wanted.toLowerCase() === 'upper'
    const change = (value: unknown) => {
      const text = javaText(value)
      return isUpper ? text.toUpperCase() : text.toLowerCase()
    }

    return (part, record) => {
      const { schema, value } = part
      if (value === null || value === undefined) {
        throw new DataError(`${which} Value can't be null: ${String(record)}`)
      }
      if (value instanceof Struct) {
        const changed = new Struct(value.schema)
        for (const field of value.schema.fields) {
          const found = value.get(field)
          changed.put(field, found !== null && names.includes(field.name) ? change(found) : found)
        }
        return { schema: value.schema, value: changed }
      }
      if (!isPlainObject(value)) throw new DataError(`Value type must be STRUCT or MAP: ${String(record)}`)
      const changed = copyMembers(value)
      for (const name of names) {
        const found = member(value, name)
        if (found !== null) setMember(changed, name, change(found))
      }
      return { schema, value: changed }
    }
  },
})
