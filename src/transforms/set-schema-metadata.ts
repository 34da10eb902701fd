/**
 * SetSchemaMetadata gives the schema of the key or value another name or version.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.SetSchemaMetadata.
 */
import { ConfigError, configDef, DataError, int, keyAndValue, Schema, string, Struct } from '../index.ts'
import { planCache } from './plan-cache.ts'
import { move, movedAll, replaceNullWithDefault, type Move } from './struct-fields.ts'

export const setSchemaMetadata = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.SetSchemaMetadata',
  doc: 'Gives the schema of the key or value a name, a version, or both.',
  isUniform: true,
  config: configDef({
    'schema.name': string({ importance: 'high', default: null, doc: 'The name.' }),
    'schema.version': int({ importance: 'high', default: null, doc: 'The version.' }),
    'replace.null.with.default': replaceNullWithDefault,
  }),
  create({ 'schema.name': name, 'schema.version': version, 'replace.null.with.default': replaceNulls }) {
    if (name === null && version === null) {
      throw new ConfigError('Neither schema name nor version configured')
    }
    const plans = planCache((schema) => planFor(schema, name, version))

    return (part) => {
      const { schema, value } = part
      if (schema === null) {
        if (value === null || value === undefined) return part
        throw new DataError('Schema required for [updating schema metadata]')
      }
      const plan = plans(schema)
      if (!(value instanceof Struct)) return { schema: plan.schema, value }
      const values = movedAll(value, plan.moves, replaceNulls)
      return { schema: plan.schema, value: Struct.adopt(plan.schema, values) }
    }
  },
})

interface Plan {
  readonly schema: Schema
  readonly moves: readonly Move[]
}

function planFor(from: Schema, name: string | null, version: number | null): Plan {
  // Like Kafka Connect, this asks every schema for its fields, which only those of structs have.
  const { fields } = from
  const schema = new Schema({ ...from.parts(), name: name ?? from.name, version: version ?? from.version })
  return { schema, moves: fields.map((field) => move(field, field)) }
}
