/**
 * FilterByFieldValue keeps the records in which a field has a given value or one that a pattern finds something in.
 *
 * Same settings as io.aiven.kafka.connect.transforms.FilterByFieldValue. Numbers are equal whatever their width, and a
 * missing field is no match, where the original compares Java objects and fails with a null pointer.
 */
import {
  boolean,
  ConfigError,
  configDef,
  defineTransform,
  javaPattern,
  nullOr,
  string,
  Struct,
  validRegex,
  Values,
  type Schema,
} from '../../index.ts'
import { plainValue } from '../plain-values.ts'
import { fieldOf } from './part-field.ts'

export const filterByFieldValue = { key: form('key', 'Key'), value: form('value', 'Value') }

function form(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `io.aiven.kafka.connect.transforms.FilterByFieldValue$${suffix}`,
    doc: 'Keeps the records whose key or value, or a field there, has a given value or matches a pattern, or those that do not.',
    config: configDef({
      'field.name': string({
        importance: 'high',
        default: null,
        doc: 'The field to look at; without it the whole key or value is.',
      }),
      'field.value': string({
        importance: 'high',
        default: null,
        doc: 'The value that matches. Either this or field.value.pattern has to be given.',
      }),
      'field.value.pattern': string({
        importance: 'high',
        default: null,
        validate: nullOr(validRegex),
        doc: 'The pattern that is looked for anywhere in the text of the value.',
      }),
      'field.value.matches': boolean({
        importance: 'medium',
        default: true,
        doc: 'Whether the records that match are kept (true) or all others (false).',
      }),
    }),
    create(settings) {
      const name = settings['field.name'] ?? ''
      const matches = matcher(settings['field.value'], settings['field.value.pattern'])
      const isKept = settings['field.value.matches']
      return {
        apply(record) {
          const { schema, value } = record[part]
          if (value === null || value === undefined) return record
          const found = fieldOf(record[part], name, 'filtering by field value')
          const foundSchema =
            name === '' ? schema : value instanceof Struct ? value.schema.field(name)?.schema : null
          const isMatch = found !== null && found !== undefined && matches(found, foundSchema ?? null)
          return isMatch === isKept ? record : null
        },
      }
    },
  })
}

function matcher(
  text: string | null,
  pattern: string | null,
): (value: unknown, schema: Schema | null) => boolean {
  if ((text !== null) === (pattern !== null && pattern !== '')) {
    throw new ConfigError(
      'Either field.value or field.value.pattern have to be set to apply filter transform',
      {
        key: 'field.value',
      },
    )
  }
  if (text === null) {
    const { find } = javaPattern(pattern!)
    return (value, schema) => find.test(Values.convertToString(schema, value) ?? '')
  }
  const { schema, value } = Values.parseString(text)
  const expected = plainValue(value, schema)
  return (found, foundSchema) => isEqual(plainValue(found, foundSchema), expected)
}

function isEqual(a: unknown, b: unknown): boolean {
  // Between number and bigint these are exact, and === is never true.
  return isNumeric(a) && isNumeric(b) ? a <= b && a >= b : a === b
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
