/**
 * ExtractField puts one field of the key or value in its place. With `field.syntax.version=V2` the field may lie deeper.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.ExtractField.
 */
import { configDef, keyAndValue, oneOfIgnoringCase, string, type PartTransform } from '../index.ts'
import { FieldPath } from './field-path.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { replaceNullWithDefault } from './struct-fields.ts'

const purpose = 'field extraction'

export const extractField = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.ExtractField',
  doc: 'Puts one field of the key or value in place of the whole. A null stays null.',
  isUniform: true,
  config: configDef({
    'field': string({
      importance: 'medium',
      doc: 'The field that is wanted; a path with field.syntax.version=V2.',
    }),
    'replace.null.with.default': replaceNullWithDefault,
    'field.syntax.version': string({
      importance: 'high',
      default: 'V1',
      validate: oneOfIgnoringCase('V1', 'V2'),
      doc: 'V1: the name of a field of the outermost level. V2: a path through nested levels, its steps separated by dots, names that hold dots between backticks.',
    }),
  }),
  create({
    field,
    'field.syntax.version': version,
    'replace.null.with.default': replaceNulls,
  }): PartTransform {
    const path = new FieldPath(field, version.toUpperCase() as 'V1' | 'V2')

    return (part) => {
      const { schema, value } = part
      const isNull = value === null || value === undefined
      if (schema === null) {
        return { schema, value: isNull ? null : path.valueInMap(requireMap(value, purpose)) }
      }
      const struct = isNull ? null : requireStruct(part, purpose)
      const found = path.fieldIn(schema)
      // Java's IllegalArgumentException.
      if (found === undefined) throw new Error(`Unknown field: ${path.text}`)
      return { schema: found.schema, value: struct === null ? null : path.valueIn(struct, replaceNulls) }
    }
  },
})
