/** True for records whose topic the pattern matches as a whole, as in Kafka's TopicNameMatches. */
import { all, configDef, definePredicate, javaPattern, nonEmpty, string, validRegex } from '../index.ts'

export const topicNameMatches = definePredicate({
  name: 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
  doc: 'Holds for records whose topic the pattern matches as a whole.',
  config: configDef({
    pattern: string({
      importance: 'medium',
      validate: all(nonEmpty, validRegex),
      doc: 'The pattern, a Java regular expression.',
    }),
  }),
  create({ pattern }) {
    const { full } = javaPattern(pattern)
    return { isUniform: true, test: ({ topic }) => full.test(topic) }
  },
})
