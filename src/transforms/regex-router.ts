/**
 * RegexRouter renames the topic of a record: what the whole topic name matches is replaced.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.RegexRouter.
 */
import { configDef, defineTransform, javaPattern, javaReplacement, string, validRegex } from '../index.ts'

/** How many topics are remembered with their new names. */
const maxKnown = 1000

export const regexRouter = defineTransform({
  name: 'org.apache.kafka.connect.transforms.RegexRouter',
  doc: 'Renames the topic of a record where a pattern matches the whole name.',
  config: configDef({
    regex: string({
      importance: 'high',
      validate: validRegex,
      doc: 'The pattern, a Java regular expression.',
    }),
    replacement: string({
      importance: 'high',
      doc: 'The new name; $1 and ${name} stand for groups of the pattern.',
    }),
  }),
  create({ regex, replacement }) {
    const pattern = javaPattern(regex)
    const replace = javaReplacement(replacement, pattern)
    const rename = (topic: string): string => {
      if (!pattern.full.test(topic)) return topic
      // Kafka Connect searches again: the first match may be shorter than the whole.
      const match = pattern.find.exec(topic)!
      return topic.slice(0, match.index) + replace(match) + topic.slice(match.index + match[0].length)
    }
    const known = new Map<string, string>()
    return {
      isUniform: true,
      apply(record) {
        let topic = known.get(record.topic)
        if (topic === undefined) {
          topic = rename(record.topic)
          if (known.size >= maxKnown) known.clear()
          known.set(record.topic, topic)
        }
        return topic === record.topic ? record : record.with({ topic })
      },
    }
  },
})
