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
  doc: 'Extracts the specified field from a Struct when schema present, or a Map in the case of schemaless data. Any null values are passed through unmodified.',
  config: configDef({
    'field': string({ importance: 'medium', doc: 'Field name to extract.' }),
    'field.syntax.version': string({
      importance: 'high',
      default: 'V1',
      validate: oneOfIgnoringCase('V1', 'V2'),
      doc: 'Defines the version of the syntax to access fields. If set to V1, then the field paths are limited to access the elements at the root level of the struct or map. If set to V2, the syntax will support accessing nested elements. To access nested elements, dotted notation is used. If dots are already included in the field name, then backtick pairs can be used to wrap field names containing dots.',
    }),
    'replace.null.with.default': replaceNullWithDefault,
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
