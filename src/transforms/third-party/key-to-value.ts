/**
 * KeyToValue copies the key, or fields of it, into fields of the value.
 *
 * Same settings and results as io.aiven.kafka.connect.transforms.KeyToValue; a missing key is a data error, where the
 * original fails with a null pointer, and an empty name among `value.fields` stands for the one that the key has.
 */
import {
  ConfigError,
  configDef,
  DataError,
  defineTransform,
  javaClassOf,
  list,
  Struct,
  Values,
  type ConnectRecord,
  type Schema,
  type SchemaAndValue,
} from '../../index.ts'
import { copyMembers, member, setMember, type Members } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { bound } from './bound.ts'
import { derived, isMap, membersOf, unbound } from './struct-or-map.ts'

const wholeKey = '*'
const purpose = 'copying the key to the value'

export const keyToValue = defineTransform({
  name: 'io.aiven.kafka.connect.transforms.KeyToValue',
  doc: 'Copies the key, or fields of it, into fields of the value, which has to be a struct or a map. A field that is there already is replaced.',
  config: configDef({
    'key.fields': list({
      importance: 'high',
      doc: 'The fields of the key; * stands for the whole key.',
    }),
    'value.fields': list({
      importance: 'high',
      default: [],
      doc: 'Names of the fields in the value, in the same order. Where there is none it is that of the field in the key, and _key for the whole one.',
    }),
  }),
  create({ 'key.fields': keyFields, 'value.fields': valueFields }) {
    const copies = copiesOf(keyFields, valueFields)
    const areNamed = [...copies.values()].some((from) => from !== wholeKey)
    // One cache for each schema of keys: plans depend on both.
    const plansOf = planCache((keySchema) =>
      planCache((valueSchema) => mergedSchema(keySchema, valueSchema, copies)),
    )
    const unboundOf = planCache((keySchema) => unbound(keySchema))

    return {
      apply(record) {
        const { key, value } = record
        if (areNamed && !(key.value instanceof Struct) && !(key.schema === null && isMap(key.value))) {
          throw new DataError(
            `Named key fields [${[...copies.values()].join(', ')}] cannot be copied from the key of a record of topic ${record.topic}: it is ${found(key)}`,
          )
        }
        if (value.value instanceof Struct) {
          const after = intoStruct(value.value, key, record)
          return record.with({ value: after })
        }
        if (value.schema !== null || !isMap(value.value)) {
          throw new DataError(
            `The value needs to be a Struct or Map in order to append fields, and is ${found(value)} in a record of topic ${record.topic}`,
          )
        }
        return record.with({ value: { schema: null, value: intoMap(membersOf(value, purpose), key) } })
      },
    }

    function intoStruct(struct: Struct, key: SchemaAndValue, { topic }: ConnectRecord): SchemaAndValue {
      const keySchema = schemaOfKey(key, topic)
      const schema = plansOf(keySchema)(struct.schema)
      // What has a schema of its own is as that wants it already.
      const whole = key.schema === null ? bound(key.value) : key.value
      const values = schema.fields.map(({ name }) => {
        const from = copies.get(name)
        if (from === undefined) return struct.get(name)
        return from === wholeKey ? (whole ?? null) : (key.value as Struct).get(from)
      })
      const after = Struct.adopt(schema, values)
      after.validate()
      return { schema, value: after }
    }

    function intoMap(members: Members, key: SchemaAndValue): object {
      const after = copyMembers(members)
      for (const [to, from] of copies) setMember(after, to, ofKey(key, from))
      return after
    }

    function ofKey({ schema, value }: SchemaAndValue, name: string): unknown {
      if (name === wholeKey) return schema === null ? (value ?? null) : unboundOf(schema)(value ?? null)
      if (!(value instanceof Struct)) return member(value as Members, name)
      const field = value.schema.field(name)
      if (field === undefined) throw new DataError(`${name} is not a valid field name`)
      return unboundOf(field.schema)(value.get(field))
    }
  },
})

/** By the field of the value, the one of the key. */
function copiesOf(keyFields: readonly string[], valueFields: readonly string[]): Map<string, string> {
  const copies = new Map<string, string>()
  keyFields.forEach((from, i) => {
    const named = valueFields[i] || from
    const to = named === wholeKey ? '_key' : named
    if (copies.has(to)) {
      throw new ConfigError(`More than one key value is copied to the value field name '${to}'`, {
        key: 'value.fields',
      })
    }
    copies.set(to, from)
  })
  return copies
}

function schemaOfKey({ schema, value }: SchemaAndValue, topic: string): Schema {
  if (schema !== null) return schema
  const inferred = isMap(value) ? null : Values.inferSchema(value)
  if (inferred !== null) return inferred
  const what = isMap(value) ? 'a schemaless Map' : found({ schema, value })
  throw new DataError(
    `The value of a record of topic ${topic} requires a schema for what is copied from the key, but the key is ${what}`,
  )
}

function mergedSchema(key: Schema, value: Schema, copies: ReadonlyMap<string, string>): Schema {
  const schemas = new Map(value.fields.map(({ name, schema }) => [name, schema]))
  for (const [to, from] of copies) {
    const schema = from === wholeKey ? key : key.field(from)?.schema
    if (schema === undefined) throw new DataError(`Key field '${from}' not found in key schema`)
    schemas.set(to, schema)
  }
  return derived(
    value,
    Array.from(schemas, ([name, schema]) => ({ name, schema })),
  )
}

function found({ schema, value }: SchemaAndValue): string {
  return value === null || value === undefined ? 'null' : javaClassOf(value, schema)
}
