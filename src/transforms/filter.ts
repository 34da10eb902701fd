/**
 * Filter drops every record it sees: those that its predicate lets through to it.
 *
 * Same as org.apache.kafka.connect.transforms.Filter.
 */
import { configDef, defineTransform } from '../index.ts'

export const filter = defineTransform({
  name: 'org.apache.kafka.connect.transforms.Filter',
  doc: 'Drops all records, filtering them from subsequent transformations in the chain. This is intended to be used conditionally to filter out records matching (or not matching) a particular predicate.',
  config: configDef({}),
  create: () => ({ apply: () => null }),
})
