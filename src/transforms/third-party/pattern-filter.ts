/**
 * PatternFilter drops the records in which one of the chosen fields is a text that a pattern matches.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.PatternFilter.
 */
import {
  configDef,
  defineTransform,
  javaPattern,
  list,
  string,
  Struct,
  validRegex,
  type SchemaAndValue,
} from '../../index.ts'
import { isMap } from './struct-or-map.ts'

export const patternFilter = { key: form('key', 'Key'), value: form('value', 'Value') }

function form(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `com.github.jcustenborder.kafka.connect.transform.common.PatternFilter$${suffix}`,
    doc: 'Drops the records in which one of the chosen fields is a text that a pattern matches as a whole. What is no text, and a key or value without fields, matches nothing.',
    config: configDef({
      pattern: string({
        importance: 'high',
        validate: validRegex,
        doc: 'The pattern, a Java regular expression.',
      }),
      fields: list({ importance: 'high', default: [], doc: 'The fields to look at.' }),
    }),
    create({ pattern, fields }) {
      const { full } = javaPattern(pattern)
      const isMatch = (value: unknown) => typeof value === 'string' && full.test(value)
      return {
        apply: (record) => (fields.some((name) => isMatch(valueOf(record[part], name))) ? null : record),
      }
    },
  })
}

/** Without the default of a field, which the original does not look at. */
function valueOf({ value }: SchemaAndValue, name: string): unknown {
  if (value instanceof Struct) {
    const field = value.schema.field(name)
    return field === undefined ? null : value.at(field.index)
  }
  if (value instanceof Map) return value.get(name)
  return isMap(value) && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : null
}
