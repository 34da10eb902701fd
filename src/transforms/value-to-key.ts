/**
 * ValueToKey makes the key of a record anew from fields of its value.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.ValueToKey.
 */
import {
  configDef,
  DataError,
  defineTransform,
  list,
  nonEmpty,
  SchemaBuilder,
  Struct,
  type Schema,
  type SchemaAndValue,
} from '../index.ts'
import { member, setMember } from './maps.ts'
import { planCache } from './plan-cache.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { move, movedAll, replaceNullWithDefault, type Move } from './struct-fields.ts'

const purpose = 'copying fields from value to key'

export const valueToKey = defineTransform({
  name: 'org.apache.kafka.connect.transforms.ValueToKey',
  doc: 'Makes a new key out of fields of the value.',
  config: configDef({
    'fields': list({
      importance: 'high',
      validate: nonEmpty,
      doc: 'The fields that the key has.',
    }),
    'replace.null.with.default': replaceNullWithDefault,
  }),
  create({ fields, 'replace.null.with.default': replaceNulls }) {
    const plans = planCache((schema) => planFor(schema, fields))

    function keyOf(value: SchemaAndValue): SchemaAndValue {
      if (value.schema === null) return { schema: null, value: pick(value.value, fields) }
      const struct = requireStruct(value, purpose)
      const { schema, moves } = plans(struct.schema)
      return { schema, value: Struct.adopt(schema, movedAll(struct, moves, replaceNulls)) }
    }

    return { apply: (record) => record.with({ key: keyOf(record.value) }) }
  },
})

function pick(value: unknown, names: readonly string[]): object {
  const map = requireMap(value, purpose)
  const picked = {}
  for (const name of names) setMember(picked, name, member(map, name))
  return picked
}

function planFor(from: Schema, names: readonly string[]): { schema: Schema; moves: readonly Move[] } {
  const builder = SchemaBuilder.struct()
  for (const name of names) {
    const field = from.field(name)
    if (field === undefined) throw new DataError(`Field does not exist: ${name}`)
    builder.field(name, field.schema)
  }
  const schema = builder.build()
  return { schema, moves: schema.fields.map((to) => move(from.field(to.name)!, to)) }
}
