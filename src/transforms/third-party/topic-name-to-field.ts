/**
 * TopicNameToField puts the name of the topic into a new field of the key or value.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.TopicNameToField. A default of
 * the whole struct is left out, where the original fails.
 */
import { configDef, keyAndValue, SchemaBuilder, string, Struct, type PartTransform } from '../../index.ts'
import { copyMembers, setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { derived, structOrMap } from './struct-or-map.ts'

const topicSchema = new SchemaBuilder('STRING').doc('Topic name').build()

export const topicNameToField = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.TopicNameToField',
  doc: 'Puts the name of the topic into a new field.',
  config: configDef({ field: string({ importance: 'high', doc: 'The name of the field.' }) }),
  create({ field: name }): PartTransform {
    const extended = planCache((schema) => derived(schema, [...schema.fields, { name, schema: topicSchema }]))

    return structOrMap({
      purpose: 'adding the topic',
      schema: extended,
      struct(struct, { topic }) {
        const schema = extended(struct.schema)
        const values = struct.schema.fields.map((field) => struct.get(field))
        return { schema, value: Struct.adopt(schema, [...values, topic]) }
      },
      map(members, { topic }) {
        const after = copyMembers(members)
        setMember(after, name, topic)
        return after
      },
    })
  },
})
