/** True for records whose topic the pattern matches as a whole, as in Kafka's TopicNameMatches. */
import { all, configDef, definePredicate, javaPattern, nonEmpty, string, validRegex } from '../index.ts'

export const topicNameMatches = definePredicate({
  name: 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
  doc: 'A predicate which is true for records with a topic name that matches the configured regular expression.',
  config: configDef({
    pattern: string({
      importance: 'medium',
      validate: all(nonEmpty, validRegex),
      doc: "A Java regular expression for matching against the name of a record's topic.",
    }),
  }),
  create({ pattern }) {
    const { full } = javaPattern(pattern)
    return { test: ({ topic }) => full.test(topic) }
  },
})
