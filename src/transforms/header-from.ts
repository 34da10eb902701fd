/**
 * HeaderFrom makes headers of fields of the key or value, and moves or copies them.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.HeaderFrom.
 */
import {
  ConfigError,
  configDef,
  DataError,
  defineTransform,
  list,
  nonEmpty,
  oneOf,
  string,
  Struct,
  type Field,
  type Headers,
  type Schema,
  type SchemaAndValue,
  type SettingsOf,
  type Transform,
} from '../index.ts'
import { copyMembers, member } from './maps.ts'
import { planCache } from './plan-cache.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { move, movedAll, read, replaceNullWithDefault, withFields, type Move } from './struct-fields.ts'

const fields = {
  'fields': list({
    importance: 'high',
    validate: nonEmpty,
    doc: 'Names of the fields that become headers.',
  }),
  'headers': list({
    importance: 'high',
    validate: nonEmpty,
    doc: 'Names of these headers, in the same order.',
  }),
  'operation': string({
    importance: 'high',
    validate: oneOf('move', 'copy'),
    doc: 'move takes the fields out of the record, copy leaves them in.',
  }),
  'replace.null.with.default': replaceNullWithDefault,
}

/** It changes two parts of a record, so it is not made by `keyAndValue`. */
export const headerFrom = { key: form('key', 'Key'), value: form('value', 'Value') }

function form(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `org.apache.kafka.connect.transforms.HeaderFrom$${suffix}`,
    doc: 'Makes headers out of fields.',
    config: configDef(fields),
    create: (settings) => create(settings, part),
  })
}

function create(settings: SettingsOf<typeof fields>, part: 'key' | 'value'): Transform {
  const { fields: names, headers: headerNames } = settings
  if (names.length !== headerNames.length) {
    throw new ConfigError(`'fields' config must have the same number of elements as 'headers' config.`)
  }
  const isMove = settings.operation === 'move'
  const purpose = isMove ? 'header move' : 'header copy'
  const replaceNulls = settings['replace.null.with.default']
  const plans = planCache((schema) => planFor(schema, names, isMove))

  function ofStruct(before: SchemaAndValue, headers: Headers): [SchemaAndValue, Headers] {
    const struct = requireStruct(before, purpose)
    const { schema, moves, sources } = plans(before.schema!)
    const values = isMove ? movedAll(struct, moves, replaceNulls) : null
    let extended = headers
    for (let i = 0; i < sources.length; i++) {
      const value = read(struct, sources[i]!, replaceNulls)
      extended = extended.add(headerNames[i]!, { schema: sources[i]!.schema, value })
    }
    return [values === null ? before : { schema, value: Struct.adopt(schema, values) }, extended]
  }

  function ofMap(before: SchemaAndValue, headers: Headers): [SchemaAndValue, Headers] {
    const map = requireMap(before.value, purpose)
    let extended = headers
    for (let i = 0; i < names.length; i++) {
      extended = extended.add(headerNames[i]!, { schema: null, value: member(map, names[i]!) })
    }
    if (!isMove) return [before, extended]
    const rest = copyMembers(map)
    for (const name of names) delete rest[name]
    return [{ schema: null, value: rest }, extended]
  }

  return {
    apply(record) {
      const before = record[part]
      const [after, headers] = (before.schema === null ? ofMap : ofStruct)(before, record.headers)
      return record.with(part === 'key' ? { key: after, headers } : { value: after, headers })
    },
  }
}

interface Plan {
  readonly schema: Schema
  readonly moves: readonly Move[]
  readonly sources: readonly Field[]
}

function planFor(schema: Schema, names: readonly string[], isMove: boolean): Plan {
  const sources = names.map((name) => {
    const field = schema.field(name)
    // Kafka Connect fails with a null pointer here.
    if (field === undefined) throw new DataError(`Field does not exist: ${name}`)
    return field
  })
  if (!isMove) return { schema, moves: [], sources }
  const rest = schema.fields.filter(({ name }) => !names.includes(name))
  const updated = withFields(schema, rest)
  return { schema: updated, moves: updated.fields.map((to, i) => move(rest[i]!, to)), sources }
}
