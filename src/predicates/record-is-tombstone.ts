/** True for records without value, as in Kafka's RecordIsTombstone. */
import { configDef, definePredicate } from '../index.ts'

export const recordIsTombstone = definePredicate({
  name: 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
  doc: 'Holds for records without a value.',
  config: configDef({}),
  create: () => ({ isUniform: true, test: ({ value }) => value.value === null || value.value === undefined }),
})
