/**
 * ToLong makes the numbers in chosen fields int64.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.ToLong; data without a schema,
 * which the original refuses, is taken as well.
 */
import {
  configDef,
  DataError,
  Decimal,
  Float32,
  Float64,
  Int16,
  Int32,
  Int8,
  isTemporal,
  javaClassOf,
  keyAndValue,
  list,
  Schema,
  Struct,
  Values,
  type PartTransform,
} from '../../index.ts'
import { copyMembers, member, setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { derivedByName, structOrMap } from './struct-or-map.ts'

export const toLong = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.ToLong',
  doc: 'Makes the numbers in chosen fields INT64, cutting off fractions. A schema keeps its name alone.',
  config: configDef({
    fields: list({ importance: 'high', default: [], doc: 'The fields.' }),
  }),
  create({ fields }): PartTransform {
    const names = new Set(fields)
    const updated = planCache((schema) =>
      derivedByName(
        schema,
        schema.fields.map(({ name, schema }) => ({
          name,
          schema: !names.has(name) ? schema : schema.optional ? Schema.OPTIONAL_INT64 : Schema.INT64,
        })),
      ),
    )

    return structOrMap({
      purpose: 'converting to long',
      schema: updated,
      struct(struct) {
        const schema = updated(struct.schema)
        const values = struct.schema.fields.map((field) => {
          const value = struct.get(field)
          return names.has(field.name) ? longOf(field.name, value, field.schema) : value
        })
        return { schema, value: Struct.adopt(schema, values) }
      },
      map(members) {
        const after = copyMembers(members)
        for (const name of names) {
          if (Object.hasOwn(members, name)) setMember(after, name, longOf(name, member(members, name), null))
        }
        return after
      },
    })
  },
})

const numbers = [Int8, Int16, Int32, Float32, Float64, Decimal]

function longOf(name: string, value: unknown, schema: Schema | null): number | bigint | null {
  if (value === null) return null
  const isNumber =
    typeof value === 'number' || typeof value === 'bigint'
      ? schema === null || !isTemporal(schema)
      : numbers.some((number) => value instanceof number)
  if (isNumber) return Values.convertToLong(null, value)
  throw new DataError(`Field '${name}' is not a number. ${javaClassOf(value, schema)}`)
}
