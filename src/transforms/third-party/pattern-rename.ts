/**
 * PatternRename renames the fields of the key or value whose names a pattern finds something in.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.PatternRename. A default of the
 * whole struct is left out, where the original fails.
 */
import {
  configDef,
  javaReplacement,
  keyAndValue,
  Schema,
  string,
  Struct,
  type PartTransform,
} from '../../index.ts'
import { setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { flaggedPattern, patternFlags } from './pattern-flags.ts'
import { derived, structOrMap } from './struct-or-map.ts'

export const patternRename = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.PatternRename',
  doc: 'Renames fields: what a pattern finds in a name is replaced, however often it is there.',
  config: configDef({
    'field.pattern': string({ importance: 'high', doc: 'The pattern, a Java regular expression.' }),
    'field.pattern.flags': patternFlags,
    'field.replacement': string({
      importance: 'high',
      doc: 'What stands in place of what was found; $1 and ${name} stand for groups of the pattern.',
    }),
  }),
  create({
    'field.pattern': source,
    'field.pattern.flags': flags,
    'field.replacement': replacement,
  }): PartTransform {
    const pattern = flaggedPattern('field.pattern', source, flags)
    const replace = javaReplacement(replacement, pattern)
    const everywhere = new RegExp(pattern.find, `${pattern.find.flags}g`)
    const rename = (name: string): string => {
      let renamed = ''
      let end = 0
      for (const match of name.matchAll(everywhere)) {
        renamed += name.slice(end, match.index) + replace(match)
        end = match.index + match[0].length
      }
      return renamed + name.slice(end)
    }
    const updated = planCache((schema) => {
      const fields = schema.fields.map(({ name, schema }) => ({ name: rename(name), schema }))
      // The version says which fields there are, so it goes.
      return new Schema({ ...derived(schema, fields).parts(), version: null })
    })

    return structOrMap({
      purpose: 'renaming fields',
      schema: updated,
      struct(struct) {
        const schema = updated(struct.schema)
        const values = struct.schema.fields.map((field) => struct.get(field))
        return { schema, value: Struct.adopt(schema, values) }
      },
      map(members) {
        const after = {}
        for (const name of Object.keys(members)) setMember(after, rename(name), members[name])
        return after
      },
    })
  },
})
