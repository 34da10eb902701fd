/**
 * What stamps records with the time at which they pass: TimestampNow the record itself, TimestampNowField its fields.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.TimestampNow and
 * TimestampNowField.
 */
import {
  configDef,
  defineTransform,
  Instant,
  keyAndValue,
  list,
  Struct,
  timestampName,
  timestampSchema,
  type PartTransform,
} from '../../index.ts'
import { copyMembers, setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { derived, structOrMap } from './struct-or-map.ts'

const pack = 'com.github.jcustenborder.kafka.connect.transform.common'

export const timestampNow = defineTransform({
  name: `${pack}.TimestampNow`,
  doc: 'Gives a record the time at which it passes as its timestamp.',
  config: configDef({}),
  create: () => ({ apply: (record) => record.with({ timestamp: Date.now() }) }),
})

export const timestampNowField = keyAndValue({
  name: `${pack}.TimestampNowField`,
  doc: 'Puts the time at which a record passes into fields of its key or value.',
  config: configDef({
    fields: list({
      importance: 'high',
      doc: 'The fields. What is there and no Timestamp is taken out, and the new field comes last.',
    }),
  }),
  create({ fields }): PartTransform {
    const names = [...new Set(fields)]
    const updated = planCache((schema) => {
      const kept = schema.fields.filter(
        ({ name, schema: { name: type } }) => !names.includes(name) || type === timestampName,
      )
      const added = names.filter((name) => !kept.some((field) => field.name === name))
      return derived(schema, [...kept, ...added.map((name) => ({ name, schema: timestampSchema }))])
    })

    return structOrMap({
      purpose: 'adding the time',
      schema: updated,
      struct(struct) {
        const now = Date.now()
        const schema = updated(struct.schema)
        const values = schema.fields.map(({ name }) => (names.includes(name) ? now : struct.get(name)))
        return { schema, value: Struct.adopt(schema, values) }
      },
      map(members) {
        const now = new Instant(Date.now())
        const after = copyMembers(members)
        for (const name of names) setMember(after, name, now)
        return after
      },
    })
  },
})
