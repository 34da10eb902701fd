/**
 * HeaderToValue puts the values of headers into fields of the value, new ones or such as are there.
 *
 * Same settings and results as io.debezium.transforms.HeaderToValue, except that nested structs stay optional when they
 * get a field, so that a delete event may still have no row after it.
 */
import {
  ConfigError,
  configDef,
  defineTransform,
  list,
  oneOf,
  rule,
  string,
  type ConnectRecord,
  type SettingsOf,
  type Transform,
} from '../../index.ts'
import { requireStruct } from '../requirements.ts'
import { isMissing } from './envelope.ts'
import { NestedFields, type NestedField } from './nested-fields.ts'

const purpose = 'Header field insertion'

const names = (doc: string) =>
  list({
    importance: 'high',
    validate: rule('list of names without blanks', (value: readonly string[]) => {
      if (withoutLastComma(value).includes('')) return 'Empty string element(s) not permitted'
      return value.some((name) => name.includes(' ')) ? 'Element(s) containing space not permitted' : null
    }),
    doc,
  })

const fields = {
  headers: names('The headers whose values are wanted.'),
  fields: names('The fields for them, in the same order, with dots into what is nested: after.trace.'),
  operation: string({
    importance: 'high',
    validate: oneOf('move', 'copy'),
    doc: 'move takes the headers away, copy leaves them.',
  }),
}

export const headerToValue = defineTransform({
  name: 'io.debezium.transforms.HeaderToValue',
  doc: 'Puts the values of headers into fields of the value. Records without any of the headers stay as they are.',
  config: configDef(fields),
  create,
})

function create(settings: SettingsOf<typeof fields>): Transform {
  const headers = withoutLastComma(settings.headers)
  const paths = withoutLastComma(settings.fields).map((field) => field.split('.'))
  if (headers.length !== paths.length) {
    throw new ConfigError("'fields' config must have the same number of elements as 'headers' config.", {
      key: 'fields',
    })
  }
  refuseOverlaps(paths)
  const nested = new NestedFields()

  function wanted(record: ConnectRecord): NestedField[] {
    const found: NestedField[] = []
    for (const { key, schema, value } of record.headers) {
      const at = headers.indexOf(key)
      if (at >= 0) found.push({ path: paths[at]!, schema, value })
    }
    return found
  }

  return {
    apply(record) {
      if (isMissing(record.value.value)) return record
      const struct = requireStruct(record.value, purpose)
      const added = wanted(record)
      if (added.length === 0) return record
      const value = nested.addTo(struct, added)
      const kept =
        settings.operation === 'copy'
          ? record.headers
          : headers.reduce((rest, name) => rest.remove(name), record.headers)
      return record.with({ value: { schema: value.schema, value }, headers: kept })
    },
  }
}

/** Debezium does not count what is behind the last comma. */
function withoutLastComma(values: readonly string[]): readonly string[] {
  return values.at(-1) === '' ? values.slice(0, -1) : values
}

function refuseOverlaps(paths: readonly (readonly string[])[]): void {
  for (const outer of paths) {
    const inner = paths.find(
      (path) => path.length > outer.length && outer.every((step, at) => path[at] === step),
    )
    if (inner === undefined) continue
    throw new ConfigError(
      `Invalid value ${inner.join('.')} for configuration fields: it lies in ${outer.join('.')}, which is filled by a header, too`,
      { key: 'fields' },
    )
  }
}
