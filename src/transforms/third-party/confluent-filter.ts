/**
 * Confluent's Filter keeps or drops the records whose key or value a JSONPath finds something in.
 *
 * Same settings as io.confluent.connect.transforms.Filter, after its public documentation.
 */
import {
  configDef,
  DataError,
  defineTransform,
  oneOf,
  string,
  type SettingsOf,
  type Transform,
} from '../../index.ts'
import { plainPart } from '../plain-values.ts'
import { jsonPathSetting } from './json-path-setting.ts'

const fields = {
  'filter.condition': string({
    importance: 'high',
    doc: "The JSONPath that decides about a record: one that finds something matches, such as $[?(@.status == 'failed')] or $.order[?(@.total > 100 && @.city in ['Oslo', 'Rome'])]. A filter tests the items of an array, or a map itself. It knows ==, !=, <, <=, >, >=, =~ /pattern/i, in, nin, contains, subsetof, anyof, noneof, size, empty, !, && and ||, and a path alone for what has to exist.",
  }),
  'filter.type': string({
    importance: 'high',
    validate: oneOf('include', 'exclude'),
    doc: 'Whether the records that match are kept (include) or dropped (exclude).',
  }),
  'missing.or.null.behavior': string({
    importance: 'medium',
    default: 'fail',
    validate: oneOf('fail', 'include', 'exclude'),
    doc: 'What happens to a record that has not got, or has as null, what the path leads through: fail, include (keep it) or exclude (drop it). Fields that are missing inside of [?()] just do not match.',
  }),
}

export const confluentFilter = { key: form('key', 'Key'), value: form('value', 'Value') }

function form(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `io.confluent.connect.transforms.Filter$${suffix}`,
    doc: 'Keeps or drops records whose key or value matches a condition in JSONPath.',
    config: configDef(fields),
    create: (settings) => create(settings, part),
  })
}

function create(settings: SettingsOf<typeof fields>, part: 'key' | 'value'): Transform {
  const condition = settings['filter.condition']
  const path = jsonPathSetting('filter.condition', condition)
  const isKeptOnMatch = settings['filter.type'] === 'include'
  const onMissing = settings['missing.or.null.behavior']

  return {
    apply(record) {
      const value = plainPart(record[part], path.rootMembers)
      const found = value === null ? undefined : path.select(value)
      if (found === undefined || (path.isDefinite && found[0] === null)) {
        if (onMissing !== 'fail') return onMissing === 'include' ? record : null
        throw new DataError(
          `The ${part} of a record of topic ${record.topic} has nothing, or null, where filter.condition ${condition} leads`,
        )
      }
      return found.length > 0 === isKeptOnMatch ? record : null
    },
  }
}
