/** True for records with at least one header of this name, as in Kafka's HasHeaderKey. */
import { configDef, definePredicate, nonEmpty, string } from '../index.ts'

export const hasHeaderKey = definePredicate({
  name: 'org.apache.kafka.connect.transforms.predicates.HasHeaderKey',
  doc: 'A predicate which is true for records with at least one header with the configured name.',
  config: configDef({ name: string({ importance: 'medium', validate: nonEmpty, doc: 'The header name.' }) }),
  create: ({ name }) => ({ test: ({ headers }) => headers.lastWithName(name) !== undefined }),
})
