/** True for records with at least one header of this name, as in Kafka's HasHeaderKey. */
import { configDef, definePredicate, nonEmpty, string } from '../index.ts'

export const hasHeaderKey = definePredicate({
  name: 'org.apache.kafka.connect.transforms.predicates.HasHeaderKey',
  doc: 'Holds for records that have a header of this name.',
  config: configDef({
    name: string({ importance: 'medium', validate: nonEmpty, doc: 'Name of the header.' }),
  }),
  create: ({ name }) => ({
    isUniform: true,
    test: ({ headers }) => headers.lastWithName(name) !== undefined,
  }),
})
